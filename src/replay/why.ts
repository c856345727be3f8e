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
    for (const { member, replayer, head } of lanes) {
        if (head === null || Monotonic.compare(promise, head) > 0) {
            continue
        }
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

/** The number of calls whose bodies are compared with an entry. */
const TRIES_MAX = 100

/** Whether a call carries an entry, and not another entry that a lost leader had numbered alike. */
async function isCarrying(
    history: JoinedHistory, { sent, cookie, to }: HistoryCall, entry: LogEntry, options: SeekOptions
): Promise<boolean> {
    const replayer = history.lanes.find(({ member }) => member === sent.member)?.replayer
    const step = await replayer?.seek(sent.number, options)
    const requests = (step?.calls ?? []).filter((communique) => communique.cookie === cookie)
        .flatMap(({ envelopes }) => envelopes.filter((envelope) => envelope.to === to))
        .map(({ request }) => ('entries' in request ? request.entries : []))
    const sentEntry = requests.flat().find(({ promise }) => promise === entry.promise)
    return sentEntry === undefined
        || JSON.stringify(sentEntry.body) === JSON.stringify(entry.body)
}

/** The calls of a member before the member got an entry from another recorded member. */
function originsOf(calls: readonly HistoryCall[]): readonly HistoryCall[] {
    const heldAt = new Map<string, number>()
    for (const { received } of calls) {
        for (const { member, number } of received) {
            heldAt.set(member, Math.min(number, heldAt.get(member) ?? number))
        }
    }
    return calls.filter(({ sent: { member, number } }) =>
        number < (heldAt.get(member) ?? Number.POSITIVE_INFINITY))
}

/**
 * The calls with an entry, and the first one of them. A lost leader may have numbered another entry
 * alike: the calls of such a leader do not count.
 */
async function carryingCalls(
    history: JoinedHistory, entry: LogEntry, options: SeekOptions
): Promise<{ readonly carrying: readonly HistoryCall[], readonly first: HistoryCall | undefined }> {
    const whenOf = ({ sent }: HistoryCall): number => history.whenOf(sent) ?? 0
    let carrying = history.calls.filter(({ method, entries }) =>
        method !== 'enqueue' && isIn(entry.promise, entries))
    for (let tries = 0; tries < TRIES_MAX; tries++) {
        const calls = carrying
        const origins = originsOf(calls)
        const [one, ...others] = origins.length === 0 ? calls : origins
        if (one === undefined) {
            return { carrying, first: undefined }
        }
        const first = others.reduce((best, call) =>
            (whenOf(call) < whenOf(best) ? call : best), one)
        if (await isCarrying(history, first, entry, options)) {
            return { carrying, first }
        }
        const wrong = new Set(origins.filter(({ sent }) => sent.member === first.sent.member))
        carrying = calls.filter((call) => !wrong.has(call) && call !== first)
    }
    return { carrying, first: undefined }
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
    const { carrying, first } = await carryingCalls(history, entry, options)
    const held = firstOfEach(carrying.flatMap(({ received }) => received).map(placeOf))
    const delivered = found.map(([member, { number }]) => placeOf({ member, number }))
    const atLeader = found.find(([member]) => member === first?.sent.member)?.[1].played
    return {
        entry,
        published: batch === undefined ? null : placeOf(batch.sent),
        batched: (batch?.received ?? []).map(placeOf),
        proposed: first === undefined
            ? null
            : { ...placeOf(first.sent), cause: history.cause(first.sent) },
        held,
        delivered,
        committedBy: atLeader?.method === 'sent' ? Object.keys(atLeader.body.responses) : []
    }
}
