import { aborted, onAbort, SIGNAL_OPTIONS, type SignalOptions } from '../base/abort-signal.js'
import { quiet } from '../base/callbacks.js'
import type { Clock } from '../base/clock.js'
import { KibitzError } from '../base/errors.js'
import { Monotonic } from '../base/monotonic.js'
import {
    count, DURATION_MS_MAX, fitting, type OptionTable, readOptions
} from '../base/option-table.js'
import { isPromise } from './options.js'
import type { Player } from './player.js'
import { ReaderAge } from './reader-age.js'
import { destroyed } from './shutdown.js'

/** The conditions of a read. */
export interface ReadOptions extends SignalOptions {
    /**
     * The promise of an entry that the state must contain, for example of the caller's own last
     * publish, at whichever member. @default none
     */
    readonly after?: Monotonic | null
    /** The greatest permitted age of the state, in milliseconds. @default none */
    readonly maxStalenessMs?: number | null
    /**
     * How long the read waits until the state fulfils the conditions, in milliseconds; 0: not at
     * all. @default the option `timeout` of the member
     */
    readonly timeout?: number | null
}

/** The state at the instant at which a read resolves. */
export interface Reading {
    /** The promise of the last entry that the state contains; `0/0` before the first entry. */
    readonly promise: Monotonic
    /**
     * The bound of the age of the state, in milliseconds: the state contains every entry that was
     * committed, at whichever member, more than so many milliseconds ago. `null` if unknown.
     */
    readonly stalenessMs: number | null
}

/** A state that grows with the log, such as the state of an application. */
export interface ReadableState {
    /** The promise of the last entry in the state; `null` while there is no usable state. */
    readonly position: Monotonic | null
}

const READ_OPTIONS: OptionTable<ReadOptions> = {
    ...SIGNAL_OPTIONS,
    after: fitting('the promise of an entry, such as 1/1', isPromise),
    maxStalenessMs: fitting('a number of milliseconds, 0 or more', (value) => {
        return typeof value === 'number' && value >= 0
    }),
    timeout: {
        ...count(DURATION_MS_MAX, 0),
        expected: `a whole number of milliseconds from 0 to ${DURATION_MS_MAX}`,
        takesNull: true
    }
}

/** The pause between two looks at a followed state, in milliseconds. */
const LOOK_MS = 20

type Conditions = Pick<ReadOptions, 'after' | 'maxStalenessMs'>

/** The parts of a player that reads need. */
type ReadPlayer = Pick<Player, 'delivered' | 'gate' | 'paxos' | 'rejectPlay'>

/** A read that waits. */
interface Wait {
    readonly state: ReadableState
    readonly conditions: Conditions
    end(outcome: Reading | KibitzError): void
}

function tooStale(
    { after, maxStalenessMs }: Conditions, reading: Reading | null, limitMs: number
): KibitzError {
    const conditions = [
        ...(after === undefined ? [] : [`the state contains ${after}`]),
        ...(maxStalenessMs === undefined ? [] : [`the age is at most ${maxStalenessMs} ms`])
    ]
    const age = reading?.stalenessMs ?? null
    const found = reading === null
        ? 'this member has no state yet'
        : `the state contains the log through ${reading.promise}, and its age is ` +
            (age === null ? 'unknown' : `at most ${age} ms`)
    return new KibitzError(
        'too-stale',
        `After ${limitMs} ms of waiting, ${found}. The read demands that ` +
            `${conditions.join(' and ') || 'there is a state'}. Nothing was lost; read at ` +
            'another member, wait longer (option timeout), or call barrier().'
    )
}

/** Whether a state fulfils the conditions. */
function isEnough({ after, maxStalenessMs }: Conditions, reading: Reading): boolean {
    const { promise, stalenessMs } = reading
    const isAfter = (after ?? null) === null || Monotonic.compare(after ?? '0/0', promise) <= 0
    const max = maxStalenessMs ?? null
    return isAfter && (max === null || (stalenessMs !== null && stalenessMs <= max))
}

/**
 * The reads of a member, without a message and without an entry. A read only waits for the log.
 *
 * 1. A read resolves at an instant at which the state fulfils the conditions.
 * 2. A waiting read is looked at after each input, and after each step of the state.
 */
export class Reads {
    readonly #player: ReadPlayer
    readonly #clock: Clock
    readonly #ages = new WeakMap<ReadableState, ReaderAge>()
    readonly #waits = new Set<Wait>()
    /** A state whose age is known even if the state is behind. */
    #followed: ReadableState | null = null
    #lookedAt = 0
    /** The state of a reader that takes each entry at once from `log`. */
    readonly #log: ReadableState

