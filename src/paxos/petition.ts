import { citizens, representative } from './membership/government.js'
import { Legislator } from './legislator.js'
import type { Answer, Request } from './messages/messages.js'
import type { Peer } from './replication/peers.js'

/** How often the pause between two petitions doubles. */
const DOUBLINGS_MAX = 3

/**
 * The floor of the engine that asks other members for missing entries, and finds out when no other
 * member has the entries any more.
 *
 * 1. A petition that brings nothing is followed by a pause, in every state of the member.
 */
export abstract class Petitioner extends Legislator {
    /** How many petitions were sent since a leader was last heard of. */
    protected petitions = 0

    /**
     * Whether no member can give this member what it lacks, as far as this member knows: at least
     * one member has said so, and the last entries came from no member that still answers.
     */
    get isLeftBehind(): boolean {
        if (this.writer !== null || this.exiled) {
            return false
        }
        // A look makes no record of a peer.
        const peers = [...this.peers.all()]
        return peers.some(({ feeds }) => feeds === false) && !peers.some(({ feeds }) => feeds)
    }

    /** The citizens that lack entries which this member, feeding them, no longer holds. */
    protected lost(): readonly string[] {
        const peers = [...this.peers.all()]
        return peers.filter(({ lostAt }) => lostAt !== null).map(({ id }) => id)
    }

    /** Asks one member after another, first the member that feeds this one; then pauses. */
    protected petitionNext(): void {
        const { government, id, settings: { ping, timeout } } = this
        const doublings = Math.min(this.petitions, DOUBLINGS_MAX)
        const pauseMs = this.isLeftBehind ? timeout : Math.min(timeout, ping * 2 ** doublings)
        this.appoint('collapse', pauseMs / 2 + this.random.below(pauseMs))
        const first = representative(government, id)
        // Voters and constituents take turns: any of them may outlive the others.
        const others = citizens(government).filter((other) => other !== first)
        const petitioned = this.peersOf(first === null ? others : [first, ...others])
        const peer = petitioned[this.petitions++ % Math.max(1, petitioned.length)]
        if (peer !== undefined) {
            this.petition(peer)
        }
    }

    /** Asks one member for the entries that this member lacks. */
    protected petition(peer: Peer): void {
        if (peer.calls < this.settings.window + 2) {
            this.send(peer, { method: 'petition' }, this.chain.committed)
        }
    }

    /**
     * A member says that it no longer holds the entries that this member lacks. This member asks
     * the members that it has not asked, each once, and so knows at once whether all say the same.
     */
    protected hearTrimmed(peer: Peer): void {
        if (peer.feeds === false) {
            return
        }
        peer.feeds = false
        const others = this.peersOf(citizens(this.government))
        const unasked = others.find(({ feeds, calls }) => feeds === null && calls === 0)
        if (unasked !== undefined && this.writer === null) {
            this.petition(unasked)
        }
    }

    /** The entries that follow the sender's last one; the sender is behind this member. */
    protected offerWhatLacks({ committed }: Request): Answer {
        const { chain } = this
        const position = chain.positionOf(committed)
        if (position === -1) {
            return this.answer({ method: 'trimmed' })
        }
        const entries = chain.run(position, chain.committed, this.settings.feeding.run)
        return this.answer({ method: 'ahead', previous: committed, entries })
    }
}
