import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { DEMO_HELP, parseDemo } from '../../../src/command/demo/options.js'

describe('the arguments of kibitz demo', () => {
    test('have defaults', () => {
        assert.deepEqual(parseDemo([]), { lines: 100_000, members: 3 })
    })

    test('may stand before and after the file', () => {
        const options = { file: 'a.txt', lines: 7, members: 5 }
        assert.deepEqual(parseDemo(['--lines', '7', 'a.txt', '--members=5']), options)
        assert.deepEqual(parseDemo(['--journal', 'here', '--kill-all']),
            { lines: 100_000, members: 3, journal: 'here', killAll: true })
        assert.deepEqual(parseDemo(['--inspect']), { lines: 100_000, members: 3, inspect: true })
        assert.deepEqual(parseDemo(['-']), { file: '-', lines: 100_000, members: 3 })
        assert.deepEqual(parseDemo(['--', '--lines']), {
            file: '--lines', lines: 100_000, members: 3
        })
    })

    test('may ask for help, and the help names every option', () => {
        assert.deepEqual([parseDemo(['--help']), parseDemo(['a.txt', '-h'])], [null, null])
        for (const option of ['file', '--lines', '--members', '--inspect', '--help']) {
            assert.ok(DEMO_HELP.includes(`  ${option} `), option)
        }
    })

    for (const [args, says] of [
        [['--lines', '0'], '--lines takes a whole number from 1 to 1000000, not 0.'],
        [['--lines', '1e3'], '--lines takes a whole number from 1 to 1000000, not 1e3.'],
        [['--lines', '1000001'], '--lines takes a whole number from 1 to 1000000, not 1000001.'],
        [['--lines='], '--lines takes a whole number from 1 to 1000000, not .'],
        [['--lines'], "Option '--lines <value>' argument missing."],
        [['--members', '2'], '--members takes a whole number from 3 to 7, not 2.'],
        [['--members', 'all'], '--members takes a whole number from 3 to 7, not all.'],
        [['--rate', '1'], "Unknown option '--rate'."],
        [['-x'], "Unknown option '-x'."],
        [['a', 'b', 'c'], 'kibitz demo takes one file, not also b c.']
    ] as const) {
        test(`are rejected with a reason: ${args.join(' ')}`, () => {
            assert.throws(() => parseDemo(args), { name: 'UsageError', message: says })
        })
    }
})
