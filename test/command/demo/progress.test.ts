import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Progress } from '../../../src/command/demo/progress.js'

/** Where progress is written to. */
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

/** What a terminal shows after all this, without the times. */
function shown(text: string): string[] {
    return text.split('\n').map((line) => line.split('\r\u001b[2K').at(-1) ?? '')
        .map((line) => line.replace(/^ *\d+\.\d s {2}/, ''))
}

describe('progress', () => {
    test('is a line for each tenth and each event where there is no terminal', () => {
        const output = stream(false)
        const progress = new Progress(output, 20)
        progress.tell('it begins')
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

    test('is a bar on a terminal, with events above it, and leaves no trace of itself', () => {
        const output = stream(true)
        const progress = new Progress(output, 4)
        progress.tell('it begins')
        progress.show(1)
        const quarter = `[${'#'.repeat(7)}${'.'.repeat(23)}]  25 %  1 of 4 lines`
        assert.deepEqual(shown(output.text), ['it begins', quarter])
        progress.tell('it goes on')
        assert.deepEqual(shown(output.text), ['it begins', 'it goes on', quarter])
        progress.show(4)
        const whole = `[${'#'.repeat(30)}] 100 %  4 of 4 lines`
        assert.deepEqual(shown(output.text), ['it begins', 'it goes on', whole])
        progress.end()
        assert.deepEqual(shown(output.text), ['it begins', 'it goes on', ''])
    })

    test('draws the bar no more often than anybody sees', () => {
        const output = stream(true)
        const progress = new Progress(output, 1_000_000)
        for (let done = 1; done <= 10_000; done++) {
            progress.show(done)
        }
        assert.ok(output.text.split('\r').length < 1000)
    })
})
