import { createHash } from 'node:crypto'
import type { Played } from '../member/inputs.js'
import { alignPeriods, leaderlessPeriods } from '../replay/leaderless-periods.js'
import { LeaderWatch } from '../replay/leader-watch.js'
import { unsettledIn } from '../replay/unsettled-publishes.js'
import { memberAt, timeoutOf } from './variant-process.js'
import type { VariantStep } from './variant-shell.js'
import type { Variant } from './variant.js'

/** A government that took force after the point. */
export interface VariantGovernment {
    readonly promise: string
    readonly leader: string
    readonly majority: readonly string[]
    readonly minority: readonly string[]
    /** When the first member knew of the government, in milliseconds after the point. */
    readonly at: number
}

/** A period without a leader in good standing, in milliseconds after the point. */
export interface VariantGap {
    readonly from: number
    readonly to: number
    readonly before: string | null
    /** `null` if there is no leader at the end. */
    readonly after: string | null
}

/** A published value: published after the point, or without an outcome at the point. */
export interface VariantPublish {
    readonly member: string
    readonly ticket: number
    /** The recorded input of the publish; `null` before the point. */
    readonly input: number | null
    readonly value: unknown
    /** The entry of the value; `null` if the publisher does not know the value in the log. */
    readonly promise: string | null
    /** When the publisher knew the outcome, in milliseconds after the point. */
    readonly settledAt: number | null
}

/** The result of a continuation. */
export interface VariantOutcome {
    readonly governments: readonly VariantGovernment[]
    readonly gaps: readonly VariantGap[]
    readonly publishes: readonly VariantPublish[]
    /** The number of inputs of all members. */
    readonly inputs: number
    /** The end of the continuation, in milliseconds after the point. */
    readonly endsAt: number
    /** SHA-256 of all inputs, member by member. */
    readonly digest: string
}

/** The number of publishes in an outcome. */
const PUBLISHES_MAX = 10_000

type OpenPublish = { -readonly [Key in keyof VariantPublish]: VariantPublish[Key] }

function ms(at: number): number {
    return Math.round(at)
}

/** Collects the outcome of a continuation, or of the recording after the point. */
export class OutcomeBook {
    readonly #origin: number
    readonly #offsets: ReadonlyMap<string, number>
    readonly #timeoutMs: number
    readonly #watches = new Map<string, LeaderWatch>()
    readonly #governments = new Map<string, VariantGovernment>()
    readonly #publishes = new Map<string, OpenPublish>()
    readonly #hashes = new Map<string, ReturnType<typeof createHash>>()
    #inputs = 0
    #isLed = false

    constructor({ members, point }: Variant) {
        this.#origin = point.at
        this.#offsets = new Map(members.map(({ id, offsetMs }) => [id, offsetMs]))
        for (const begun of members) {
            const { id, state, number, isRunning } = begun
            const member = memberAt(begun)
            const watch = new LeaderWatch()
            this.#watches.set(id, watch)
            this.#hashes.set(id, createHash('sha256'))
            if (state !== null) {
                const { clock } = state.paxos.time
                watch.noteStanding(id, number, clock, member)
                this.#isLed ||= isRunning && watch.periods.length > 0
                for (const { ticket, body } of unsettledIn(state.islander)) {
                    this.#open(id, ticket, null, body)
                }
            }
        }
        this.#timeoutMs = timeoutOf(members)
    }

    #open(member: string, ticket: number, input: number | null, value: unknown): void {
        if (this.#publishes.size < PUBLISHES_MAX) {
            this.#publishes.set(`${ticket} ${member}`,
                { member, ticket, input, value, promise: null, settledAt: null })
        }
    }

    /** Notes a step. The steps of each member come in order. */
    note({ id, member, at, played, recorded, outcome, entries, settled }: VariantStep): void {
        this.#inputs++
        this.#hashes.get(id)?.update(`${JSON.stringify(played)}\n`)
        this.#watches.get(id)?.note(id, { number: this.#inputs, played, member, outcome })
        this.#notePublish(id, played, outcome, recorded)
        for (const { ticket, promise } of settled) {
            const publish = this.#publishes.get(`${ticket} ${id}`)
            if (publish !== undefined) {
                publish.promise = promise
                publish.settledAt = ms(at)
            }
        }
        for (const entry of entries) {
            if (entry.method === 'government') {
                const { promise, government: { majority, minority } } = entry
                const known = this.#governments.get(promise)
                if (known === undefined || at < known.at) {
                    this.#governments.set(promise, {
                        promise, leader: majority[0] ?? '', majority, minority, at: ms(at)
                    })
                }
            }
        }
    }

    #notePublish(
        id: string, { method, body }: Played, outcome: unknown, recorded: number | null
    ): void {
        if (method === 'publish' && typeof outcome === 'number') {
            this.#open(id, outcome, recorded, body)
        } else if (method === 'publishAll' && typeof outcome === 'number') {
            for (const [index, value] of body.entries()) {
                this.#open(id, outcome - body.length + index + 1, recorded, value)
            }
        }
    }

    /** @param endsAt The end, in milliseconds after the point. */
    outcome(endsAt: number): VariantOutcome {
        const hash = createHash('sha256')
        for (const each of this.#hashes.values()) {
            hash.update(each.digest())
        }
        return {
            governments: [...this.#governments.values()].sort((one, other) => one.at - other.at),
            gaps: this.#gaps(endsAt),
            publishes: [...this.#publishes.values()],
            inputs: this.#inputs,
            endsAt: ms(endsAt),
            digest: hash.digest('hex')
        }
    }

    #gaps(endsAt: number): VariantGap[] {
        const all = [...this.#watches.values()].flatMap(({ periods }) => periods)
        const periods = alignPeriods(all, (member, when) =>
            when - (this.#offsets.get(member) ?? 0) - this.#origin)
        const gaps = leaderlessPeriods(periods, endsAt, this.#timeoutMs)
            .filter(({ to }) => to > 0)
            .map(({ from, to, before, after }): VariantGap =>
                ({ from: ms(from), to: ms(to), before, after }))
        const [first] = periods
        if (first === undefined || (!this.#isLed && first.from > 0)) {
            const to = first?.from ?? endsAt
            gaps.unshift({ from: 0, to: ms(to), before: null, after: first?.period.member ?? null })
        }
        return gaps
    }
}
