import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import type { Government } from '../../src/paxos/messages/messages.js'
import { fromLines } from '../../src/recipes/lines.js'
import { chunksOf } from './chunks-of.js'
import type { LockCommand, LockLease, LockOutcome } from '../../src/recipes/lock-commands.js'
import { LockTable } from '../../src/recipes/lock-table.js'
import { Monotonic } from '../../src/base/monotonic.js'

const MEMBERS = ['a', 'b', 'c']
const ACQUIRE = {
    do: 'acquire', name: 'x', session: 's', ttl: 1000, permits: 1, waits: true, exile: false,
    locksMax: 2, waitersMax: 3
} as const

/** A step: a command of a member, or the exile of the member. */
type Step =
    | { readonly by: string, readonly command: LockCommand }
    | { readonly by: string, readonly command: null }

const text = fc.constantFrom('x', 'y')
const id = fc.constantFrom('1', '2', '3', '4', '5', '6')
const promise = fc.integer({ min: 1, max: 60 }).map((at) => `1/${at.toString(16)}`)
const command: fc.Arbitrary<LockCommand | null> = fc.oneof(
    { weight: 4, arbitrary: fc.record({
        name: text, id, waits: fc.boolean(), exile: fc.boolean(), permits: fc.constantFrom(1, 1, 2)
    }).map((some) => ({ ...ACQUIRE, ...some })) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('extend' as const), name: text, id }) },
    { weight: 4, arbitrary: fc.record({ do: fc.constant('release' as const), name: text, id }) },
    { weight: 4, arbitrary: fc.record({
        do: fc.constant('expire' as const), name: text, id, extended: promise
    }) },
    { weight: 1, arbitrary: fc.constant(null) }
)
const steps: fc.Arbitrary<Step[]> = fc.array(
    fc.record({ by: fc.constantFrom(...MEMBERS), command }), { maxLength: 60 }
) as fc.Arbitrary<Step[]>

function plain(): LockTable {
    return new LockTable({ kept: () => {}, ended: () => {} })
}

function governmentOf(ids: readonly string[], at: string): Government {
    const immigrated = { promise: Object.fromEntries(ids.map((each) => [each, '1/0'])) }
    return { promise: at, immigrated } as unknown as Government
}

/** Applies a step. An exiled member is a citizen again at once, as another incarnation. */
function applyTo(table: LockTable, { by, command: body }: Step, at: string): LockOutcome | null {
    if (body === null) {
        table.governed(governmentOf(MEMBERS.filter((each) => each !== by), at))
        return null
    }
    return table.apply({ promise: at, publisher: by, immigrated: '1/0', body })
}

async function copyOf(table: LockTable): Promise<LockTable> {
    const copy = plain()
    await copy.restore(fromLines(chunksOf(table.snapshot())))
    return copy
}

function waitersOf(table: LockTable): Map<string, string[]> {
    const locks = [...table.snapshot()] as [string, number, LockLease[], LockLease[]][]
    return new Map(locks.map(([name, , , waiters]) => [name, waiters.map((each) => each.id)]))
}

