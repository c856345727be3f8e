import crypto from 'node:crypto'
import { syncBuiltinESMExports } from 'node:module'
import hooks from 'node:perf_hooks'
import timers from 'node:timers'
import promises from 'node:timers/promises'
import { promisify } from 'node:util'
import { STARTED_AT, type VirtualTime } from './virtual-time.js'
import { timersOf } from './virtual-timers.js'

/** A replaced property of an object, with its undo. */
type Replace = (target: object, name: string, value: unknown) => void

/** Replaces properties, and restores all in reverse order. */
class Replacements {
    readonly #undos: (() => void)[] = []

    readonly replace: Replace = (target, name, value) => {
        const before = Object.getOwnPropertyDescriptor(target, name)
        const { enumerable = false } = before ?? {}
        if (before?.configurable === false) {
            // `crypto.getRandomValues` reads the function of the global `crypto`.
            return
        }
        Object.defineProperty(target, name, {
            value, enumerable, configurable: true, writable: true
        })
        this.#undos.push(() => {
            if (before === undefined) {
                Reflect.deleteProperty(target, name)
            } else {
                Object.defineProperty(target, name, before)
            }
        })
    }

    restore(): void {
        for (const undo of this.#undos.reverse()) {
            undo()
        }
    }
}

/** A `Date` that reads the virtual clock. Dates of both kinds are instances of both. */
function dateOf(time: VirtualTime): DateConstructor {
    const RealDate = Date
    const now = (): number => time.wallTime('Date.now()')
    return new Proxy(RealDate, {
        apply: () => new RealDate(time.wallTime('Date()')).toString(),
        construct: (target, args, newTarget) => {
            const given = args.length === 0 ? [time.wallTime('new Date()')] : args
            return Reflect.construct(target, given, newTarget) as Date
        },
        get: (target, name, receiver) =>
            name === 'now' ? now : Reflect.get(target, name, receiver)
    })
}

/** A histogram without delays: a real delay would differ in each run. */
function unmeasuredDelay(): object {
    return {
        count: 0, exceeds: 0, min: 0, max: 0, mean: 0, stddev: 0, percentiles: new Map(),
        percentile: () => 0, enable: () => true, disable: () => true, reset: () => {}
    }
}

function replaceClocks(time: VirtualTime, replace: Replace): void {
    replace(globalThis, 'Date', dateOf(time))
    replace(performance, 'now', () => time.elapsed('performance.now()'))
    replace(performance, 'timeOrigin', STARTED_AT)
    const nanoseconds = (name: string): bigint =>
        BigInt(Math.round(time.elapsed(name) * 1_000_000))
    const hrtime = (before?: readonly [number, number]): [number, number] => {
        const [seconds, rest] = before ?? [0, 0]
        const passed = nanoseconds('process.hrtime()')
            - (BigInt(seconds) * 1_000_000_000n + BigInt(rest))
        return [Number(passed / 1_000_000_000n), Number(passed % 1_000_000_000n)]
    }
    const bigint = (): bigint => nanoseconds('process.hrtime.bigint()')
    replace(process, 'hrtime', Object.assign(hrtime, { bigint }))
    replace(hooks, 'monitorEventLoopDelay', unmeasuredDelay)
    replace(process, 'uptime', () => time.elapsed('process.uptime()') / 1000)
}

function replaceTimers(time: VirtualTime, replace: Replace): void {
    const { promises: later, ...functions } = timersOf(time)
    for (const [name, value] of Object.entries(functions)) {
        replace(globalThis, name, value)
        replace(timers, name, value)
    }
    for (const [name, value] of Object.entries(later)) {
        replace(promises, name, value)
    }
    replace(AbortSignal, 'timeout', (ms: number) => {
        const controller = new AbortController()
        const late = 'The operation was aborted due to timeout'
        functions.setTimeout(
            () => controller.abort(new DOMException(late, 'TimeoutError')), ms)
        return controller.signal
    })
}

/** Fills bytes with random numbers of the run. */
function fillRandomly(time: VirtualTime, name: string, view: ArrayBufferView): void {
    const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength)
    for (let at = 0; at < bytes.length; at++) {
        bytes[at] = Math.floor(time.random(name) * 256)
    }
}

function uuid(time: VirtualTime): string {
    const bytes = Buffer.alloc(16)
    fillRandomly(time, 'crypto.randomUUID()', bytes)
    bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40
    bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
    return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

type Done<Value> = (error: Error | null, value: Value) => void

function replaceRandomness(time: VirtualTime, replace: Replace): void {
    replace(Math, 'random', () => time.random('Math.random()'))
    const randomBytes = (size: number, done?: Done<Buffer>): Buffer | undefined => {
        const bytes = Buffer.alloc(size)
        fillRandomly(time, 'crypto.randomBytes()', bytes)
        return done === undefined ? bytes : void queueMicrotask(() => done(null, bytes))
    }
    const randomInt = (...given: (number | Done<number> | undefined)[]): number | undefined => {
        const numbers = given.filter((one) => typeof one === 'number')
        const [from, to] = numbers.length > 1 ? numbers : [0, ...numbers]
        const [min = 0, max = 0] = [from, to]
        const drawn = min + Math.floor(time.random('crypto.randomInt()') * (max - min))
        const done = given.find((one) => typeof one === 'function')
        return done === undefined ? drawn : void queueMicrotask(() => done(null, drawn))
    }
    const fill = <View extends ArrayBufferView>(view: View): View => {
        fillRandomly(time, 'crypto.getRandomValues()', view)
        return view
    }
    Object.defineProperty(randomBytes, promisify.custom, {
        value: (size: number) => Promise.resolve(randomBytes(size))
    })
    replace(crypto, 'randomBytes', randomBytes)
    replace(crypto, 'randomInt', randomInt)
    replace(crypto, 'randomFillSync', fill)
    replace(crypto, 'randomFill', (view: ArrayBufferView, ...rest: unknown[]) => {
        const done = rest[rest.length - 1] as Done<ArrayBufferView>
        queueMicrotask(() => done(null, fill(view)))
    })
    for (const target of [crypto, crypto.webcrypto, globalThis.crypto]) {
        replace(target, 'getRandomValues', fill)
        replace(target, 'randomUUID', () => uuid(time))
    }
}

/**
 * Puts a virtual clock and its randomness in place of those of the process: timers, `Date`,
 * `performance.now`, `AbortSignal.timeout`, `Math.random` and `node:crypto`, also for code that has
 * imported these functions before.
 *
 * @returns The undo.
 */
export function install(time: VirtualTime): () => void {
    const replacements = new Replacements()
    const { replace } = replacements
    const restore = (): void => {
        replacements.restore()
        syncBuiltinESMExports()
    }
    try {
        replaceClocks(time, replace)
        replaceTimers(time, replace)
        replaceRandomness(time, replace)
        syncBuiltinESMExports()
    } catch (error) {
        restore()
        throw error
    }
    return restore
}
