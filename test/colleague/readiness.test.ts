import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
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
    leaderContactMs: 0,
    timeout: 1000
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

/** A counter that does not finish the entry `{ add: 7 }` before its release. */
class HeldCounter extends Counter {
    release: () => void = () => {}
    /** Resolves when the application receives `{ add: 7 }`. */
    readonly begun: Promise<void>
    readonly #released: Promise<void>
    #begin: () => void = () => {}

    constructor() {
        super()
        this.begun = new Promise((resolve) => {
            this.#begin = resolve
        })
        this.#released = new Promise((resolve) => {
            this.release = resolve
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

test('a returning member is not ready before it has applied what it has missed', {
    timeout: 60_000
}, async () => {
    const ports = [await freePort(), await freePort()] as const
    const through = ports.map((port) => `127.0.0.1:${port}`)
    const store = new MemoryStore()
    const make = (id: string, application: Counter): Colleague<unknown, number> => {
        const journal = id === 'b' ? { journal: new MemoryJournal(store) } : {}
        return new Colleague({ islandName: 'i', colleagueId: id, application, ...journal })
    }
    const start = (colleague: Colleague<unknown, number>, port: number): Promise<void> =>
        colleague.start({ port, through, founders: ['a', 'b'] })
    const probe = async (): Promise<unknown> => {
        const response = await fetch(`http://127.0.0.1:${ports[1]}/readyz`)
        return [response.status, await response.json()]
    }
    const [a, b] = [make('a', new Counter()), make('b', new Counter())]
    await Promise.all([start(a, ports[0]), start(b, ports[1])])
    await a.publish({ add: 1 })
    await b.stop()
    await a.publish({ add: 7 })
    const held = new HeldCounter()
    const again = make('b', held)
    const starting = start(again, ports[1])
    await held.begun
    assert.deepEqual(await probe(), [503, { state: 'starting' }])
    held.release()
    await starting
    assert.deepEqual(await probe(), [200, { state: 'ready' }])
    for (const colleague of [a, again]) {
        colleague.destroy()
        await colleague.ended
    }
})
