import { applyGuard, type Guard, list, nullable, record } from '../guard/combinators.js'
import { WIRE_LIMITS } from '../guard/limits.js'
import { flag, id, index, name, text } from '../guard/scalars.js'
import type { Republic } from '../paxos/messages/messages.js'

/** The name of the question that starting members ask each other, out of band. */
export const START = 'colleague.start'

/** How a republic may be founded: by named founders, or by a number of members. */
export interface FoundingTerms {
    /** The ids of the founders, in order. The first founder founds. `null`: no founders named. */
    readonly founders: readonly string[] | null
    /** How many members found together. `null`: no number given. */
    readonly expect: number | null
}

/** The question of a starting member. */
export interface StartQuestion extends FoundingTerms {
    /** The id of the asking member. */
    readonly id: string
    /** Identifies one process of the asking member. A restart draws another value. */
    readonly process: string
    /** The republic that the asking member is about to found; `null` if it only asks. */
    readonly republic: Republic | null
}

/** The answer of a member, whether it belongs to a republic or not. */
export interface StartAnswer extends FoundingTerms {
    /** The id of the answering member. */
    readonly id: string
    /** Identifies one process of the answering member. */
    readonly process: string
    /** The republic that the answering member belongs to or has met; `null` if it knows none. */
    readonly islandId: Republic | null
    /** Whether the answering member is a citizen of that republic. */
    readonly isMember: boolean
    /** Whether the answering member has called `start` and waits for a republic. */
    readonly isStarting: boolean
    /** Whether the answering member will join only the republic that the question proposes. */
    readonly isPromised: boolean
}

const founders = nullable(list(id, 'citizensMax'))
const expect = nullable(index)

const guardOfQuestion = record<StartQuestion>({
    id, process: text, founders, expect, republic: nullable(name)
})
const guardOfAnswer = record<StartAnswer>({
    id,
    process: text,
    founders,
    expect,
    islandId: nullable(name),
    isMember: flag,
    isStarting: flag,
    isPromised: flag
})

function read<T>(guard: Guard<T>, value: unknown): T | null {
    const guarded = applyGuard(guard, value, WIRE_LIMITS)
    return guarded.ok ? guarded.value : null
}

/** A question that arrived, rebuilt field by field; `null` if the value is no such question. */
export function readStartQuestion(value: unknown): StartQuestion | null {
    return read(guardOfQuestion, value)
}

/** An answer that arrived, rebuilt field by field; `null` if the value is no such answer. */
export function readStartAnswer(value: unknown): StartAnswer | null {
    return read(guardOfAnswer, value)
}
