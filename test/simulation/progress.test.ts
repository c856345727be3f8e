import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Progress } from './progress.js'

/** Where progress is written to, and the clock by which it is. */
class Screen {
    readonly isTTY: boolean
    readonly columns: number
    now = 0
    text = ''

    constructor(isTTY: boolean, columns = 80) {
        this.isTTY = isTTY
        this.columns = columns
    }

    write(text: string): boolean {
        this.text += text
        return true
    }

    /** What is on a terminal after all this. */
    get shown(): string[] {
        return this.text.split('\n').map((line) => line.split('\r\u001b[2K').at(-1) ?? '')
    }
}

describe('progress', () => {
    test('is a line every ten seconds without a terminal', () => {
        const screen = new Screen(false)
        const progress = new Progress(screen, () => screen.now)
        for (let second = 1; second <= 25; second++) {
            screen.now = second * 1000
            progress.show(second / 100, () => `${second} seeds`)
        }
        progress.clear()
        assert.equal(screen.text, '10 %, 10 seeds\n20 %, 20 seeds\n')
    })

    test('is a bar on a terminal, drawn as often as anybody sees, and leaves no trace', () => {
        const screen = new Screen(true)
        const progress = new Progress(screen, () => screen.now)
        progress.show(0, () => 'no seeds')
        assert.deepEqual(screen.shown, [`[${'.'.repeat(24)}]   0 %  no seeds`])
        screen.now = 99
        progress.show(0.1, () => assert.fail('Nobody sees that.'))
        screen.now = 100
        progress.show(0.5, () => '7 seeds')
        assert.deepEqual(screen.shown, [`[${'#'.repeat(12)}${'.'.repeat(12)}]  50 %  7 seeds`])
        progress.clear()
        assert.deepEqual(screen.shown, [''])
        screen.now = 300
        progress.show(1, () => 'all seeds')
        assert.deepEqual(screen.shown, [`[${'#'.repeat(24)}] 100 %  all seeds`])
    })

    test('fits into one line of a terminal', () => {
        const screen = new Screen(true, 40)
        new Progress(screen, () => screen.now).show(0.3, () => 'words '.repeat(20))
        assert.equal(screen.text.length, 39)
        const silent = new Screen(true, 0)
        new Progress(silent, () => silent.now).show(0.3, () => 'words '.repeat(20))
        assert.equal(silent.text.length, 79)
    })
})
