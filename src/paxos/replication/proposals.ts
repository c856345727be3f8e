import { closeTable, openTable } from '../../base/fresh-table.js'
import type { Monotonic } from '../../base/monotonic.js'
import { own } from '../../base/own-property.js'
import { type CookiePlace, GAP, cookiePlace } from '../../base/publish-identity.js'
import type { Core } from '../core.js'
import type { Proposal } from '../messages/proposals.js'
import type { Writer } from './writer.js'

/** The publisher of a batch, by the leader's census: looked up once for the whole batch. */
interface Publisher {
    readonly id: string
    /** The incarnation that the proposals name; `undefined` means the citizen with the id. */
    readonly named: Monotonic | undefined
    readonly immigrated: Monotonic
    /** The last cookie that the leader has committed or queued. */
    last: string
}

/**
 * The answer to a batch: the promises of the first and the last new entry, by cookie; `gap` if the
 * leader lacks an entry before a proposal; `null` if a proposal was refused for another reason.
 */
export type BatchAnswer = Record<string, Monotonic> | typeof GAP | null

/**
 * Numbers a batch of proposals in order, and stops at the first refused proposal. A leader refuses
 * a proposal if too many proposals wait, if the publisher is no citizen, if a waiting or
 * uncommitted government exiles the publisher, or by the place of the cookie. A proposal that the
 * leader has already is skipped, because the rest of the batch may be new.
 *
 * @returns After a refusal, `gap` or `null`. The proposals before the refused proposal stay
 * numbered.
 */
export function proposeAll(
    core: Core,
    writer: Writer,
    proposals: readonly Proposal[]
): BatchAnswer {
    const promises = openTable<Monotonic>()
    let lastCookie: string | null = null
    let lastPromise: Monotonic = ''
    let publisher: Publisher | null = null
    for (const proposal of proposals) {
        const { id, immigrated, cookie } = proposal
        if (publisher === null || publisher.id !== id || publisher.named !== immigrated) {
            publisher = publisherOf(core, writer, proposal)
        }
        const promise = publisher === null ? null : propose(core, writer, proposal, publisher)
        if (promise === null || promise === GAP) {
            return promise
        }
        if (promise !== 'known') {
            if (lastCookie === null) {
                promises[cookie] = promise
            }
            lastCookie = cookie
            lastPromise = promise
        }
    }
    if (lastCookie !== null) {
        promises[lastCookie] = lastPromise
    }
    return closeTable(promises)
}

function publisherOf(core: Core, writer: Writer, { id, immigrated: named }: Proposal):
    Publisher | null {
    const immigrated = own(core.government.immigrated.promise, id)
    if (immigrated === undefined || (named ?? immigrated) !== immigrated) {
        return null
    }
    const record = core.citizenship.recordOf(immigrated)
    const isLeaving = writer.isExiling(core.log, immigrated)
    return record === null || isLeaving
        ? null
        : { id, named, immigrated, last: writer.lastCookie(immigrated, record.published) }
}

function propose(
    core: Core,
    writer: Writer,
    { id, cookie, body }: Proposal,
    publisher: Publisher
): Monotonic | Extract<CookiePlace, 'known' | typeof GAP> | null {
    const place = cookiePlace(publisher.last, cookie, core.government.version)
    if (place === 'known' || place === GAP) {
        return place
    }
    if (place === 'refused' || writer.waiting >= core.settings.proposals) {
        return null
    }
    publisher.last = cookie
    const { immigrated } = publisher
    return writer.enqueue(Object.freeze({ id, cookie, immigrated, body }))
}

/**
 * Moves waiting proposals to the suffix. A leader that has closed for a successor writes nothing.
 */
export function writeProposals(core: Core, writer: Writer): void {
    const { log, departure: { handover }, settings, tenure } = core
    if (handover?.isClosing === true) {
        return
    }
    const { head } = log
    writer.write(log, settings.writing)
    tenure.recordDraft(log, head, writer.ballot, core.now)
}
