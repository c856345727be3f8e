import { promisify } from 'node:util'
import { onAbort } from '../base/abort-signal.js'
import type { Due, VirtualTimeline } from './virtual-timeline.js'

/** The longest delay of a timer, in milliseconds; a longer one counts as 1, as in Node. */
const DELAY_MS_MAX = 2_147_483_647

type Callback = (...args: unknown[]) => void

function delayOf(ms: unknown): number {
    const delay = Number(ms)
    return delay >= 1 && delay <= DELAY_MS_MAX ? Math.trunc(delay) : 1
}

/** The part of a virtual clock that timers use. */
export interface TimerQueue {
    readonly timeline: VirtualTimeline
    /** Runs a callback in a later turn of the same instant. */
    later(immediate: VirtualImmediate): void
}

/** The reference of Node's event loop to a timer. A run waits for no timer, so it has no effect. */
class Referenced {
    #hasRef = true

    /** Has no effect but on `hasRef`. */
    ref(): this {
        this.#hasRef = true
        return this
    }

    /** Has no effect but on `hasRef`. */
    unref(): this {
        this.#hasRef = false
        return this
    }

    /** Whether `ref` was the last call of `ref` and `unref`. */
    hasRef(): boolean {
        return this.#hasRef
    }
}

/** A timer of the virtual clock, with the methods of a `NodeJS.Timeout`. */
export class VirtualTimer extends Referenced {
    readonly #time: TimerQueue
    readonly #callback: () => void
    readonly #delayMs: number
    readonly #isInterval: boolean
    readonly #onNumber: (timer: VirtualTimer) => number
    /** The event at the end of the delay; `null` while the timer is stopped. */
    #due: Due | null = null

    constructor(
        time: TimerQueue, isInterval: boolean, callback: () => void, ms: unknown,
        onNumber: (timer: VirtualTimer) => number
    ) {
        super()
        this.#time = time
        this.#callback = callback
        this.#delayMs = delayOf(ms)
        this.#isInterval = isInterval
        this.#onNumber = onNumber
        this.#start()
    }

    #start(): void {
        this.close()
        this.#due = this.#time.timeline.after(this.#delayMs, () => this.#fire())
    }

    #fire(): void {
        this.#due = null
        if (this.#isInterval) {
            this.#start()
        }
        this.#callback()
    }

    /** Stops the timer. */
    close(): this {
        if (this.#due !== null) {
            this.#time.timeline.cancel(this.#due)
            this.#due = null
        }
        return this
    }

    /** Starts the delay again. */
    refresh(): this {
        if (this.#due !== null) {
            this.#start()
        }
        return this
    }

    /** The number that `clearTimeout` also accepts. */
    [Symbol.toPrimitive](): number {
        return this.#onNumber(this)
    }

    /** Stops the timer. */
    [Symbol.dispose](): void {
        this.close()
    }
}

/** A callback of `setImmediate`, with the methods of a `NodeJS.Immediate`. */
export class VirtualImmediate extends Referenced {
    readonly #run: () => void
    #isCleared = false

    constructor(run: () => void) {
        super()
        this.#run = run
    }

    /** Runs the callback, unless the callback was cleared. */
    run(): void {
        if (!this.#isCleared) {
            this.#run()
        }
    }

    /** Prevents the run. */
    clear(): void {
        this.#isCleared = true
    }

    /** Prevents the run. */
    [Symbol.dispose](): void {
        this.clear()
    }
}

/** The functions that replace `node:timers/promises`. */
export interface TimerPromises {
    readonly setTimeout: (ms?: unknown, value?: unknown, options?: Ended) => Promise<unknown>
    readonly setImmediate: (value?: unknown, options?: Ended) => Promise<unknown>
    readonly setInterval: (ms?: unknown, value?: unknown, options?: Ended) =>
        AsyncGenerator<unknown, void, void>
    readonly scheduler: {
        readonly wait: (ms?: unknown, options?: Ended) => Promise<unknown>
        readonly yield: () => Promise<unknown>
    }
}