    constructor(player: ReadPlayer, clock: Clock) {
        this.#player = player
        this.#clock = clock
        this.#log = {
            get position() {
                return player.delivered ?? '0/0'
            }
        }
    }

    /**
     * Resolves once a state fulfils the conditions. A rejection is safe to ignore.
     *
     * @param state The state that is read. @default the entries on `log`
     * @throws KibitzError `invalid-argument`.
     */
    read(
        given: ReadOptions | null | undefined, state: ReadableState = this.#log
    ): Promise<Reading> {
        const options = readOptions('a read', given, READ_OPTIONS)
        const refusal = this.#player.rejectPlay()
        return quiet(refusal === null
            ? this.#read(options, state)
            : Promise.reject(refusal))
    }

    async #read({ signal, timeout, ...conditions }: ReadOptions, state: ReadableState):
        Promise<Reading> {
        if (signal?.aborted === true) {
            throw aborted('The read', signal)
        }
        const reading = this.#look(state)
        if (reading !== null && isEnough(conditions, reading)) {
            return reading
        }
        const limitMs = timeout ?? this.#player.paxos.options.timeout
        if (limitMs === 0) {
            throw tooStale(conditions, reading, limitMs)
        }
        return await this.#wait(state, conditions, limitMs, signal ?? null)
    }

    #wait(
        state: ReadableState, conditions: Conditions, limitMs: number, signal: AbortSignal | null
    ): Promise<Reading> {
        return new Promise((resolve, reject) => {
            const wait: Wait = {
                state,
                conditions,
                end: (outcome) => {
                    this.#waits.delete(wait)
                    clearTimeout(timer)
                    forget?.()
                    if (outcome instanceof KibitzError) {
                        reject(outcome)
                    } else {
                        resolve(outcome)
                    }
                }
            }
            const timer = setTimeout(() => {
                wait.end(tooStale(conditions, this.#look(state), limitMs))
            }, limitMs)
            const forget = signal === null
                ? null
                : onAbort(signal, () => wait.end(aborted('The read', signal)))
            this.#waits.add(wait)
        })
    }

    /**
     * The bound of the age of a state as of now, in milliseconds; `null` if unknown, or while there
     * is no usable state.
     */
    ageOf(state: ReadableState): number | null {
        return this.#look(state)?.stalenessMs ?? null
    }

    /** The state as of now; `null` while there is no usable state. */
    #look(state: ReadableState): Reading | null {
        const { position } = state
        if (position === null) {
            return null
        }
        let age = this.#ages.get(state)
        if (age === undefined) {
            age = new ReaderAge()
            this.#ages.set(state, age)
        }
        const now = this.#clock.now()
        const { lapses, hasLapsed } = this.#clock
        const { committed } = this.#player.paxos
        const { freshAt } = this.#player.paxos.contact()
        const moment = { now, lapses, committed, freshAt: hasLapsed ? null : freshAt }
        return Object.freeze({ promise: position, stalenessMs: age.ageAt(position, moment) })
    }

    /**
     * Looks at a state again and again, so that the age is known also if the state is behind at
     * the time of a read.
     */
    follow(state: ReadableState): void {
        this.#followed = state
    }

    /** Called after each input. */
    onInput(): void {
        if (this.#followed !== null) {
            const now = this.#clock.now()
            if (now - this.#lookedAt >= LOOK_MS) {
                this.#lookedAt = now
                this.#look(this.#followed)
            }
        }
        this.settleDecided()
    }

    /** Ends the waits that an input, or a step of a state, has decided. */
    settleDecided(): void {
        if (this.#waits.size !== 0) {
            this.#settle()
        }
        if (this.#waits.size !== 0 && !this.#player.gate.isOpen) {
            // The entries of the input reach `log` after the flush.
            this.#player.gate.pass(() => this.#settle(), () => {})
        }
    }

    #settle(): void {
        for (const wait of this.#waits) {
            const reading = this.#look(wait.state)
            if (reading !== null && isEnough(wait.conditions, reading)) {
                wait.end(reading)
            }
        }
    }

    /** Rejects all waits at the end of the member. */
    close(): void {
        const error = this.#player.gate.failure ?? destroyed()
        for (const wait of this.#waits) {
            wait.end(error)
        }
    }
}
