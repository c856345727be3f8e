import { rejectArgument } from '../base/errors.js'
import type { Played } from '../member/inputs.js'
import type { JoinedHistory } from '../replay/joined-history.js'
import { LongWork } from '../replay/long-work.js'
import type { SeekOptions } from '../replay/options.js'
import type { ReplayedState } from '../replay/replayed-member.js'
import { OutcomeBook, type VariantOutcome } from './variant-outcome.js'
import { VariantWorld } from './variant-world.js'
import { checkChange, checkSettings, type Variant, type VariantChange } from './variant.js'

/** The first input that a change changes. */
export interface VariantDifference {
    readonly member: string
    /** Counts the inputs of the member after the point, from 1 on. */
    readonly index: number
    /** Milliseconds after the point. */
    readonly at: number
    /** The inputs of this place; `null` if there is none. */
    readonly unchanged: Played | null
    readonly changed: Played | null
}

/** The inputs of a member after the point. */
export interface VariantRecording {
    readonly id: string
    readonly state: ReplayedState | null
    readonly inputs: readonly Played[]
}

/** A continuation with the change, beside the continuation without the change. */
export interface VariantResult {
    readonly unchanged: VariantOutcome
    readonly changed: VariantOutcome
    /** `null` if the change changes nothing. */
    readonly difference: VariantDifference | null
    /** The inputs of the continuation with the change. */
    readonly recordings: readonly VariantRecording[]
}

interface Continuation {
    readonly outcome: VariantOutcome
    readonly world: VariantWorld
}

async function continueWith(variant: Variant, change: VariantChange, work: LongWork):
Promise<Continuation> {
    const book = new OutcomeBook(variant)
    let last = 0
    const world = new VariantWorld(variant, change, (step) => {
        last = step.at
        book.note(step)
    })
    await world.run(work)
    const endsAt = world.isFull ? last : variant.settings.durationMs
    return { world, outcome: book.outcome(endsAt) }
}

/** The first difference between two continuations of one variant, by the time of the point. */
function differenceOf({ point }: Variant, one: VariantWorld, other: VariantWorld):
VariantDifference | null {
    let first: VariantDifference | null = null
    one.processes.forEach(({ id, offsetMs, inputs }, place) => {
        const changed = other.processes[place]?.inputs ?? []
        const length = Math.max(inputs.length, changed.length)
        for (let index = 0; index < length; index++) {
            const [left = null, right = null] = [inputs[index], changed[index]]
            if (JSON.stringify(left) !== JSON.stringify(right)) {
                const when = Math.min(left?.when ?? Number.POSITIVE_INFINITY,
                    right?.when ?? Number.POSITIVE_INFINITY)
                const at = when - offsetMs - point.at
                if (first === null || at < first.at) {
                    first = { member: id, index: index + 1, at, unchanged: left, changed: right }
                }
                return
            }
        }
    })
    return first
}

/**
 * Continues the members of a variant from the point on, once without and once with the change. Two
 * runs of one variant are equal.
 *
 * @throws KibitzError `invalid-argument` if the value is no variant; `aborted`, `journal-damaged`.
 */
export async function runVariant(variant: Variant, options: SeekOptions = {}):
Promise<VariantResult> {
    checkVariant(variant)
    const work = new LongWork('The variant', options)
    work.check()
    const nothing: VariantChange = { kind: 'nothing' }
    const before = await continueWith(variant, nothing, work)
    const { change } = variant
    const after = change.kind === 'nothing' ? before : await continueWith(variant, change, work)
    return {
        unchanged: before.outcome,
        changed: after.outcome,
        difference: differenceOf(variant, before.world, after.world),
        recordings: after.world.processes.map(({ id, inputs }, place) =>
            ({ id, inputs, state: variant.members[place]?.state ?? null }))
    }
}

/** Checks the frame of a variant. The parts are checked when these are used. */
function checkVariant(variant: Variant): void {
    const { version, point, members, calls, inputs, stops } = variant
    if (version !== 1 || ![members, calls, inputs, stops].every(Array.isArray)
        || !Number.isFinite(point.at) || members.some(({ offsetMs }) => !Number.isFinite(offsetMs))
        || [...inputs, ...stops].some(({ at }) => !Number.isFinite(at))) {
        rejectArgument('The value is no variant of this version of kibitz.')
    }
    checkSettings(variant.settings)
    // The recording decides whether the input at the point may change; see `variantOf`.
    checkChange(variant.change, members.map(({ id }) => id), 'receive')
}

/** The recorded outcome of the time of a variant. Moves no replayer. */
export async function recordedOutcome(
    history: JoinedHistory, variant: Variant, options: SeekOptions = {}
): Promise<VariantOutcome> {
    const { point, settings: { durationMs }, members } = variant
    const work = new LongWork('The variant', options)
    const book = new OutcomeBook(variant)
    let end = 0
    for (const { id, number: last, offsetMs } of members) {
        const replayer = history.lanes.find(({ member }) => member === id)?.replayer
        if (replayer === undefined || last >= replayer.last) {
            continue
        }
        for await (const step of replayer.steps({ from: last + 1 })) {
            const at = step.played.when - offsetMs - point.at
            if (at > durationMs) {
                break
            }
            end = Math.max(end, at)
            book.note({ ...step, id, at, recorded: step.number })
            if (work.isDue) {
                await work.pause()
            }
        }
    }
    return book.outcome(end)
}
