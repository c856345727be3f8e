import { rejectArgument } from '../base/errors.js'
import { count, fitting, type OptionTable, readOptions } from '../base/option-table.js'
import type { Played } from '../member/inputs.js'
import type { HistoryCall, HistoryPlace } from '../replay/call-join.js'
import type { HistoryLane } from '../replay/history-lane.js'
import type { JoinedHistory } from '../replay/joined-history.js'
import { LongWork } from '../replay/long-work.js'
import { SEEK_OPTIONS, type SeekOptions } from '../replay/options.js'
import { awaitedIn } from '../replay/unsettled-publishes.js'
import { ConsistentCut, instantOf, offsetsOf } from './consistent-cut.js'
import {
    checkChange, checkSettings, type Variant, type VariantBody, type VariantCall,
    type VariantChange, type VariantInput, type VariantMember, VARIANT_MS_MAX, VARIANT_SETTINGS,
    type VariantSettings, type VariantStop
} from './variant.js'

/** The point, the change and the surroundings of a variant. */
export interface VariantOptions extends Partial<VariantSettings>, SeekOptions {
    /** The input before which the change happens. */
    readonly at: HistoryPlace
    /** The change. @default nothing */
    readonly change?: VariantChange
}

function isKind(value: unknown): boolean {
    return typeof value === 'object' && value !== null && 'kind' in value
}

function isPlace(value: unknown): boolean {
    return typeof value === 'object' && value !== null && 'member' in value && 'number' in value
}

/** The kinds of the options of `variantOf`. */
const VARIANT_OPTIONS: OptionTable<VariantOptions> = {
    ...SEEK_OPTIONS,
    at: fitting('a place: { member, number }', isPlace),
    change: fitting('a change, such as { kind: "drop" }', isKind),
    durationMs: count(VARIANT_MS_MAX),
    latencyMs: count(VARIANT_MS_MAX, 0),
    seed: fitting('a whole number', Number.isSafeInteger)
}

/** The number of calls under way and of outside inputs in a variant. */
const PARTS_MAX = 100_000

/** The inputs from outside of the engines. */
const OUTSIDE: ReadonlySet<string> = new Set([
    'birth', 'bootstrap', 'join', 'revive', 'upgrade', 'naturalize', 'leave', 'cede', 'move',
    'locate', 'publish', 'publishAll'
])

type Arrival = VariantCall['arrivals'][number]
type Answer = NonNullable<VariantCall['answer']>

/** Collects the parts of a variant. */
class VariantParts {
    readonly #history: JoinedHistory
    readonly #cut: ReadonlyMap<string, number>
    readonly #offsets: ReadonlyMap<string, number>
    readonly inputs: VariantInput[] = []
    readonly stops: VariantStop[] = []
    readonly members: VariantMember[] = []
    /** The cookies of the calls of a member that wait for an answer. */
    readonly #waiting = new Map<string, ReadonlySet<string>>()
    readonly #arrivals = new Map<HistoryCall, Arrival[]>()
    readonly #answers = new Map<string, Answer>()
    #count = 0

    constructor(
        history: JoinedHistory, cut: ReadonlyMap<string, number>,
        offsets: ReadonlyMap<string, number>
    ) {
        this.#history = history
        this.#cut = cut
        this.#offsets = offsets
    }

