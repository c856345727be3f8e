import { KibitzError } from '../base/errors.js'
import { Dice } from './dice.js'
import { VirtualTimeline } from './virtual-timeline.js'
import type { TimerQueue, VirtualImmediate } from './virtual-timers.js'

/** The start of every virtual clock, in milliseconds since the epoch. */
export const STARTED_AT: number = Date.UTC(2030, 0, 1)

/** The real functions, as of the load of this file. */
const REAL = {
    setImmediate,
    now: performance.now.bind(performance),
    wallNow: Date.now.bind(Date)
}

/** The turns without an advance of the clock after which a run counts as endless. */
const TURNS_MAX = 1_000_000

/** The longest real time of one asynchronous call of the system, in milliseconds. */
const SYSTEM_MS_MAX = 10_000

/** Asynchronous calls of the system, such as reading a file. The clock waits for these. */
const SYSTEM_CALL = /Req|Job|^ZLIB/i

/** Whether a name of a resource is the name of such a call. */
const isSystemCall = new Map<string, boolean>()

/** The largest number of turns that are queued at once. */
const QUEUED_TURNS_MAX = 32

/** Whether the present code belongs to a turn of a virtual clock. */
let isTurn = false

/**
 * Whether a turn of a virtual clock has begun the present code. Code after a real call of the
 * system, such as reading a file, belongs to no turn.
 */
export function isInTurn(): boolean {
    return isTurn
}

/** Ends the last turn, so that the code that follows belongs to no turn. */
export function endTurns(): void {
    isTurn = false
}

/** The real clock, in milliseconds. */
export function realNow(): number {
    return REAL.now()
}

/** The real wall clock, in milliseconds since the epoch. */
export function realWallNow(): number {
    return REAL.wallNow()
}

/** Waits for a real turn of the event loop: resolves after all microtasks and ticks. */
export function realTurn(): Promise<void> {
    return new Promise((resolve) => REAL.setImmediate(resolve))
}

/**
 * A virtual clock with its timers and its randomness.
 *
 * 1. Before the clock advances, all promises that can settle have settled: each step waits for a
 *    real turn of the event loop, which ends after the last microtask.
 * 2. One callback runs at a time, in the order of the instants and of the starts. So the same seed
 *    gives the same run.
 * 3. The clock waits for real calls of the system, such as reading a file, up to ten seconds.
 */
export class VirtualTime implements TimerQueue {
    readonly timeline: VirtualTimeline = new VirtualTimeline()
    /** The randomness of `Math.random` and of `node:crypto`. */
    readonly dice: Dice
    /** The error of the wall clock that the running code sees, in milliseconds. */
    skewMs = 0
    /** The advance of every clock that the running code sees, in milliseconds. */
    shiftMs = 0
    /** Called when code asks for the time or for a random number. */
    onImpure: ((name: string, what: 'clock' | 'random') => void) | null = null
    /** Called in each pass of the event loop, after some turns. */
    onPass: () => void = () => {}
    readonly #immediates: VirtualImmediate[] = []
    #turns = 0

    constructor(seed: number) {
        this.dice = new Dice(seed, 'Math.random')
    }

    /** The virtual time, in milliseconds since the epoch. */
    now(): number {
        return STARTED_AT + this.timeline.now
    }

    /** The time that the running code sees. */
    wallTime(name: string): number {
        this.onImpure?.(name, 'clock')
        return Math.floor(this.now() + this.skewMs + this.shiftMs)
    }

    /** The milliseconds since the start, for `performance.now`. */
    elapsed(name: string): number {
        this.onImpure?.(name, 'clock')
        return this.timeline.now + this.shiftMs
    }

    /** A random number in [0, 1). */
    random(name: string): number {
        this.onImpure?.(name, 'random')
        return this.dice.next()
    }

    later(immediate: VirtualImmediate): void {
        this.#immediates.push(immediate)
    }

    /**
     * Runs all events up to an instant of the timeline, or until `isOver`. Resolves with the last
     * result of `isOver`. Rejects with the error of a callback.
     */
    runUntil(instant: number, isOver: () => boolean): Promise<boolean> {
        let inSystemSince: number | null = null
        return runTurns(() => {
            if (isOver()) {
                return 'over'
            }
            const immediate = this.#immediates.shift()
            if (immediate !== undefined) {
                this.#countTurn()
                immediate.run()
                return 'next'
            }
            this.#turns = 0
            if (isInSystem()) {
                inSystemSince ??= REAL.now()
                if (REAL.now() - inSystemSince < SYSTEM_MS_MAX) {
                    return 'poll'
                }
            }
            inSystemSince = null
            return this.timeline.step(instant) ? 'next' : 'late'
        }, () => this.onPass())
    }

    /** Runs the callbacks of the present instant, so that no other code waits for these. */
    async finish(): Promise<void> {
        await this.runUntil(this.timeline.now, () => false).catch(() => {})
    }

    #countTurn(): void {
        if (++this.#turns > TURNS_MAX) {
            throw new KibitzError('timed-out', 'The virtual clock stands still: callbacks of '
                + 'setImmediate start each other without an end. Nothing was lost; use a timer.')
        }
    }
}

/** The end of a turn: another turn follows, perhaps after a poll of the system, or none. */
type TurnEnd = 'next' | 'poll' | 'over' | 'late'

/**
 * Runs turns until one is `over` (`true`) or `late` (`false`). Between two turns, Node runs all
 * microtasks and ticks. Several turns are queued at once, because a pass of the event loop costs
 * more than a turn. `onPass` is called before the turns of a pass. Rejects with the error of a
 * turn.
 */
function runTurns(turn: () => TurnEnd, onPass: () => void): Promise<boolean> {
    return new Promise((resolve, reject) => {
        let isEnded = false
        let isPolling = false
        let size = 1
        const run = (): void => {
            if (isEnded || isPolling) {
                return
            }
            isTurn = true
            try {
                const end = turn()
                isPolling = end === 'poll'
                if (end === 'over' || end === 'late') {
                    isEnded = true
                    resolve(end === 'over')
                }
            } catch (error) {
                isEnded = true
                reject(error)
            }
        }
        const queue = (): void => {
            if (isEnded) {
                return
            }
            isPolling = false
            onPass()
            size = Math.min(2 * size, QUEUED_TURNS_MAX)
            REAL.setImmediate(run)
            for (let queued = 1; queued < size; queued++) {
                REAL.setImmediate(run).unref()
            }
            REAL.setImmediate(pass).unref()
        }
        const pass = (): void => {
            endTurns()
            queue()
        }
        queue()
    })
}

function isInSystem(): boolean {
    for (const name of process.getActiveResourcesInfo()) {
        let isOne = isSystemCall.get(name)
        if (isOne === undefined) {
            isOne = SYSTEM_CALL.test(name)
            isSystemCall.set(name, isOne)
        }
        if (isOne) {
            return true
        }
    }
    return false
}
