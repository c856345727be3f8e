import { Monotonic } from '../base/monotonic.js'
import { hear, promise, type Verdict } from './election/acceptor.js'
import { parliament, quorum } from './membership/government.js'
import { isExpected } from './departure/handover.js'
import type {
    Ahead, Answer, Canvass, Entry, Petition, Prepare, Request, Response
} from './messages/messages.js'
import type { Peer } from './replication/peers.js'
import { Petitioner } from './petition.js'
import { nextBallot, Proposer } from './election/proposer.js'
import { cabinet } from './membership/shaper.js'
import { Writer } from './replication/writer.js'

/** How often a try's patience doubles. */
const DOUBLINGS_MAX = 3

/** After how many tries a candidate asks those without a vote, too. */
const PETITION_AFTER = 2

/**
 * The upper floor of the engine, collapse: candidates canvass, prepare, adopt, and establish a
 * government; acceptors hear them. Constituents, who have no vote, petition to be fed.
 */
export abstract class Candidate extends Petitioner {
    protected proposer: Proposer | null = null
    /** How often the campaign under way was retried. */
    protected get attempts(): number {
        return this.proposer?.attempts ?? 0
    }

    /** Whether this member is trying to form a government. */
    get isCampaigning(): boolean {
        return this.proposer !== null
    }

    /** The writer has no majority, was refused, or has ceded: Paxos decides who goes on. */
    protected collapse(ceded: Monotonic | null = null): void {
        this.stepDown()
        this.proposer = new Proposer(ceded)
        this.#campaign()
    }

    /** Gives up a campaign: somebody else leads. */
    protected concede(): void {
        this.proposer = null
    }

    /** Whether this member is to take over from that leader, which has said so. */
    protected maySucceed(leader: Monotonic): boolean {
        return this.proposer?.maySucceed(leader) === true
    }

    /** Nothing was heard of a leader for long enough, or a try took too long. */
    protected despair(): void {
        if (this.writer !== null || !this.citizenship.isCitizen) {
            return
        }
        if (this.isLed() && !this.maySucceed(this.ledBy)) {
            this.concede()
            this.petitions = 0
            if (this.isLeftBehind) {
                // The leader cannot feed this member; another member may.
                this.petitionNext()
            }
        } else if (this.isSeated && !this.isLeftBehind) {
            this.proposer?.retry()
            if (this.attempts > PETITION_AFTER) {
                // The parliament that is known here may be gone; another member may know better.
                this.petitionNext()
            }
            this.#campaign()
        } else {
            this.concede()
            this.petitionNext()
        }
    }

    /**
     * @param through The last entry that the sender has committed: if this member still lacks some
     * of them, more entries follow, and the campaign waits for these.
     */
    protected override learn(
        previous: Monotonic,
        entries: readonly Entry[],
        through: Monotonic = this.committed
    ): number {
        const before = this.chain.committed
        const learnt = super.learn(previous, entries)
        if (this.chain.committed > before && this.proposer !== null) {
            // Promises speak of the log as it was, and the parliament may be another one now: the
            // campaign begins anew.
            this.proposer.restart()
            const isLevel = Monotonic.compare(this.committed, through) >= 0
            this.appoint('collapse', isLevel ? 0 : this.settings.ping)
        }
        return learnt
    }

    protected override resume(): void {
        if (this.isSeated) {
            this.proposer = new Proposer()
            this.#prepare(this.proposer)
        } else {
            this.concede()
            for (const peer of this.rivals()) {
                // Whoever may go on must know what this member completed; an exile tells at once.
                this.level(peer, this.exiled)
            }
        }
    }

    #campaign(): void {
        this.proposer ??= new Proposer()
        const proposer = this.proposer
        const { ping, timeout } = this.settings
        const patience = Math.min(timeout, ping * 2 ** Math.min(proposer.attempts, DOUBLINGS_MAX))
        this.appoint('collapse', patience / 2 + this.random.below(patience))
        if (proposer.ballot === null && proposer.grant(this.immigrated, this.#quorum())) {
            this.#prepare(proposer)
        } else {
            this.#ask(proposer)
        }
    }

