import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Progress } from '../../../src/command/demo/progress.js'

/** A stream that keeps the written text. */
function stream(isTTY: boolean): { isTTY: boolean, text: string, write(text: string): boolean } {
    return {
        isTTY,
        text: '',
        write(text) {
            this.text += text
            return true
        }
    }
}

/** The lines that a terminal shows after this output, without the times. */
function shown(text: string): string[] {
    return text.split('\n').map((line) => line.split('\r\u001b[2K').at(-1) ?? '')
        .map((line) => line.replace(/^ *\d+\.\d s {2}/, ''))
}

describe('progress', () => {
    test('prints a line for each tenth and each event on a stream that is no terminal', () => {
        const output = stream(false)
        const progress = new Progress(output, 20)
        progress.print('it begins')
        for (let done = 1; done <= 20; done += done === 4 ? 5 : 1) {
            progress.show(done)
        }
        progress.end()
        assert.deepEqual(shown(output.text).slice(0, 4), [
            'it begins', '10 %, 2 of 20 lines', '20 %, 4 of 20 lines', '40 %, 9 of 20 lines'
        ])
        assert.match(output.text, /^ {3}0\.\d s {2}it begins\n/)
        assert.match(output.text, /100 %, 20 of 20 lines\n$/)
        assert.ok(!output.text.includes('\r'))
    })

    test('draws a bar below the events on a terminal, and erases the bar at the end', () => {
        const output = stream(true)
        const progress = new Progress(output, 4)
        progress.print('it begins')
        progress.show(1)
        const quarter = `[${'#'.repeat(7)}${'.'.repeat(23)}]  25 %  1 of 4 lines`
        assert.deepEqual(shown(output.text), ['it begins', quarter])
        progress.print('it goes on')
        assert.deepEqual(shown(output.text), ['it begins', 'it goes on', quarter])
        progress.show(4)
        const whole = `[${'#'.repeat(30)}] 100 %  4 of 4 lines`
        assert.deepEqual(shown(output.text), ['it begins', 'it goes on', whole])
        progress.end()
        assert.deepEqual(shown(output.text), ['it begins', 'it goes on', ''])
    })

    test('limits the number of drawings', () => {
        const output = stream(true)
        const progress = new Progress(output, 1_000_000)
        for (let done = 1; done <= 10_000; done++) {
            progress.show(done)
        }
        assert.ok(output.text.split('\r').length < 1000)
    })
})
