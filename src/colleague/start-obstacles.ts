import type { Properties, Republic } from '../paxos/messages/messages.js'
import { agrees, type Founding } from './founding.js'
import type { FoundingTerms, StartAnswer } from './start-messages.js'

/** What one address answered. */
export interface StartContact {
    readonly properties: Properties
    readonly answer: StartAnswer | null
    /** Why the address cannot be asked; `null` if it was asked. */
    readonly mistake: string | null
    /** A member of an older version: it belongs to a republic and does not know the question. */
    readonly isOlder: boolean
}

/** The answers of one round. */
export interface Round {
    readonly contacts: readonly StartContact[]
    /** Why no list of addresses was found; `null` if a list was found. */
    readonly failure: string | null
}

/** The address in some properties, for people. */
function addressIn(properties: Properties): string {
    const { url } = (properties ?? {}) as { readonly url?: unknown }
    return typeof url === 'string' ? url : JSON.stringify(properties)
}

/** The republics of the answers, each once. */
export function republicsIn({ contacts }: Round): readonly Republic[] {
    return [...new Set(contacts.flatMap(({ answer }) => answer?.islandId ?? []))]
}

/** The addresses that cannot be asked, as the end of a sentence; empty if there is none. */
function mistakesIn({ contacts }: Round): string {
    const mistakes = contacts.flatMap(({ mistake }) => mistake ?? [])
    return mistakes.length === 0 ? '' : `; ${mistakes.join(' ')}`
}

/**
 * The founders and addresses whose answer a founding lacks, each with the reason.
 *
 * @param id The id of the member.
 */
export function missingIn(
    { contacts, failure }: Round,
    { terms, process }: Founding,
    id: string
): readonly string[] {
    const reasons = new Map<string, string | null>([[id, null]])
    const silent = contacts.filter(({ answer }) => answer === null)
    for (const founder of terms.founders ?? []) {
        const reason = silent.length > 0 ? 'no answer' : failure ?? 'not found'
        reasons.set(founder, founder === id ? null : reason)
    }
    for (const { answer } of contacts) {
        if (answer !== null && answer.process !== process) {
            reasons.set(answer.id, rejectStarter(answer, terms))
        }
    }
    const missing = [...reasons].flatMap(([founder, reason]) =>
        reason === null ? [] : [`${founder} (${reason})`])
    if (missing.length > 0) {
        return missing
    }
    const addresses = silent.map(({ properties }) => `${addressIn(properties)} (no answer)`)
    return failure === null ? addresses : [failure]
}

/** Why a member cannot found together with a member on these terms; `null` if it can. */
function rejectStarter(answer: StartAnswer, terms: FoundingTerms): string | null {
    if (!answer.isStarting) {
        return 'has not called start'
    }
    return agrees(answer, terms) ? null : `starts with ${wordsOf(answer)}`
}

function wordsOf({ founders, expect }: FoundingTerms): string {
    if (founders !== null) {
        return `founders ${founders.join(', ')}`
    }
    return expect === null ? 'neither founders nor expect' : `expect ${expect}`
}

/**
 * The reason for the wait of a starting member, in words.
 *
 * @param missing The missing founders and addresses.
 * @param others The number of other members that found together with the member.
 */
export function obstacleOf(
    round: Round,
    missing: readonly string[],
    { terms, promised }: Founding,
    others: number
): string {
    const republics = republicsIn(round)
    if (republics.length > 1) {
        return `several republics answer: ${republics.join(', ')}; stop the members of all `
            + 'but one'
    }
    if (promised !== null) {
        return `waits for ${promised.id} to found the republic ${promised.republic}`
    }
    if (terms.founders === null && terms.expect === null) {
        return 'no member of a republic answers, and neither founders nor expect is given'
            + mistakesIn(round)
    }
    if (missing.length > 0) {
        return `waits for ${missing.join(', ')}${mistakesIn(round)}`
    }
    const [first = 'the member with the smallest id'] = terms.founders ?? []
    const lacking = (terms.expect ?? 0) - others - 1
    return lacking > 0
        ? `waits for ${lacking} more of ${terms.expect} members`
        : `waits for ${first} to found the republic`
}
