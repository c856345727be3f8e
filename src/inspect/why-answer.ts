import type { HistoryCall, HistoryPlace } from '../replay/call-join.js'
import type { LeaderlessPeriod } from '../replay/leaderless-periods.js'
import { explain, type WhyEntry, type WhyPlace } from '../replay/why.js'
import type { WhyAnswer, WhyLine } from './answers.js'
import { gapsOf } from './gaps.js'
import { isPromise } from './promise-span.js'
import { InspectError, type RecordedRepublic } from './recorded-republic.js'
import { redactValue } from './redaction.js'
import { shortText } from './value-tree.js'

/** The number of lines of an explanation. */
const LINES_MAX = 300

/** The calls of an election. */
const ELECTION: ReadonlySet<string> = new Set(['canvass', 'prepare', 'cede'])

function line(republic: RecordedRepublic, place: HistoryPlace, text: string): WhyLine {
    return { text, place: republic.describe(place), at: republic.at(place) }
}

/** The members in a list of places, in words. */
function membersOf(places: readonly HistoryPlace[]): string {
    return [...new Set(places.map(({ member }) => member))].join(', ')
}

function textOfCause(republic: RecordedRepublic, place: HistoryPlace): string {
    const { kind, place: cause } = republic.history.cause(place)
    const at = cause === null ? '' : ` at input ${cause.number} of ${cause.member}`
    switch (kind) {
        case 'timer':
            return `a timer, set${at}`
        case 'call':
            return `a call, sent${at}`
        case 'answer':
            return `an answer, given${at}`
        case 'start':
            return 'the start of the process'
        default:
            return 'the application'
    }
}

function linesOfEntry(republic: RecordedRepublic, why: WhyEntry): WhyLine[] {
    const { published, batched, proposed, held, delivered, committedBy } = why
    const say = (text: (place: WhyPlace) => string) => (place: WhyPlace): WhyLine =>
        line(republic, place, text(place))
    const committing = committedBy.join(', ')
    return [
        ...(published === null
            ? []
            : [line(republic, published, `${published.member} sent its batch to the leader`)]),
        ...batched.map(say(({ member }) => `${member} took the batch`)),
        ...(proposed === null
            ? []
            : [line(republic, proposed, `${proposed.member} first sent the entry to another member;`
                + ` cause: ${textOfCause(republic, proposed)}`)]),
        ...held.map(say(({ member }) => `${member} held the entry`)),
        ...delivered.map(say(({ member }) => `${member} added the entry to its log${
            member === proposed?.member && committing !== ''
                ? `, committed by the answer of ${committing}`
                : ''}`))
    ]
}

/** Explains how an entry came into the logs; for a government, also the cause of the change. */
export async function whyEntry(republic: RecordedRepublic, promise: string): Promise<WhyAnswer> {
    if (!isPromise(promise)) {
        throw new InspectError(`${promise} is no promise of an entry, such as 1/2.`)
    }
    const why = await explain(republic.history, promise)
    const { entry } = why
    const lines = linesOfEntry(republic, why)
    if (entry.method === 'government') {
        const { majority, minority, constituents } = entry.government
        return {
            title: `Government ${promise}`,
            summary: `${republic.changeOf(promise)}. Leader ${majority[0] ?? 'none'}; every one of `
                + `${majority.join(', ')} must accept each entry; minority: `
                + `${minority.join(', ') || 'none'}; constituents: `
                + `${constituents.join(', ') || 'none'}.`,
            lines: [
                ...(entry.body.map === null
                    ? electionBefore(republic, why)
                    : silentBefore(republic, why, promise)),
                ...lines
            ]
        }
    }
    const { id, cookie, body } = entry.body
    const value = body === null
        ? 'an entry without a value (a barrier or a flush)'
        : shortText(republic.isRedacted ? redactValue(body) : body)
    return {
        title: `Entry ${promise}`,
        summary: `${id} published ${value} as message ${cookie}. The entry follows `
            + `${entry.previous}. It is in the log of ${membersOf(why.delivered)}.`,
        lines
    }
}

/** The lines of the gap that a government after a collapse has ended. */
function electionBefore(republic: RecordedRepublic, { delivered }: WhyEntry): WhyLine[] {
    const [first] = delivered
    if (first === undefined) {
        return []
    }
    const at = republic.at(first)
    const gap = gapsOf(republic).findLast(({ from, to }) => from <= at && at <= to + 1)
        ?? gapsOf(republic).findLast(({ to }) => to <= at)
    return gap === undefined ? [] : linesOfGap(republic, gap)
}

/** The members that a government exiles, or moves out of the majority. */
function leavingBy({ history: { governments } }: RecordedRepublic, promise: string):
readonly string[] {
    const index = governments.findIndex((government) => government.promise === promise)
    const [change, before] = [governments[index], governments[index - 1]]
    const exiled = change?.body.exile?.id
    const majority = change?.government.majority ?? []
    const out = before?.government.majority.filter((id) => !majority.includes(id)) ?? []
    return [...new Set([...out, ...(exiled === undefined ? [] : [exiled])])]
}

/** Whether the members that a government drops had answered the leader. */
function silentBefore(
    republic: RecordedRepublic, { proposed, delivered }: WhyEntry, promise: string
): WhyLine[] {
    const place = proposed ?? delivered[0]
    const leader = place?.member
    return leavingBy(republic, promise).flatMap((id) => {
        const calls = republic.history.calls.filter(({ sent, to }) =>
            sent.member === leader && to === id && sent.number < (place?.number ?? 0))
        const answered = calls.findLast((call) => republic.hasAnswer(call))
        const since = answered === undefined ? calls : calls.slice(calls.indexOf(answered) + 1)
        return [
            ...(answered?.answered === null || answered === undefined
                ? []
                : [line(republic, answered.answered, `${id} answered ${leader} for the last time `
                    + 'before the change')]),
            ...(since[0] === undefined
                ? []
                : [line(republic, since[0].sent, `${leader} called ${id} ${since.length} ${
                    since.length === 1 ? 'time' : 'times'} without an answer`)])
        ]
    })
}

