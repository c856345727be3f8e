import type { HistoryCall } from '../replay/call-join.js'
import type { ReplayStep } from '../replay/replayer.js'
import type { CallBodyAnswer } from './answers.js'
import type { CallWindows } from './call-window.js'
import { InspectError, type RecordedRepublic } from './recorded-republic.js'
import { redactedText, textWithin } from './redaction.js'
import { TreeMaker } from './value-tree.js'

/** The number of characters of a body as JSON. */
const RAW_MAX = 65_536

/** The body of a call, as the sender has made the call. */
function bodyOf(step: ReplayStep, { method, cookie, to }: HistoryCall): unknown {
    if (method === 'enqueue') {
        return step.dispatches.find((dispatch) => dispatch.cookie === cookie)?.messages
    }
    const communique = step.calls.find((call) => call.cookie === cookie)
    return communique?.envelopes.find((envelope) => envelope.to === to)?.request
        ?? step.played.body
}

/** A call with its body. Moves the replayer of the sender. */
export async function callAnswer(
    republic: RecordedRepublic, calls: CallWindows, id: number
): Promise<CallBodyAnswer> {
    const call = calls.call(id)
    const answer = calls.answer(id)
    if (call === undefined || answer === null) {
        throw new InspectError(`There is no call ${id}.`)
    }
    const step = await republic.lane(call.sent.member).replayer.seek(call.sent.number)
    const body = step === null ? null : bodyOf(step, call)
    const { isRedacted } = republic
    const text = isRedacted ? redactedText(body) : JSON.stringify(body) ?? 'null'
    return {
        call: answer,
        body: new TreeMaker(isRedacted).tree(call.method, body ?? null),
        raw: textWithin(text, RAW_MAX)
    }
}
