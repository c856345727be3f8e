import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import { type ApplicationEntry, Colleague } from '../../src/index.js'
import { type Condition, readinessOf } from '../../src/colleague/readiness.js'
import { MemoryJournal, MemoryStore } from '../../src/journal/memory-journal.js'
import { freePort } from '../support/free-port.js'
import { Counter } from './counter.js'
import '../support/silence.js'

const WELL: Condition = {
    hasFailed: false,
    isStopping: false,
    hasStarted: true,
    role: 'citizen',
    backlog: 0,
    isCurrent: true,
    ageMs: 0,
    leaderContactMs: 0,
    timeout: 1000,
    ping: 250
}

describe('the readiness of a member', () => {
    for (const [change, state] of [
        [{}, 'ready'],
        [{ role: 'leader' }, 'ready'],
        [{ leaderContactMs: null }, 'no-leader'],
        [{ leaderContactMs: 3000 }, 'ready'],
        [{ leaderContactMs: 3001 }, 'no-leader'],
        [{ role: 'leader', leaderContactMs: 3001 }, 'no-leader'],
        [{ leaderContactMs: 3001, timeout: 2000 }, 'ready'],
        [{ role: 'candidate' }, 'no-leader'],
        [{ isCurrent: false }, 'not-current'],
        [{ isCurrent: false, role: 'candidate' }, 'not-current'],
        [{ role: 'stranger', isCurrent: false }, 'starting'],
        [{ hasStarted: false }, 'starting'],
        [{ hasStarted: false, role: 'exile' }, 'exiled'],
        [{ ageMs: null }, 'ready'],
        [{ ageMs: 5000 }, 'ready'],
        [{ ageMs: 5001 }, 'not-current'],
        [{ ageMs: 5001, leaderContactMs: 3001 }, 'not-current'],
        [{ backlog: 50_000 }, 'ready'],
        [{ backlog: 50_001 }, 'not-current'],
        [{ role: 'exile' }, 'exiled'],
        [{ isStopping: true }, 'stopping'],
        [{ isStopping: true, role: 'exile', isCurrent: false }, 'stopping'],
        [{ hasFailed: true, isStopping: true }, 'failed']
    ] as const) {
        test(`is ${state} with ${JSON.stringify(change)}`, () => {
            assert.equal(readinessOf({ ...WELL, ...change }), state)
        })
    }
})

/** A counter that does not finish an entry `{ add: 7 }` before its release. */
class HeldCounter extends Counter {
    release: () => void = () => {}
    #released: Promise<void> = Promise.resolve()
    #begin: () => void = () => {}

    /** Holds the next entry `{ add: 7 }`. Resolves when the application receives the entry. */
    async hold(): Promise<void> {
        this.#released = new Promise((resolve) => {
            this.release = resolve
        })
        await new Promise<void>((resolve) => {
            this.#begin = resolve
        })
    }

    override apply(entry: ApplicationEntry): number {
        const { add } = entry.body as { readonly add: number }
        const total = super.apply(entry)
        if (add === 7) {
            this.#begin()
            // An application may return a promise; the type of a Counter does not show this.
            return this.#released.then(() => total) as unknown as number
        }
        return total
    }
}

test('a member that has not applied the log is not ready', { timeout: 60_000 }, async (t) => {
    const ports = [await freePort(), await freePort()] as const
    const through = ports.map((port) => `127.0.0.1:${port}`)
    const store = new MemoryStore()
    const made: Colleague<unknown, number>[] = []
    t.after(async () => {
        for (const colleague of made) {
            colleague.destroy()
        }
        await Promise.all(made.map(({ ended }) => ended))
    })
    const make = (id: string, application: Counter): Colleague<unknown, number> => {
        const journal = id === 'b' ? { journal: new MemoryJournal(store) } : {}
        const times = { ping: 50, timeout: 400 }
        const colleague = new Colleague<unknown, number>({
            islandName: 'i', colleagueId: id, application, ...times, ...journal
        })
        made.push(colleague)
        return colleague
    }
    const start = (colleague: Colleague<unknown, number>, port: number): Promise<void> =>
        colleague.start({ port, through, founders: ['a', 'b'], callTimeout: 300 })
    const probe = async (): Promise<unknown> => {
        const response = await fetch(`http://127.0.0.1:${ports[1]}/readyz`)
        return [response.status, await response.json()]
    }
    // A process that stalls is not ready for a moment.
    const becomes = async (expected: unknown): Promise<void> => {
        const end = performance.now() + 30_000
        let answer = await probe()
        while (!isDeepStrictEqual(answer, expected) && performance.now() < end) {
            answer = await probe()
        }
        assert.deepEqual(answer, expected)
    }
    const [a, b] = [make('a', new Counter()), make('b', new Counter())]
    await Promise.all([start(a, ports[0]), start(b, ports[1])])
    await a.publish({ add: 1 })
    await b.stop()
    await a.publish({ add: 7 })
    const held = new HeldCounter()
    const again = make('b', held)
    const begun = held.hold()
    const starting = start(again, ports[1])
    await begun
    // The member is in contact with the leader, and lacks an entry of its log.
    assert.deepEqual(await probe(), [503, { state: 'starting' }])
    held.release()
    await starting
    await becomes([200, { state: 'ready' }])
    // The age of the state is known: a round with the leader has begun after the start.
    await again.read({ maxStalenessMs: 60_000, timeout: 30_000 })
    const begunAgain = held.hold()
    await a.publish({ add: 7 })
    await begunAgain
    await becomes([503, { state: 'not-current' }])
    held.release()
    await again.barrier()
    await becomes([200, { state: 'ready' }])
})