/** The election calls between two instants, by their sending. */
function electionCalls(republic: RecordedRepublic, { from, to }: LeaderlessPeriod): HistoryCall[] {
    return republic.history.calls
        .filter(({ method }) => ELECTION.has(method))
        .map((call) => ({ call, at: republic.at(call.sent) }))
        .filter(({ at }) => at >= from && at <= to)
        .sort((one, other) => one.at - other.at)
        .map(({ call }) => call)
}

function lineOfCall(republic: RecordedRepublic, { sent, to, method, received }: HistoryCall):
WhyLine {
    const [place] = received
    const answer = place === undefined
        ? republic.has(to ?? '') ? 'the call was lost' : `no recording of ${to}`
        : republic.leaderWatch.answerAt(place.member, place.number) ?? 'taken'
    const ask = method === 'canvass'
        ? `asks ${to}: would you elect me?`
        : method === 'prepare' ? `asks ${to} for a promise` : `hands leadership to ${to}`
    return line(republic, sent, `${sent.member} ${ask} (${method}): ${answer}`)
}

/** The changes of the roles of all members in a gap. */
function rolesIn(republic: RecordedRepublic, { from, to }: LeaderlessPeriod): WhyLine[] {
    return republic.history.lanes.flatMap(({ member, roles }) =>
        roles.flatMap(({ number, role, government }, index) => {
            const at = republic.times(member).at(number)
            const before = roles[index - 1]?.role
            return at >= from && at <= to + 1 && before !== role
                ? [line(republic, { member, number }, `${member} becomes ${role} under `
                    + `${government}; cause: ${textOfCause(republic, { member, number })}`)]
                : []
        }))
}

/** The ends and the starts of processes in a gap. */
function processesIn(republic: RecordedRepublic, { from, to }: LeaderlessPeriod): WhyLine[] {
    return republic.history.lanes.flatMap(({ member, last, starts }) => {
        const times = republic.times(member)
        const limitMs = republic.leaderWatch.timeoutMs
        const lines = starts.filter((number) => {
            const at = times.at(number)
            return at >= from && at <= to
        }).map((number) => line(republic, { member, number }, `a process of ${member} starts`))
        const end = times.at(last)
        return end >= from && end <= to && to - end > limitMs / 2
            ? [...lines, line(republic, { member, number: last },
                `the recording of ${member} ends: the process has stopped, or is cut off`)]
            : lines
    })
}

function linesOfGap(republic: RecordedRepublic, gap: LeaderlessPeriod): WhyLine[] {
    const { last, next, before, after } = gap
    const place = { member: last.period.member, number: last.period.last }
    const isRecorded = place.number <= republic.lane(place.member).last
    const begin = {
        ...isRecorded
            ? line(republic, place,
                `a majority obeyed ${before} for the last time; this input took the answers`)
            : { text: `a majority obeyed ${before} before its recording begins`, place: null },
        at: gap.from
    }
    const end = next === null
        ? []
        : [line(republic, { member: next.period.member, number: next.period.first },
            `${after} leads`)]
    const between = [
        ...rolesIn(republic, gap), ...processesIn(republic, gap),
        ...electionCalls(republic, gap).map((call) => lineOfCall(republic, call))
    ].sort((one, other) => (one.at ?? 0) - (other.at ?? 0))
    const shown = between.slice(0, LINES_MAX)
    const omitted = between.length - shown.length
    return [
        begin, ...shown,
        ...(omitted > 0 ? [{ text: `${omitted} further lines`, place: null, at: null }] : []),
        ...end
    ]
}

/** The parts of a gap: the silence before the first candidate, and the election. */
function partsOf(
    republic: RecordedRepublic, gap: LeaderlessPeriod, lines: readonly WhyLine[]
): string {
    const { from, to, after } = gap
    const { leaderWatch: { timeoutMs } } = republic
    const candidate = lines.find(({ text }) => / becomes candidate /.test(text))
    const place = candidate?.place ?? null
    const begin = candidate?.at ?? null
    if (begin === null || place === null) {
        return `No member became a candidate. A follower waits for the timeout of ${timeoutMs} ms.`
    }
    const silence = republic.leaderWatch.silenceAt(place.member, place.number)
    const heard = silence === null
        ? ''
        : `, ${silence} ms after its last news of a leader (the timeout is ${timeoutMs} ms)`
    return `${place.member} became the first candidate ${Math.round(begin - from)} ms into the `
        + `gap${heard}. ${after === null
            ? 'No election has succeeded.'
            : `The election took the other ${Math.round(to - begin)} ms.`}`
}

/** Explains a period without a leader: which member waited for which event. */
export function whyGap(republic: RecordedRepublic, index: number): WhyAnswer {
    const gap = gapsOf(republic)[index]
    if (gap === undefined) {
        throw new InspectError(`There is no gap ${index}.`)
    }
    const { from, to, before, after } = gap
    const lines = linesOfGap(republic, gap)
    const sides = `${before ?? 'no leader'} before, ${after ?? 'no leader'} afterwards`
    return {
        title: `No leader for ${Math.round(to - from)} ms`,
        summary: `${sides}. ${partsOf(republic, gap, lines)}`,
        lines
    }
}
