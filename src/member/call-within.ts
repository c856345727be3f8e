import type { WaitLimits } from '../base/abort-signal.js'
import { quiet } from '../base/callbacks.js'
import type { KibitzError } from '../base/errors.js'
import type { Wait, WaitKind } from './wait-list.js'
import type { Waits } from './waits.js'

/** A call that may wait: rejects with the reason of the signal, or with `aborted`. */
type WaitingCall<Result> = (signal: AbortSignal | undefined) => Promise<Result>

/**
 * Makes a call of a member: the call is among the waits of the member, and the signal of the call
 * aborts at the limit.
 */
export function callWithin<Result>(
    waits: Waits, kind: WaitKind, limits: WaitLimits, call: WaitingCall<Result>
): Promise<Result> {
    const enter = (expire: (error: KibitzError) => void): Wait | null =>
        waits.enterInner(kind, limits.timeout, expire)
    return run(waits, enter, limits, call)
}

/** The same for a call of the owner of the member, a Colleague. */
export function callAsOwner<Result>(
    waits: Waits, kind: WaitKind, limits: WaitLimits, call: WaitingCall<Result>
): Promise<Result> {
    const enter = (expire: (error: KibitzError) => void): Wait =>
        waits.enter(kind, limits.timeout, expire)
    return run(waits, enter, limits, call)
}

function run<Result>(
    waits: Waits,
    enter: (expire: (error: KibitzError) => void) => Wait | null,
    { signal, timeout }: WaitLimits,
    call: WaitingCall<Result>
): Promise<Result> {
    const limit = new AbortController()
    const wait = enter((error) => limit.abort(error))
    const signals = [signal, timeout === undefined ? undefined : limit.signal]
    const [one, other] = signals.filter((each) => each !== undefined)
    const leave = (): void => waits.leave(wait)
    try {
        const both = one === undefined || other === undefined ? one : AbortSignal.any([one, other])
        const calling = call(both)
        quiet(calling).then(leave, leave)
        return calling
    } catch (error) {
        leave()
        throw error
    }
}
