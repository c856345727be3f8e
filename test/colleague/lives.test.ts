import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { ApplicationEntry, Government } from '../../src/index.js'
import { live } from './lives.js'
import { SlowLedger } from './slow-ledger.js'

/** The seed from the environment, or the first seeds. */
const SEED = Number(process.env['KIBITZ_LIFE'] ?? 0)
const LIVES = Number(process.env['KIBITZ_LIVES'] ?? 100)
/** A run with KIBITZ_LIVES shows its progress. */
const isLong = process.env['KIBITZ_LIVES'] !== undefined
const SEEDS = SEED === 0 ? Array.from({ length: LIVES }, (_, index) => index + 1) : [SEED]

describe('random lives of Colleagues', { timeout: 12_000 * SEEDS.length }, () => {
    test('stop no member, lose and repeat no entry, and end in a whole republic', async () => {
        const sums: Record<string, number> = {}
        const failures: string[] = []
        for (const seed of SEEDS) {
            try {
                for (const [name, count] of Object.entries(await live(seed))) {
                    sums[name] = (sums[name] ?? 0) + count
                }
            } catch (error) {
                failures.push(String(error))
            }
            if (isLong) {
                process.stderr.write(`life ${seed} of ${LIVES}, ${failures.length} failed\n`)
            }
        }
        assert.deepEqual(failures, [])
        if (SEED === 0) {
            for (const [name, count] of Object.entries(sums)) {
                assert.ok(count > SEEDS.length / 10, `too few ${name}: ${count}`)
            }
        }
    })
})

function entry(promise: string): ApplicationEntry {
    return { promise, publisher: 'a', immigrated: '1/0', body: { add: 1 } }
}

/** Resolves all waits. */
function settle(ends: (() => void)[]): void {
    for (const end of ends.splice(0)) {
        end()
    }
}

describe('SlowLedger reports', () => {
    const swift = { applyMs: 0, snapshotMs: 0, restoreMs: 0 }

    test('an entry that comes twice, or after a later entry', async () => {
        const ledger = new SlowLedger(swift, () => Promise.resolve())
        for (const promise of ['1/1', '1/2']) {
            await ledger.apply(entry(promise))
        }
        assert.deepEqual([ledger.complaints, ledger.values], [[], [1, 1]])
        await ledger.apply(entry('1/2'))
        ledger.governed({ promise: '1/0' } as Government)
        assert.deepEqual(ledger.complaints, ['1/2 follows 1/2', '1/0 follows 1/2'])
    })

    test('an entry that comes during another entry, or during a snapshot', async () => {
        const ends: (() => void)[] = []
        const later = (): Promise<void> => new Promise((resolve) => ends.push(resolve))
        const ledger = new SlowLedger({ ...swift, applyMs: 1, snapshotMs: 1 }, later)
        const applying = [ledger.apply(entry('1/1')), ledger.apply(entry('1/2'))]
        settle(ends)
        await Promise.all(applying)
        const snapshot = ledger.snapshot().next()
        const during = ledger.apply(entry('1/3'))
        settle(ends)
        await Promise.all([snapshot, during])
        assert.deepEqual(ledger.complaints,
            ['apply 1/2 during apply 1/1', 'apply 1/3 during snapshot'])
        ledger.isOver = true
        ledger.governed({ promise: '1/0' } as Government)
        assert.equal(ledger.complaints.length, 2)
    })
})