    #offsetOf(member: string): number {
        return this.#offsets.get(member) ?? 0
    }

    #last(member: string): number {
        return this.#cut.get(member) ?? Number.POSITIVE_INFINITY
    }

    #countPart(): void {
        this.#count++
        if (this.#count > PARTS_MAX) {
            rejectArgument(`More than ${PARTS_MAX} inputs and calls follow on the point: continue `
                + 'for a shorter time.')
        }
    }

    /** Adds a member as of the cut, and the starts and ends of its processes afterwards. */
    async addMember(lane: HistoryLane, end: number): Promise<void> {
        const { member, replayer, starts } = lane
        const { first, last } = replayer
        const number = this.#last(member)
        const offsetMs = this.#offsetOf(member)
        await replayer.seek(number)
        const isBorn = number >= first || !starts.includes(first)
            || this.#history.describe({ member, number: first }).method !== 'birth'
        const state = isBorn ? replayer.state : null
        const timeoutMs = state?.paxos.options.timeout ?? 1000
        const ends = starts.filter((start) => start > first).map((start) => start - 1)
        if (end - (lane.to - offsetMs) > timeoutMs) {
            ends.push(last)
        }
        for (const each of ends) {
            if (each > number) {
                const when = this.#history.whenOf({ member, number: each }) ?? 0
                this.stops.push({ member, at: when - offsetMs + 1 })
            }
        }
        this.members.push({
            id: member, offsetMs, state, number,
            isRunning: isBorn && last >= first && !ends.includes(number)
        })
        const { post } = state?.paxos ?? { post: { calls: [] } }
        const batches = state === null ? [] : awaitedIn(state.islander)
        this.#waiting.set(member, new Set([
            ...post.calls.map(([cookie]) => cookie), ...batches.map((cookie) => `batch ${cookie}`)
        ]))
    }

    /** Adds the inputs of a member after the cut, up to an aligned instant. */
    async addInputs({ member, replayer }: HistoryLane, until: number, work: LongWork):
    Promise<void> {
        const from = this.#last(member) + 1
        if (from > replayer.last) {
            return
        }
        for await (const { number, played } of replayer.steps({ from })) {
            const at = played.when - this.#offsetOf(member)
            if (at > until) {
                return
            }
            this.#addInput(member, number, at, played)
            if (work.isDue) {
                await work.pause()
            }
        }
    }

    #addInput(member: string, number: number, at: number, played: Played): void {
        const { method, body } = played
        if (OUTSIDE.has(method) || (method === 'immigrate' && body.hops === 0)) {
            this.#countPart()
            const input = { method, body } as VariantInput['input']
            this.inputs.push({ member, number, at, input })
        } else if (method === 'receive' || method === 'enqueue') {
            const call = this.#history.callTo({ member, number })
            if (call !== null && call.sent.number <= this.#last(call.sent.member)) {
                this.#countPart()
                const arrivals = this.#arrivals.get(call) ?? []
                arrivals.push({ member, number, at, body: body as VariantBody })
                this.#arrivals.set(call, arrivals)
            }
        } else if (method === 'sent' || method === 'published') {
            const { cookie, ...value } = body
            this.#answers.set(`${number} ${member}`, {
                at, number, value: 'responses' in value ? value.responses : value
            })
        }
    }

    /** The calls under way at the cut. */
    get calls(): VariantCall[] {
        return this.#history.calls.flatMap((call) => {
            const { sent, answered, method, to, cookie } = call
            const { member: from } = sent
            const isOpen = sent.number <= this.#last(from) && method !== 'immigrate'
                && (answered === null || answered.number > this.#last(from))
            const arrivals = this.#arrivals.get(call) ?? []
            const name = method === 'enqueue' ? `batch ${cookie}` : cookie
            if (!isOpen || (arrivals.length === 0 && this.#waiting.get(from)?.has(name) !== true)) {
                return []
            }
            const direct = arrivals.filter(({ body }) => !('hops' in body) || body.hops !== 1)
            const answer = answered === null
                ? null
                : this.#answers.get(`${answered.number} ${answered.member}`) ?? null
            return [{
                from, cookie, to, method: method === 'enqueue' ? 'enqueue' : 'receive',
                arrivals: direct.length === 0 ? arrivals : direct,
                answer: arrivals.length === 0 ? answer : null
            }]
        })
    }
}

/**
 * A continuation of a history from a point on. Moves the replayers of the history.
 *
 * @throws KibitzError `invalid-argument`, `aborted`, `journal-damaged`, `journal-version`.
 */
export async function variantOf(history: JoinedHistory, options: VariantOptions):
Promise<Variant> {
    const { at: place, change, signal, progress, ...chosen } =
        readOptions('variantOf', options, VARIANT_OPTIONS, ['at'])
    const settings = { ...VARIANT_SETTINGS, ...chosen }
    checkSettings(settings)
    const lane = history.lanes.find(({ member }) => member === place.member)
    if (lane === undefined || !Number.isSafeInteger(place.number)
        || place.number < lane.replayer.first || place.number > lane.replayer.last + 1) {
        rejectArgument('A variant begins before an input of a recorded member, or at the end.')
    }
    const isEnd = place.number > lane.replayer.last
    const method = isEnd ? null : history.describe(place).method
    const made: VariantChange = change ?? { kind: 'nothing' }
    checkChange(made, history.lanes.map(({ member }) => member), method)
    const work = new LongWork('The variant', {
        ...(signal && { signal }), ...(progress && { progress })
    })
    const offsets = offsetsOf(history)
    const cut = await ConsistentCut.before(history, place, offsets, work)
    const at = instantOf(history, place) - (offsets.get(place.member) ?? 0)
    const end = Math.max(...history.lanes.map((each) => each.to - (offsets.get(each.member) ?? 0)))
    const parts = new VariantParts(history, cut, offsets)
    for (const each of history.lanes) {
        await parts.addMember(each, end)
        await parts.addInputs(each, at + settings.durationMs, work)
    }
    const key = method === 'event' ? await timerAt(lane, place.number) : null
    const { members, calls, inputs, stops } = parts
    return {
        version: 1, point: { ...place, at, key }, change: made, settings, members,
        missing: history.missing, calls,
        inputs: inputs.sort((one, other) => one.at - other.at), stops
    }
}

/** The key of the timer that has fired at an input. */
async function timerAt({ replayer }: HistoryLane, number: number): Promise<string | null> {
    const step = await replayer.seek(number)
    return step?.played.method === 'event' ? step.played.body.key : null
}