describe('the lock table', () => {
    test('keeps its invariants under every order of commands', () => {
        fc.assert(fc.property(steps, (taken) => {
            const table = plain()
            const newest = new Map<string, string>()
            for (const [index, step] of taken.entries()) {
                const at = `1/${(index + 1).toString(16)}`
                const before = waitersOf(table)
                const held = [...table.leases()].map((lease) => lease.id)
                applyTo(table, step, at)
                const locks = [...table.snapshot()] as [string, number, LockLease[], unknown[]][]
                for (const [name, permits, holders, waiters] of locks) {
                    assert.ok(holders.length <= permits)
                    assert.ok(holders.length + waiters.length > 0)
                    // A request waits only if all permits are taken.
                    assert.ok(waiters.length === 0 || holders.length === permits)
                    const given = holders.filter((lease) => lease.token === at)
                    for (const lease of given) {
                        assert.ok(Monotonic.compare(newest.get(name) ?? '0/0', lease.token) <= 0)
                        newest.set(name, lease.token)
                    }
                    // The lock goes to the first requests of the queue, in order.
                    const queue = (before.get(name) ?? []).filter((each) =>
                        !held.includes(each))
                    const taken = given.map((lease) => lease.id)
                        .filter((each) => queue.includes(each))
                    const left = queue.filter((each) => taken.includes(each)
                        || waitersOf(table).get(name)?.includes(each) === true)
                    assert.deepEqual(taken, left.slice(0, taken.length))
                }
            }
        }), { numRuns: 500 })
    })

    test('is equal after a snapshot at any step', async () => {
        await fc.assert(fc.asyncProperty(steps, fc.nat(60), async (taken, cut) => {
            let table = plain()
            const other = plain()
            for (const [index, step] of taken.entries()) {
                const at = `1/${(index + 1).toString(16)}`
                table = index === cut ? await copyOf(table) : table
                assert.deepEqual(applyTo(table, step, at), applyTo(other, step, at))
            }
            assert.deepEqual([...table.snapshot()], [...other.snapshot()])
        }), { numRuns: 200 })
    })

    test('ends the requests of a process with its expired lease, and no others', () => {
        const ended: string[] = []
        const table = new LockTable({ kept: () => {}, ended: (id) => ended.push(id) })
        const requests = [
            ['a', 'dead', '1'], ['a', 'dead', '2'], ['b', 'dead', '3'], ['a', 'new', '4'],
            ['a', 'dead', '5']
        ] as const
        for (const [index, [publisher, session, id]] of requests.entries()) {
            const body = { ...ACQUIRE, waitersMax: 9, session, id }
            table.apply({ promise: `1/${index + 1}`, publisher, immigrated: '1/0', body })
        }
        const body = { do: 'expire', name: 'x', id: '1', extended: '1/1' } as const
        table.apply({ promise: '1/9', publisher: 'c', immigrated: '1/0', body })
        assert.deepEqual([...table.leases()].map(({ id }) => id), ['3'])
        assert.deepEqual(waitersOf(table).get('x'), ['4'])
        assert.deepEqual(ended.sort(), ['1', '2', '5'])
    })

    test('ends a lease only after its last extension', () => {
        const table = plain()
        const apply = (at: string, body: LockCommand, by: string = 'a'): string =>
            table.apply({ promise: at, publisher: by, immigrated: '1/0', body }).state
        assert.equal(apply('1/1', { ...ACQUIRE, id: '1' }), 'held')
        assert.equal(apply('1/2', { ...ACQUIRE, id: '2' }, 'b'), 'waits')
        assert.equal(apply('1/3', { do: 'extend', name: 'x', id: '1' }), 'done')
        assert.equal(apply('1/4', { do: 'extend', name: 'x', id: '1' }, 'b'), 'void')
        assert.equal(apply('1/5', { do: 'expire', name: 'x', id: '1', extended: '1/1' }), 'void')
        assert.equal(apply('1/6', { do: 'release', name: 'x', id: '1' }, 'b'), 'void')
        assert.equal(apply('1/7', { do: 'expire', name: 'x', id: '1', extended: '1/3' }), 'done')
        assert.equal(apply('1/8', { do: 'extend', name: 'x', id: '1' }), 'void')
        assert.equal([...table.leases()][0]?.token, '1/7')
    })

    test('keeps its bounds', () => {
        const table = plain()
        const ask = (name: string, request: string, more: object = {}): string => table.apply({
            promise: '1/1', publisher: 'a', immigrated: '1/0',
            body: { ...ACQUIRE, name, id: request, ...more }
        }).state
        assert.equal(ask('x', '1'), 'held')
        assert.equal(ask('x', '2', { waits: false }), 'busy')
        assert.equal(ask('x', '2', { permits: 2 }), 'permits')
        assert.deepEqual(['2', '3', '4', '5'].map((each) => ask('x', each)),
            ['waits', 'waits', 'waits', 'full'])
        assert.equal(ask('y', '6'), 'held')
        assert.equal(ask('z', '7'), 'full')
    })

    test('refuses values that are no commands', () => {
        for (const value of [
            null, 1, {}, { do: 'steal', name: 'x', id: '1' }, { ...ACQUIRE, id: '' },
            { ...ACQUIRE, id: '1', ttl: 0 }, { ...ACQUIRE, id: '1', permits: 1.5 },
            { ...ACQUIRE, id: '1', name: 'x'.repeat(513) }
        ]) {
            assert.throws(() => plain().validate(value as LockCommand),
                { code: 'invalid-argument' })
        }
    })
})
