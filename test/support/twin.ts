import assert from 'node:assert/strict'
import { Islander, type IslanderState, Paxos, type PaxosState, type Played }
    from '../../src/index.js'
import type { Settlement } from '../../src/publisher/islander-types.js'
import type { LogEntry } from '../../src/paxos/messages/messages.js'
import type { PaxosOptions } from '../../src/paxos/options.js'
import { apply } from '../../src/member/apply-input.js'
import { scheduleRetry } from '../../src/publisher/retry.js'
import { drain } from './alone.js'

/** The classes of a core: the library, or a copy of the library. */
export interface Core {
    readonly Paxos: typeof Paxos
    readonly Islander: typeof Islander
    readonly apply: typeof apply
    readonly scheduleRetry: typeof scheduleRetry
}

/** The core of the library. */
export const CORE: Core = { Paxos, Islander, apply, scheduleRetry }

/** The stored state of an engine and an Islander. */
export interface Written {
    readonly paxos: PaxosState
    readonly islander: IslanderState
}

/** All outputs of one input, as text. */
export interface Outputs {
    readonly outcome: string
    readonly log: readonly string[]
    readonly communiques: readonly string[]
    readonly dispatches: readonly string[]
    readonly settled: readonly Settlement[]
}

/** A queue, or a list in place of a queue. */
type Queue = { shifter(): { shift(): object | null } } | { readonly items: object[] }

function taker(queue: Queue): () => object[] {
    if ('items' in queue) {
        return () => queue.items.splice(0)
    }
    const cursor = queue.shifter()
    return () => drain(cursor)
}

function lines(values: readonly object[]): readonly string[] {
    return values.map((value) => JSON.stringify(value))
}

/** An engine and an Islander, wired as the Door wires them. */
export class Twin {
    readonly paxos: Paxos
    readonly islander: Islander
    readonly #core: Core
    readonly #log: () => object[]
    readonly #communiques: () => object[]
    readonly #dispatches: () => object[]

    constructor(paxos: Paxos, islander: Islander, core: Core) {
        this.#core = core
        this.paxos = paxos
        this.islander = islander
        this.#log = taker(paxos.log)
        this.#communiques = taker(paxos.outbox)
        this.#dispatches = taker(islander.outbox)
    }

    /** A Twin without inputs. */
    static fresh(id: string, options: PaxosOptions, core: Core = CORE): Twin {
        return new Twin(new core.Paxos(0, null, id, options), new core.Islander(id), core)
    }

    /** A Twin from a stored state. */
    static restore(text: string, core: Core = CORE): Twin {
        const { paxos, islander } = JSON.parse(text) as Written
        return new Twin(core.Paxos.restore(paxos), core.Islander.restore(islander), core)
    }

    /** The state of the Twin, as text. */
    get written(): string {
        const written: Written = { paxos: this.paxos.state(), islander: this.islander.state() }
        const text = JSON.stringify(written)
        // The state survives JSON: no field is lost or changed.
        assert.deepEqual(JSON.parse(text), written)
        return text
    }

    /** The visible condition of the engine and the Islander, as text. */
    get standing(): string {
        const { paxos, islander } = this
        return JSON.stringify([
            islander.health(), paxos.inspect(), paxos.government, paxos.unanswered,
            islander.awaited, paxos.scheduler.next()
        ])
    }

    /** Applies one input and returns all its outputs. */
    play(played: Played): Outputs {
        const { paxos, islander } = this
        const wasPaused = islander.isPaused
        if (played.method === 'event') {
            const { key, when } = played.body
            if (paxos.scheduler.when(key) === when) {
                paxos.scheduler.unschedule(key)
            }
        }
        const outcome = this.#core.apply(paxos, islander, played) ?? null
        const entries = this.#log() as LogEntry[]
        for (const entry of entries) {
            islander.push(entry)
        }
        this.#core.scheduleRetry(paxos, islander, played.when, wasPaused)
        return {
            outcome: JSON.stringify(outcome),
            log: lines(entries),
            communiques: lines(this.#communiques()),
            dispatches: lines(this.#dispatches()),
            settled: islander.takeSettled()
        }
    }
}
