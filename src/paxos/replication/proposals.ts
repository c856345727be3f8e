import type { Monotonic } from '../../base/monotonic.js'
import { own } from '../../base/own-property.js'
import type { Core } from '../core.js'
import type { CensusRecord } from '../messages/messages.js'
import type { Proposal } from '../messages/proposals.js'
import type { Writer } from './writer.js'

/** The publisher of a batch, by the leader's census: looked up once for the whole batch. */
interface Publisher {
    readonly id: string
    /** The incarnation that the proposals name; `undefined` means the citizen with the id. */
    readonly named: Monotonic | undefined
    readonly immigrated: Monotonic
    readonly record: CensusRecord
}

/**
 * Numbers a batch of proposals in order, and stops at the first refused proposal. A leader refuses
 * a proposal if too many proposals wait, if the publisher is no citizen, if a waiting or
 * uncommitted government exiles the publisher, or if the cookie is not above all earlier cookies of
 * the publisher.
 *
 * @returns The promises of the first and the last proposal, by cookie; `null` if a proposal was
 * refused. The proposals before the refused proposal stay numbered.
 */
export function proposeAll(
    core: Core,
    writer: Writer,
    proposals: readonly Proposal[]
): Record<string, Monotonic> | null {
    const promises: Record<string, Monotonic> = {}
    let taken = 0
    let publisher: Publisher | null = null
    proposals.every((proposal) => {
        const { id, immigrated, cookie } = proposal
        if (publisher === null || publisher.id !== id || publisher.named !== immigrated) {
            publisher = publisherOf(core, writer, proposal)
        }
        const promise = publisher === null ? null : propose(core, writer, proposal, publisher)
        if (promise === null) {
            return false
        }
        taken++
        if (taken === 1 || taken === proposals.length) {
            promises[cookie] = promise
        }
        return true
    })
    return taken === proposals.length ? promises : null
}

function publisherOf(core: Core, writer: Writer, { id, immigrated: named }: Proposal):
    Publisher | null {
    const immigrated = own(core.government.immigrated.promise, id)
    if (immigrated === undefined || (named ?? immigrated) !== immigrated) {
        return null
    }
    const record = core.citizenship.recordOf(immigrated)
    const isLeaving = writer.isExiling(core.log, immigrated)
    return record === null || isLeaving ? null : { id, named, immigrated, record }
}

function propose(
    core: Core,
    writer: Writer,
    { id, cookie, body }: Proposal,
    { immigrated, record }: Publisher
): Monotonic | null {
    if (writer.waiting >= core.settings.proposals) {
        return null
    }
    const entry = Object.freeze({ id, cookie, immigrated, body })
    return writer.enqueue(entry, record.published)
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
