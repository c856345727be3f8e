import type { IslanderState } from '../publisher/islander-types.js'
import { unsettledIn, type UnsettledPublish } from '../replay/unsettled-publishes.js'
import type { WhyAnswer, WhyLine } from './answers.js'
import { InspectError, type RecordedRepublic } from './recorded-republic.js'
import { redactValue } from './redaction.js'
import { shortText } from './value-tree.js'

/** The number of values in an answer. */
const VALUES_MAX = 200

/** An entry of a member in the log of another member. */
interface FoundEntry {
    readonly promise: string
    readonly member: string
    readonly number: number
}

/**
 * Finds the entries of a publisher in the logs of the other members, by their cookies. A cookie
 * counts for one incarnation of the publisher, so the immigration promise must agree, too.
 */
async function findEntries(
    republic: RecordedRepublic, member: string, immigrated: string | null,
    cookies: ReadonlySet<string>
): Promise<ReadonlyMap<string, FoundEntry>> {
    const found = new Map<string, FoundEntry>()
    for (const lane of republic.history.lanes) {
        if (lane.member === member || found.size === cookies.size) {
            continue
        }
        for await (const { number, entries } of lane.replayer.steps({ to: lane.last })) {
            for (const { method, promise, body } of entries) {
                const isWanted = method === 'entry' && body.id === member
                    && body.immigrated === immigrated && cookies.has(body.cookie)
                if (isWanted && !found.has(body.cookie)) {
                    found.set(body.cookie, { promise, member: lane.member, number })
                }
            }
            if (found.size === cookies.size) {
                break
            }
        }
    }
    return found
}

function lineOf(
    republic: RecordedRepublic, { ticket, cookie, body, isSent }: UnsettledPublish,
    found: FoundEntry | undefined
): WhyLine {
    const value = body === null
        ? 'a barrier'
        : shortText(republic.isRedacted ? redactValue(body) : body)
    const what = `publish ${ticket}, ${value}`
    if (found === undefined) {
        const fate = isSent
            ? 'sent, but in no recorded log: the value is not published, as far as the recordings '
                + 'show'
            : cookie === null
                ? 'never sent: in no log'
                : 'waits at the publisher: in no recorded log'
        return { text: `${what}: ${fate}`, place: null, at: null }
    }
    const place = republic.describe(found)
    return {
        text: `${what}: in the log as ${found.promise}, though the recording of the publisher ends `
            + 'before',
        place, at: republic.at(place)
    }
}

/** The fate of the values that a member had published without an outcome, at the end. */
export async function unsettledAnswer(
    republic: RecordedRepublic, member: string, ticket: number | null = null
): Promise<WhyAnswer> {
    const { replayer, last } = republic.lane(member)
    await replayer.seek(last)
    const { islander } = replayer.state
    const all = unsettledIn(islander)
    const wanted = ticket === null ? all : all.filter((value) => value.ticket === ticket)
    if (ticket !== null && wanted.length === 0) {
        return await settledAnswer(republic, member, ticket, islander)
    }
    const shown = wanted.slice(0, VALUES_MAX)
    const cookies = new Set(shown.flatMap(({ cookie }) => (cookie === null ? [] : [cookie])))
    const found = cookies.size === 0
        ? new Map<string, FoundEntry>()
        : await findEntries(republic, member, islander.immigrated, cookies)
    const inLog = shown.filter(({ cookie }) => cookie !== null && found.has(cookie)).length
    return {
        title: ticket === null ? `Open publishes of ${member}` : `Publish ${ticket} of ${member}`,
        summary: shown.length === 0
            ? `Every publish of ${member} has an outcome in its recording.`
            : `At the end of its recording, ${member} knows no outcome of ${all.length} `
                + `${all.length === 1 ? 'publish' : 'publishes'}: ${inLog} in the log of another `
                + `member, ${shown.length - inLog} in no recorded log${
                    shown.length < all.length ? `, ${all.length - shown.length} not shown` : ''}.`,
        lines: shown.map((value) =>
            lineOf(republic, value, value.cookie === null ? undefined : found.get(value.cookie)))
    }
}

/** The input that settled a publish of a member. */
async function settledAnswer(
    republic: RecordedRepublic, member: string, ticket: number, { tickets }: IslanderState
): Promise<WhyAnswer> {
    if (ticket < 1 || ticket > tickets) {
        throw new InspectError(`${member} has made the publishes 1 to ${tickets}.`)
    }
    const { replayer, last: to } = republic.lane(member)
    for await (const { number, settled } of replayer.steps({ to })) {
        const outcome = settled.find((each) => each.ticket === ticket)
        if (outcome !== undefined) {
            const place = republic.describe({ member, number })
            const { promise, refused } = outcome
            const text = promise === null
                ? `given up${refused === undefined ? '' : `, refused with ${refused}`}`
                : `in the log as ${promise}`
            return {
                title: `Publish ${ticket} of ${member}`, summary: `The publish was ${text}.`,
                lines: [{ text, place, at: republic.at(place) }]
            }
        }
    }
    return {
        title: `Publish ${ticket} of ${member}`,
        summary: 'The publish was settled before the first input of the recording.', lines: []
    }
}
