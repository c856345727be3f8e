import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { readOrders, table } from './command.js'
import { ALL_FAULTS, LEADER_CUT_OFF } from './faults.js'
import { isReady } from './requirements.js'

const PROGRAM = fileURLToPath(new URL('./run.js', import.meta.url))

/** A republic takes some seconds to form, and this machine may be busy. */
const DEADLINE_MS = 300_000

describe('npm run network', { timeout: DEADLINE_MS }, () => {
    test('parses valid options', () => {
        assert.equal(readOrders(['--help']), null)
        assert.deepEqual(readOrders([]), {
            faults: ALL_FAULTS, machines: 5, minutes: 0, seed: 1, manner: 'guild',
            isList: false
        })
        const { faults = [] } = readOrders(['--only', 'star', '--minutes', '0.5']) ?? {}
        assert.deepEqual(faults.map(({ id }) => id), ['N7', 'N8'])
    })

    test('names the invalid option', () => {
        for (const [args, says] of [
            [['--only', 'nothing'], /^No fault of 5 machines is called nothing; --list /],
            [['--only', 'star', '--machines', '3'], /^No fault of 3 machines is called star; /],
            [['--minutes', 'long'], /^--minutes takes a number from 0 to 100000, not long\.$/],
            [['--minutes', ''], /^--minutes takes a number/],
            [['--machines', '4'], /odd number of seats/],
            [['--machines', '7'], /^--machines takes a number from 3 to 5, not 7\.$/],
            [['--colour'], /--colour/]
        ] as const) {
            assert.throws(() => readOrders(args), { name: 'UsageError', message: says })
        }
    })

    test('prints one summary line for each fault', () => {
        const passage = {
            fault: LEADER_CUT_OFF, befellMs: 1, servesMs: 100, wholeMs: 900, answers: 1, reigns: 1
        }
        const slower = { ...passage, servesMs: 300, wholeMs: 700 }
        const [, line, ...more] = table([passage, slower, passage]).split('\n')
        assert.match(line ?? '', /^N5 {2}the leader is cut off +3 +100 +300 +900 +900$/)
        assert.deepEqual(more, [])
    })

    test('ends with Ctrl-C and ends all its processes', async () => {
        if (!isReady()) {
            return
        }
        const child = spawn(process.execPath, [PROGRAM, '--machines', '3', '--minutes', '9'])
        const stdout = text(child.stdout)
        const stderr = text(child.stderr)
        const ended = once(child, 'exit')
        await once(child.stdout, 'data')
        child.kill('SIGINT')
        assert.deepEqual(await ended, [130, null])
        // Every process of it has this, and has ended when it closes.
        assert.equal(await stderr, '')
        assert.match(await stdout, /\d calls, \d+ entries, nothing wrong\n$/)
    })
})