/** The functions that replace the timers of Node. */
export interface TimerFunctions {
    readonly setTimeout: (callback: Callback, ms?: unknown, ...args: unknown[]) => VirtualTimer
    readonly setInterval: (callback: Callback, ms?: unknown, ...args: unknown[]) => VirtualTimer
    readonly setImmediate: (callback: Callback, ...args: unknown[]) => VirtualImmediate
    readonly clearTimeout: (timer: unknown) => void
    readonly clearInterval: (timer: unknown) => void
    readonly clearImmediate: (immediate: unknown) => void
    readonly promises: TimerPromises
}

/** The option of a wait. */
export interface Ended {
    readonly signal?: AbortSignal
}

/** Rejects as Node does after an abort. */
function abortError(signal: AbortSignal): Error {
    const error = new Error('The operation was aborted', { cause: signal.reason })
    return Object.assign(error, { name: 'AbortError', code: 'ABORT_ERR' })
}

/** Resolves after the wait that `start` begins, or rejects after an abort. */
function untilOver<Value>(
    start: (resolve: () => void) => () => void, value: Value, options: Ended | undefined
): Promise<Value> {
    const { signal } = options ?? {}
    return new Promise((resolve, reject) => {
        if (signal?.aborted === true) {
            reject(abortError(signal))
            return
        }
        const undo = start(() => {
            forget()
            resolve(value)
        })
        const forget = signal === undefined ? () => {} : onAbort(signal, () => {
            undo()
            reject(abortError(signal))
        })
    })
}

/** The functions that replace `node:timers/promises`. */
function promisesOf(timers: Omit<TimerFunctions, 'promises'>): TimerPromises {
    const wait = (ms?: unknown, value?: unknown, options?: Ended): Promise<unknown> =>
        untilOver((resolve) => {
            const timer = timers.setTimeout(resolve, ms)
            return () => timer.close()
        }, value, options)
    const turn = (value?: unknown, options?: Ended): Promise<unknown> =>
        untilOver((resolve) => {
            const immediate = timers.setImmediate(resolve)
            return () => immediate.clear()
        }, value, options)
    async function* repeat(
        ms?: unknown, value?: unknown, options?: Ended
    ): AsyncGenerator<unknown, void, void> {
        for (;;) {
            yield await wait(ms, value, options)
        }
    }
    return {
        setTimeout: wait,
        setImmediate: turn,
        setInterval: repeat,
        scheduler: { wait: (ms, options) => wait(ms, undefined, options), yield: () => turn() }
    }
}

/** Makes the timers of a virtual clock. */
export function timersOf(time: TimerQueue): TimerFunctions {
    const numbered = new Map<number, VirtualTimer>()
    let numbers = 0
    const start = (isInterval: boolean, callback: Callback, ms: unknown, args: unknown[]):
    VirtualTimer => {
        if (typeof callback !== 'function') {
            throw new TypeError('The callback of a timer must be a function.')
        }
        const number = ++numbers
        const onNumber = (timer: VirtualTimer): number => {
            numbered.set(number, timer)
            return number
        }
        return new VirtualTimer(time, isInterval, () => callback(...args), ms, onNumber)
    }
    const clear = (timer: unknown): void => {
        const known = timer instanceof VirtualTimer ? timer : numbered.get(Number(timer ?? 0))
        known?.close()
    }
    const timers = {
        setTimeout: (callback: Callback, ms?: unknown, ...args: unknown[]) =>
            start(false, callback, ms, args),
        setInterval: (callback: Callback, ms?: unknown, ...args: unknown[]) =>
            start(true, callback, ms, args),
        setImmediate: (callback: Callback, ...args: unknown[]) => {
            const immediate = new VirtualImmediate(() => callback(...args))
            time.later(immediate)
            return immediate
        },
        clearTimeout: clear,
        clearInterval: clear,
        clearImmediate: (immediate: unknown) => {
            if (immediate instanceof VirtualImmediate) {
                immediate.clear()
            }
        }
    }
    const promises = promisesOf(timers)
    Object.defineProperty(timers.setTimeout, promisify.custom, { value: promises.setTimeout })
    Object.defineProperty(timers.setImmediate, promisify.custom, { value: promises.setImmediate })
    return { ...timers, promises }
}
