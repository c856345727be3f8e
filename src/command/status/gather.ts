import { webOf } from '../../transport/mixed/addresses.js'
import type { Certificates } from '../../transport/security/certificates.js'
import { ask, type AnswerFields, fieldsOf } from './ask.js'

/** The state of a member by its own report. */
export interface MemberReport {
    readonly id: string
    readonly url: string | null
    /** Its place in the government: `leader`, `majority`, `minority` or `constituent`. */
    readonly seat: string
    /** `null` if the member answers; otherwise the reason why not. */
    readonly silence: string | null
    /** The fields of its health; empty if the member does not answer. */
    readonly health: Readonly<Record<string, unknown>>
}

/** The state of a republic, from all members that answer. */
export interface RepublicReport {
    readonly islandName: string
    readonly islandId: string
    /** The number of the newest government that a member knows. */
    readonly government: string
    /** The protocol version of the republic; `null` if no answer names it. */
    readonly version: number | null
    readonly leader: string | null
    /** How many members the republic can lose, in words, as of its leader. */
    readonly tolerance: string
    /** The number of members that the republic can lose; 0 if no leader is known. */
    readonly tolerates: number
    readonly members: readonly MemberReport[]
}

function textOf(value: unknown): string {
    return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
}

function numberOf(value: unknown): number | null {
    return typeof value === 'number' ? value : null
}

function textsIn(value: unknown): readonly string[] {
    return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : []
}

/** The address of the health of a member: `host:port`, a url, or the url of its properties. */
export function healthUrl(target: string): string | null {
    const address = webOf(target)
    const text = /^https?:\/\//i.test(address) ? address : `http://${address}`
    return URL.canParse(text) ? new URL('/health', text).href : null
}

/** The newest government among the answers, by the number before the slash. */
function newest(answers: readonly AnswerFields[]): AnswerFields {
    const number = (health: AnswerFields): number =>
        Number.parseInt(textOf(fieldsOf(health['government'])['promise']), 16) || 0
    return answers.reduce((best, next) => (number(next) > number(best) ? next : best))
}

function seatOf(government: AnswerFields, id: string): string {
    const majority = textsIn(government['majority'])
    if (majority[0] === id) {
        return 'leader'
    }
    return majority.includes(id)
        ? 'majority'
        : textsIn(government['minority']).includes(id) ? 'minority' : 'constituent'
}

/**
 * Asks the members at some addresses for their republic, and then every member of the republic.
 * Resolves with `null` and the reasons if no address answers.
 */
export async function gather(
    targets: readonly string[], certificates: Certificates | null
): Promise<{ readonly republic: RepublicReport | null; readonly reasons: readonly string[] }> {
    const asked = await Promise.all(targets.map(async (target) => {
        const answer = await ask(healthUrl(target), certificates)
        return typeof answer === 'string' ? `${target}: ${answer}` : answer
    }))
    const answers = asked.filter((answer) => typeof answer === 'object')
    const reasons = asked.filter((answer) => typeof answer === 'string')
    if (answers.length === 0) {
        return { republic: null, reasons }
    }
    const first = newest(answers)
    const government = fieldsOf(first['government'])
    const ids = Object.keys(fieldsOf(fieldsOf(government['immigrated'])['promise']))
    const properties = fieldsOf(government['properties'])
    const members = await Promise.all(ids.map(async (id): Promise<MemberReport> => {
        const url = textOf(fieldsOf(properties[id])['url']) || null
        const answer = await ask(url === null ? null : healthUrl(url), certificates)
        const isSilent = typeof answer === 'string'
        return {
            id,
            url,
            seat: seatOf(government, id),
            silence: isSilent ? answer : null,
            health: isSilent ? {} : answer
        }
    }))
    return { republic: summary(first, members), reasons }
}

function summary(first: AnswerFields, members: readonly MemberReport[]): RepublicReport {
    const healths = [first, ...members.flatMap(({ silence, health }) =>
        (silence === null ? [health] : []))]
    const latest = newest(healths)
    const led = healths.find((health) => health['isLed'] === true
        && health['leader'] === health['colleagueId'])
        ?? healths.find((health) => health['isLed'] === true)
    const tolerance = fieldsOf((led ?? latest)['tolerance'])
    return {
        islandName: textOf(latest['islandName']),
        islandId: textOf(latest['islandId']),
        government: textOf(fieldsOf(latest['government'])['promise']),
        version: numberOf(fieldsOf(latest['versions'])['republic']),
        leader: textOf(led?.['leader']) || null,
        tolerance: textOf(tolerance['text']),
        tolerates: led === undefined ? 0 : Number(tolerance['tolerates']) || 0,
        members
    }
}
