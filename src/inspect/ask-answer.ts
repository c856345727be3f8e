import type { ReplayedInput } from '../replay/replay-pass.js'
import type { AskAnswer, InputAnswer } from './answers.js'
import { spread } from './call-window.js'
import { type ExpressionNames, isTrue, evaluate } from './expression-value.js'
import { parseExpression } from './expression-parser.js'
import { InspectError, type RecordedRepublic } from './recorded-republic.js'
import { redactInput, redactValue } from './redaction.js'
import { shortText } from './value-tree.js'

/** The number of points in an answer. */
const POINTS_MAX = 2_000

/** The number of changes of the value that are kept until the thinning. */
const CHANGES_MAX = 100_000

/** The time of one answer, in milliseconds; the page asks again from there. */
const TURN_MS = 2_000

/** The number of characters of a value. */
const VALUE_MAX = 80

/** A question about the past of a member. */
export interface AskQuery {
    readonly member: string
    readonly expression: string
    /** The number of the first input. */
    readonly from: number
}

/** A name of the language that holds the number, the kind or the state of a step. */
function namesOf(step: () => ReplayedInput, isRedacted: boolean): ExpressionNames {
    const inspect = (): object => step().member.inspect()
    const names = ['role', 'committed', 'head', 'promised', 'accepted', 'waiting', 'silent', 'open',
        'lag', 'returning', 'leftBehind']
    return {
        ...Object.fromEntries(names.map((name) =>
            [name, (): unknown => Reflect.get(inspect(), name)])),
        number: () => step().number,
        when: () => step().played.when,
        method: () => step().played.method,
        input: () => (isRedacted ? redactInput(step().played) : step().played),
        outcome: () => step().outcome,
        calls: () => step().calls,
        entries: () => step().entries,
        settled: () => step().settled,
        government: () => step().member.government,
        leader: () => step().member.government.majority[0] ?? null,
        isLed: () => step().member.contact().isLed,
        leaderSeenMs: () => step().member.contact().leaderSeenMs,
        unsent: () => step().member.health().pending,
        unseen: () => step().member.health().waiting,
        state: () => stateOf(step(), isRedacted)
    }
}

function stateOf({ member }: ReplayedInput, isRedacted: boolean): object {
    const state = member.state()
    const { islander } = state
    return isRedacted
        ? { ...state, islander: { ...islander, pending: islander.pending.map(redactValue) } }
        : state
}

function pointText(value: unknown, isRedacted: boolean): string {
    const isBare = typeof value !== 'object' || value === null
    // A part of a redacted object could be a published value in another form.
    return isBare || !isRedacted ? shortText(value ?? null, VALUE_MAX) : '"object"'
}

/** Evaluates an expression after every input of a member, from an input on. */
export async function askAnswer(
    republic: RecordedRepublic, { member, expression, from }: AskQuery
): Promise<AskAnswer> {
    const { replayer, first, last: end } = republic.lane(member)
    const { isRedacted } = republic
    const parsed = parseExpression(expression)
    if (!Number.isSafeInteger(from) || from < first) {
        throw new InspectError(`${member} has the inputs ${first} to ${end}.`)
    }
    let current: ReplayedInput | null = null
    const names = namesOf(() => current ?? reject(), isRedacted)
    const points: [number, number, string][] = []
    let firstTrue: InputAnswer | null = null
    let isNumber = true
    let last: string | null = null
    let next: number | null = null
    let evaluated = 0
    const deadline = performance.now() + TURN_MS
    for await (const step of replayer.steps({ from, to: end })) {
        current = step
        const value = evaluate(parsed, names, isRedacted)
        evaluated++
        const text = pointText(value, isRedacted)
        isNumber &&= value === null || typeof value === 'number'
        if (text !== last && points.length < CHANGES_MAX) {
            points.push([republic.at({ member, number: step.number }), step.number, text])
            last = text
        }
        if (firstTrue === null && isTrue(value)) {
            firstTrue = republic.describe({ member, number: step.number })
        }
        if (evaluated % 64 === 0 && performance.now() > deadline && step.number < end) {
            next = step.number + 1
            break
        }
    }
    return {
        member, isNumber, firstTrue, next, evaluated,
        points: spread(points, POINTS_MAX)
    }
}

function reject(): never {
    throw new InspectError('There is no input.')
}
