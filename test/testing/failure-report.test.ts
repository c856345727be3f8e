import assert from 'node:assert/strict'
import { type SpawnSyncReturns, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { Replayer } from '../../src/replay/replayer.js'
import { replayCheck } from '../../src/testing/replay-check.js'
import { Store } from './store.js'

const FAILING = fileURLToPath(new URL('failing-trial.js', import.meta.url))

/** The longest run of a child, in milliseconds. */
const CHILD_MS = 120_000

let base = ''
let failed: SpawnSyncReturns<string>

function run(args: readonly string[], added: object = {}): SpawnSyncReturns<string> {
    const { NODE_TEST_CONTEXT: _, ...env } = process.env
    return spawnSync(process.execPath, args, {
        encoding: 'utf8', timeout: CHILD_MS, killSignal: 'SIGKILL', env: { ...env, ...added }
    })
}

before(() => {
    base = mkdtempSync(join(tmpdir(), 'kibitz-trial-'))
    failed = run([FAILING, base])
})
after(() => rmSync(base, { recursive: true }))

describe('a failed seed', () => {
    test('leaves a folder with the message and the events', () => {
        assert.equal(failed.status, 1, failed.stderr)
        assert.match(failed.stderr, /planted[\s\S]*npx kibitz inspect .*seed-7.journals/)
        const events = readFileSync(join(base, 'seed-7', 'events.txt'), 'utf8')
        assert.match(events, /^Seed 7 found a fault[\s\S]*\d+\.\d{3} FAULT .*planted/)
    })

    test('leaves a complete journal of each member', async () => {
        const journals = join(base, 'seed-7', 'journals')
        assert.deepEqual(readdirSync(journals).slice(0, 3), ['a', 'b', 'c'])
        for (const id of readdirSync(journals)) {
            const replayer = await Replayer.from({ journal: join(journals, id) })
            let inputs = 0
            for await (const { number } of replayer.steps()) {
                inputs = number
            }
            assert.deepEqual([replayer.id, replayer.first, inputs], [id, 1, replayer.last])
        }
        const { entries } = await replayCheck(join(journals, 'a'), () => new Store())
        assert.ok(entries >= 10, `${entries} entries`)
    })

    test('leaves a test that fails until the fault is repaired', () => {
        const file = join(base, 'seed-7', 'seed-7.test.mjs')
        const again = run(['--test', '--test-reporter=tap', file])
        assert.equal(again.status, 1, again.stderr)
        assert.match(again.stdout, /not ok 1 - seed 7: workload-error[\s\S]*planted/)
        const repaired = run(['--test', file], { REPAIRED: '1' })
        assert.equal(repaired.status, 0, repaired.stdout)
    })
})
