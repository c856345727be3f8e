import { KibitzError } from '../base/errors.js'
import { Monotonic } from '../base/monotonic.js'
import type { Played } from '../member/inputs.js'
import type { LogEntry } from '../paxos/messages/messages.js'
import type { EntrySpan, HistoryCall, HistoryPlace } from './call-join.js'
import type { HistoryCause, JoinedHistory } from './joined-history.js'
import type { SeekOptions } from './options.js'
import type { ReplayStep } from './replayer.js'

/** An input in an explanation. */
export interface WhyPlace extends HistoryPlace {
    readonly when: number
    readonly method: Played['method']
}

/** The way of an entry into the logs of the recorded members. `null`: no recording shows it. */
export interface WhyEntry {
    readonly entry: LogEntry
    /** The input that sent the batch with the entry; `null` for a government. */
    readonly published: WhyPlace | null
    /** The inputs by which members took the batch. */
    readonly batched: readonly WhyPlace[]
    /** The input that first sent the entry to another member, and its cause. */
    readonly proposed: (WhyPlace & { readonly cause: HistoryCause }) | null
    /** The first input by which each other member got the entry. */
    readonly held: readonly WhyPlace[]
    /** The inputs that added the entry to the log of each member. */
    readonly delivered: readonly WhyPlace[]
    /** At the leader: the members whose answer committed the entry; empty if it is not recorded. */
    readonly committedBy: readonly string[]
}

function isIn(value: Monotonic, span: EntrySpan | null): boolean {
    return span !== null && Monotonic.compare(span.first, value) <= 0
        && Monotonic.compare(value, span.last) <= 0
}

/** The step that adds an entry to the log of each member. The replayers move there. */
async function deliveries(
    { lanes }: JoinedHistory, promise: Monotonic, options: SeekOptions
): Promise<readonly (readonly [string, ReplayStep])[]> {
    const steps: [string, ReplayStep][] = []
    for (const { member, replayer } of lanes) {
        try {
            const step = await replayer.seek(promise, options)
            if (step !== null) {
                steps.push([member, step])
            }
        } catch (error) {
            const isAbsent = error instanceof KibitzError
                && (error.code === 'trimmed' || error.code === 'invalid-argument')
            if (!isAbsent) {
                throw error
            }
        }
    }
    return steps
}

/** The first place of each member. */
function firstOfEach(places: readonly WhyPlace[]): readonly WhyPlace[] {
    const first = new Map<string, WhyPlace>()
    for (const place of places) {
        const known = first.get(place.member)
        if (known === undefined || place.number < known.number) {
            first.set(place.member, place)
        }
    }
    return [...first.values()]
}

/**
 * Explains how an entry came into the logs. Moves the replayers of the history to the entry.
 *
 * @throws KibitzError `invalid-argument` if no recorded log adds the entry; as `seek`.
 */
export async function explain(
    history: JoinedHistory, promise: Monotonic, options: SeekOptions = {}
): Promise<WhyEntry> {
    const found = await deliveries(history, promise, options)
    const entry = found[0]?.[1].entries.find((each) => each.promise === promise)
    if (entry === undefined) {
        throw new KibitzError('invalid-argument', `No recorded member adds the entry ${promise} to `
            + 'its log. Nothing was changed; name the folders of other members, or another entry.')
    }
    const placeOf = (place: HistoryPlace): WhyPlace => history.describe(place)
    const { body } = entry
    const isBatch = ({ method, entries, publisher }: HistoryCall): boolean => method === 'enqueue'
        && 'cookie' in body && publisher === body.id && isIn(body.cookie, entries)
    const batches = history.calls.filter(isBatch)
    // A batch may be sent again; the entry comes from the last batch that a leader took.
    const batch = batches.findLast(({ received }) => received.length > 0) ?? batches.at(-1)
    const carrying = history.calls.filter(({ method, entries }) =>
        method !== 'enqueue' && isIn(promise, entries))
    const [first] = carrying
    const delivered = found.map(([member, { number }]) => placeOf({ member, number }))
    const atLeader = found.find(([member]) => member === first?.sent.member)?.[1].played
    return {
        entry,
        published: batch === undefined ? null : placeOf(batch.sent),
        batched: (batch?.received ?? []).map(placeOf),
        proposed: first === undefined
            ? null
            : { ...placeOf(first.sent), cause: history.cause(first.sent) },
        held: firstOfEach(carrying.flatMap(({ received }) => received).map(placeOf)),
        delivered,
        committedBy: atLeader?.method === 'sent' ? Object.keys(atLeader.body.responses) : []
    }
}
