import type { ReplayStep } from '../replay/replayer.js'
import type { ReplayedState } from '../replay/replayed-member.js'
import type { CauseAnswer, EntryAnswer, PublishAnswer, StepAnswer } from './answers.js'
import type { CallWindows } from './call-window.js'
import { InspectError, type RecordedRepublic } from './recorded-republic.js'
import { redactedText, redactInput, redactValue, textWithin } from './redaction.js'
import { shortText, TreeMaker } from './value-tree.js'

/** The number of entries, settlements and appointments in an answer. */
const ITEMS_MAX = 100

/** The number of characters of an input as JSON. */
const RAW_MAX = 65_536

/** A step, and the state before the step. */
interface Stepped {
    readonly step: ReplayStep
    readonly before: ReplayedState
    readonly committed: string
    readonly role: string
}

async function stepTo(republic: RecordedRepublic, member: string, number: number):
Promise<Stepped> {
    const { replayer, first, last } = republic.lane(member)
    if (!Number.isSafeInteger(number) || number < first || number > last) {
        throw republic.absent(`${member} has the inputs ${first} to ${last}`)
    }
    await replayer.seek(number - 1)
    const before = replayer.state
    const step = await replayer.seek(number)
    if (step === null) {
        throw new InspectError(`There is no input ${number} of ${member}.`)
    }
    const { committed, role } = replayer.member.inspect()
    return { step, before, committed, role }
}

function causeOf(republic: RecordedRepublic, member: string, number: number): CauseAnswer {
    const { kind, place } = republic.history.cause({ member, number })
    return { kind, place: place === null ? null : republic.describe(place) }
}

function entriesOf(republic: RecordedRepublic, { entries }: ReplayStep): EntryAnswer[] {
    const { isRedacted } = republic
    return entries.slice(0, ITEMS_MAX).map((entry) => ({
        promise: entry.promise,
        method: entry.method,
        text: entry.method === 'government'
            ? republic.changeOf(entry.promise)
            : shortText(isRedacted ? redactValue(entry.body.body) : entry.body.body)
    }))
}

/** The values that an input has published, with their tickets. */
function publishesOf({ played, outcome }: ReplayStep, isRedacted: boolean): PublishAnswer[] {
    const { method, body } = played
    if ((method !== 'publish' && method !== 'publishAll') || typeof outcome !== 'number') {
        return []
    }
    const values: readonly unknown[] = method === 'publish' ? [body] : body
    const first = outcome - values.length + 1
    return values.slice(0, ITEMS_MAX).map((value, index) => ({
        ticket: first + index,
        text: value === null ? 'a barrier' : shortText(isRedacted ? redactValue(value) : value)
    }))
}

function textOfInput({ played }: ReplayStep, isRedacted: boolean): string {
    const text = isRedacted ? redactedText(redactInput(played)) : JSON.stringify(played)
    return textWithin(text, RAW_MAX)
}

/** An input, its effects, and the member afterwards. Moves the replayer of the member. */
export async function stepAnswer(
    republic: RecordedRepublic, calls: CallWindows, member: string, number: number
): Promise<StepAnswer> {
    const { step, before, committed, role } = await stepTo(republic, member, number)
    const { isRedacted } = republic
    const { first, last } = republic.lane(member)
    const { when, method, body } = step.played
    const shown = isRedacted ? redactInput(step.played) : step.played
    const maker = new TreeMaker(isRedacted)
    return {
        member, number, first, last, when, method,
        at: republic.at({ member, number }),
        cause: causeOf(republic, member, number),
        input: new TreeMaker(isRedacted).tree(
            method === 'receive' ? `${body.method} from ${body.from.id}` : method,
            Reflect.get(shown, 'body')
        ),
        raw: textOfInput(step, isRedacted),
        outcome: step.outcome === null || step.outcome === undefined
            ? null
            : new TreeMaker(isRedacted).tree('outcome', step.outcome),
        calls: calls.sentBy(member, number).slice(0, ITEMS_MAX),
        entries: entriesOf(republic, step),
        settled: step.settled.slice(0, ITEMS_MAX).map(({ ticket, promise, refused }) =>
            `publish ${ticket}: ${promise ?? `given up${refused === undefined
                ? ''
                : `, refused with ${refused}`}`}`),
        appointments: step.appointments.slice(0, ITEMS_MAX).map(({ key, when: due }) =>
            `${key} in ${due - when} ms`),
        role, committed,
        government: step.state.paxos.citizenship.government.promise,
        publishes: publishesOf(step, isRedacted),
        state: maker.compared('state', step.state, before),
        changes: maker.changes
    }
}

/** The comparison of the states after two inputs, of one member or of two. */
export async function compareAnswer(
    republic: RecordedRepublic, left: readonly [string, number], right: readonly [string, number]
): Promise<{ readonly differences: number, readonly tree: StepAnswer['state'] }> {
    const stateOf = async ([member, number]: readonly [string, number]): Promise<ReplayedState> =>
        (await stepTo(republic, member, number)).step.state
    const one = await stateOf(left)
    const other = await stateOf(right)
    const maker = new TreeMaker(republic.isRedacted)
    const tree = maker.compared('state', other, one)
    return { differences: maker.differences, tree }
}