    #quorum(): number {
        return quorum(parliament(this.government).length)
    }

    #ask(proposer: Proposer): void {
        const voters = new Map(this.rivals().map((peer) => [peer.immigrated, peer]))
        for (const voter of proposer.unanswered([...voters.keys()])) {
            const peer = voters.get(voter)
            if (peer !== undefined) {
                this.#askOne(proposer, peer)
            }
        }
    }

    #askOne(proposer: Proposer, peer: Peer): void {
        if (peer.calls < this.settings.window + 2) {
            this.send(peer, proposer.question(), this.chain.committed)
        }
    }

    #prepare(proposer: Proposer): void {
        // Whom it handed over to has come to nothing: who is elected now is to write.
        this.handover = null
        const ballot = nextBallot(this.highest, this.immigrated)
        this.note(ballot)
        const accepted = this.tenure.holding(this.acceptance.accepted, this.chain)
        this.acceptance.promised = ballot
        this.tenure.since = this.now
        proposer.offer(ballot, this.immigrated, accepted)
        if (proposer.hasMajority(this.#quorum())) {
            this.#establish(proposer, ballot)
        } else {
            this.#ask(proposer)
        }
    }

    /**
     * Adopts what was recorded, under its own numbers and this ballot. Where that opens a
     * government, it is completed first; else this member's own follows it.
     */
    #establish(proposer: Proposer, ballot: string): void {
        const { chain, government } = this
        const adopted = proposer.adopted(government)
        chain.truncate()
        for (const entry of adopted) {
            chain.append(entry)
        }
        this.acceptance.accepted = ballot
        for (const peer of this.peers.all()) {
            peer.unmatch()
        }
        for (const promised of proposer.promised()) {
            this.peers.find(promised)?.elect(chain.committed, this.now)
        }
        const writer = new Writer(ballot, government.promise, adopted)
        this.writer = writer
        this.proposer = null
        if (!writer.inherits) {
            const shape = cabinet(government, this.id, proposer.promised())
            writer.propose(chain, government, shape, false)
        }
    }

    /** The answer to a canvass, a prepare or a petition. */
    protected hear(request: Canvass | Prepare | Petition): Response {
        const verdict = this.#verdict(request)
        if (verdict === 'ahead') {
            return this.offerWhatLacks(request)
        }
        if (verdict !== 'promise') {
            return this.answer({ method: verdict })
        }
        if (request.method !== 'prepare') {
            return this.answer({ method: 'granted' })
        }
        this.note(request.ballot)
        if (!promise(this.acceptance, request.ballot)) {
            return this.answer({ method: 'refused' })
        }
        // The candidate has its chance before this member tries for itself.
        this.stepDown()
        this.concede()
        this.appoint('collapse', this.settings.timeout + this.random.below(this.settings.ping))
        const { accepted } = this.acceptance
        const { entries, draft } = this.tenure.holding(accepted, this.chain)
        return this.answer({ method: 'promised', accepted, entries, ...(draft && { draft }) })
    }

    #verdict(request: Request): Verdict {
        const isLed = this.writer !== null ? this.standing() !== null : this.isLed()
        const ledBy = this.writer !== null ? null : this.ledBy
        return hear({
            lead: Monotonic.compare(request.committed, this.committed),
            seated: this.isSeated && this.seats(request.from) && request.method !== 'petition',
            led: isLed && !isExpected(request, ledBy, this.handover)
        })
    }

    /** Takes the entries that another member has ahead of this one, and asks for more. */
    #learnFrom(peer: Peer, { previous, entries, committed }: Ahead): void {
        const before = this.chain.committed
        const wasElected = this.writer !== null
        this.learn(previous, entries, committed)
        if (this.chain.committed > before) {
            peer.feeds = true
        }
        if (wasElected && this.writer === null && this.isSeated) {
            // What it had been promised spoke of a shorter log.
            this.collapse()
            return
        }
        const isBehind = Monotonic.compare(this.committed, committed) < 0
        const mayAsk = this.writer === null && (isBehind || !this.isCampaigning)
        if (this.chain.committed > before && mayAsk) {
            // No other member feeds this one, or the feeder's log begins too late.
            this.petition(peer)
        }
    }

    /** What a candidate makes of an answer. */
    protected consider(peer: Peer, answer: Answer): void {
        if (answer.method === 'ahead') {
            this.#learnFrom(peer, answer)
            return
        }
        if (answer.method === 'trimmed') {
            this.hearTrimmed(peer)
            return
        }
        const proposer = this.proposer
        if (proposer === null || !this.seats(peer)) {
            return
        }
        const isLevel = answer.committed === this.committed
        switch (answer.method) {
            case 'granted':
                if (isLevel && proposer.grant(peer.immigrated, this.#quorum())) {
                    this.#prepare(proposer)
                }
                return
            case 'promised':
                if (isLevel && answer.ballot === proposer.ballot) {
                    this.#count(proposer, peer, answer)
                }
                return
            case 'behind':
                this.level(peer)
                return
            case 'synchronized':
                if (!isLevel && peer.failures === 0 && peer.holds >= this.chain.first) {
                    // A log that ends before the first entry held here cannot be fed from here.
                    this.level(peer)
                } else if (isLevel && proposer.unanswered([peer.immigrated]).length !== 0) {
                    this.#askOne(proposer, peer)
                }
                return
            case 'refused':
                if (Monotonic.compare(answer.ballot, proposer.ballot ?? answer.ballot) > 0) {
                    proposer.restart()
                }
                return
            default:
                return
        }
    }

    #count(proposer: Proposer, peer: Peer, answer: Extract<Answer, { method: 'promised' }>): void {
        const { accepted: ballot, entries, draft = null } = answer
        const accepted = { ballot, entries, draft }
        const isMajority = proposer.promise(peer.immigrated, accepted, this.#quorum())
        if (isMajority && proposer.ballot !== null) {
            this.#establish(proposer, proposer.ballot)
        }
    }
}
