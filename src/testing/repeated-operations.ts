import type { Application } from '../colleague/application.js'
import { canonicalResult, shortText, textOfBytes } from './canonical.js'
import type { PublishRecord } from './client.js'
import type { LogStep } from './comparison.js'
import type { TrialFinding } from './finding.js'
import { isSame, ReplayComparison } from './replay-comparison.js'
import type { MemberLife } from './trial-republic.js'

/** A publish of a client that ended with an error, although the log has its entry. */
interface Repetition {
    readonly failed: PublishRecord
    readonly again: PublishRecord
    /** The places of both entries in the log. */
    readonly first: number
    readonly second: number
}

/** The entries of each value in the log, without the entries of acknowledged publishes. */
function unclaimed(
    log: readonly LogStep[], publishes: readonly PublishRecord[]
): ReadonlyMap<string, number[]> {
    const claimed = new Set(publishes.map(({ promise }) => promise))
    const places = new Map<string, number[]>()
    for (const [index, step] of log.entries()) {
        if ('entry' in step && !claimed.has(step.entry.promise)) {
            const key = `${step.entry.publisher} ${canonicalResult(step.entry.body)}`
            places.set(key, [...places.get(key) ?? [], index])
        }
    }
    return places
}

/**
 * The values that a call of the workload published twice: after an error, although the first one
 * was accepted. An equal value in another call is another operation.
 */
function repetitionsIn(
    log: readonly LogStep[], publishes: readonly PublishRecord[]
): readonly Repetition[] {
    const places = unclaimed(log, publishes)
    const found: Repetition[] = []
    const failures = new Map<string, PublishRecord>()
    for (const record of publishes) {
        const { session, round, body, error, promise } = record
        const key = `${session} ${round} ${canonicalResult(body)}`
        const failed = failures.get(key)
        if (failed !== undefined) {
            const own = (one: PublishRecord): number[] =>
                places.get(`${one.member} ${canonicalResult(body)}`) ?? []
            const [first] = own(failed)
            const second = promise === null
                ? own(record).find((index) => index !== first)
                : log.findIndex((step) => 'entry' in step && step.entry.promise === promise)
            if (first !== undefined && second !== undefined && second > first) {
                found.push({ failed, again: record, first, second })
            }
        }
        if (error !== null) {
            failures.set(key, record)
        }
    }
    return found
}

/**
 * Finds an operation that a client has repeated after an error, although the operation was
 * accepted, if the repetition changes the state: applied twice in a row, the entry gives another
 * state than applied once.
 */
export async function findRepeatedOperation(
    make: (life: MemberLife) => Application, log: readonly LogStep[],
    publishes: readonly PublishRecord[]
): Promise<TrialFinding | null> {
    const [repetition] = repetitionsIn(log, publishes)
    if (repetition === undefined) {
        return null
    }
    const { failed, first, second } = repetition
    const replays = new ReplayComparison(make, { log, start: null })
    try {
        const replica = await replays.replica()
        await replays.advance(replica, 0, first + 1)
        const once = textOfBytes(await replica.state())
        await replays.advance(replica, first, first + 1)
        const twice = textOfBytes(await replica.state())
        await replica.end()
        return isSame('state', once, twice) ? null : {
            kind: 'repeated-operation', message: `Client ${failed.session} has published `
                + `${shortText(failed.body)} again after an error, although the first publish was `
                + `accepted: ${replays.nameOf(first)} and ${replays.nameOf(second)}. Both `
                + 'count. Give each operation an id, and let apply ignore an id that it has seen.',
            cause: failed.error
        }
    } catch {
        return null // The application does not run alone.
    } finally {
        replays.worlds.leave()
    }
}
