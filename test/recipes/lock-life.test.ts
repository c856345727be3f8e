import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { ApplicationEntry } from '../../src/colleague/application.js'
import type { LockCommand, LockOutcome } from '../../src/recipes/index.js'
import type { PartHost } from '../../src/recipes/part.js'
import { Locks } from '../../src/recipes/index.js'
import { type LockFindings, lockLife, type LockLifeOptions } from './lock-life.js'

/** `KIBITZ_RECIPE_SEEDS` lives of each kind; 25 in `npm test`. */
const SEEDS = Number(process.env['KIBITZ_RECIPE_SEEDS'] ?? 25)

/** The sums of the findings of several lives. */
async function sumOf(
    options: Omit<LockLifeOptions, 'seed'>, seeds: number = SEEDS
): Promise<LockFindings> {
    const sum: Record<string, number> = {}
    for (let seed = 1; seed <= seeds; seed++) {
        const found = await lockLife({ ...options, seed })
        for (const [name, count] of Object.entries(found)) {
            sum[name] = (sum[name] ?? 0) + count
        }
    }
    return sum as unknown as LockFindings
}

const NONE = { stuck: 0, overlaps: 0, fallingTokens: 0, acceptedLateWrites: 0 }

/** A lock whose end ignores the extensions of the holder. */
class HastyLocks extends Locks {
    override apply(entry: ApplicationEntry<LockCommand>): LockOutcome {
        const { body } = entry
        const lease = this.leases().find(({ id }) => id === body.id)
        return super.apply(body.do !== 'expire' || lease === undefined
            ? entry
            : { ...entry, body: { ...body, extended: lease.extended } })
    }
}

/** The same lock, and its holder does not see the end in the log. */
class DeafLocks extends HastyLocks {
    override attach(host: PartHost): void {
        super.attach(Object.create(host, { later: { value: () => {} } }) as PartHost)
    }
}

describe('the lives of locks', { timeout: 3_600_000 }, () => {
    const lives: readonly [string, Omit<LockLifeOptions, 'seed'>][] = [
        ['delays', {}],
        ['cuts, and clocks that differ by 20 %', { cuts: true, drift: 0.1 }],
        ['cuts, and three uses of each member', { cuts: true, drift: 0.1, usesAtOnce: 3 }],
        ['two permits and cuts', { cuts: true, permits: 2 }],
        ['exiles of members that run on', { cuts: true, exiles: true, drift: 0.05 }]
    ]
    for (const [name, options] of lives) {
        test(`never have two holders under ${name}`, async () => {
            const found = await sumOf(options)
            assert.deepEqual({ ...found, ...NONE, signalOverlaps: 0 }, found)
            assert.ok(found.uses > SEEDS * 10)
        })
    }

    test('never have two holders after a pause, and the resource refuses late writes', async () => {
        const found = await sumOf({ pauses: true, cuts: true, drift: 0.1 })
        assert.deepEqual({ ...found, ...NONE, signalOverlaps: 0 }, found)
        // The writes of routines that do not look at the lease after a pause.
        assert.ok(found.lateWrites > 0)
    })

    test('have two holders if an exile gives the lock at once; the token is safe', async () => {
        const found = await sumOf({ cuts: true, exiles: true, releaseOnExile: true }, 30)
        assert.ok(found.overlaps > 0)
        assert.equal(found.acceptedLateWrites, 0)
    })

    test('show an end that ignores extensions', async () => {
        const found = await sumOf({ cuts: true, make: () => new DeafLocks() }, 30)
        assert.ok(found.overlaps > 0, JSON.stringify(found))
    })

    test('end the lease when its holder applies an end that comes too early', async () => {
        const found = await sumOf({ cuts: true, make: () => new HastyLocks() }, 30)
        assert.deepEqual({ ...found, ...NONE, signalOverlaps: 0 }, found)
    })

    test('show tokens that do not rise', async () => {
        const found = await sumOf({ pauses: true, shownToken: '1/1' }, 30)
        assert.ok(found.acceptedLateWrites > 0, JSON.stringify(found))
    })

    test('show clock rates beyond the margin', async () => {
        const found = await sumOf({ cuts: true, drift: 0.4 }, 30)
        assert.ok(found.overlaps > 0, JSON.stringify(found))
    })
})
