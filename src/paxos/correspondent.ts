import { Monotonic } from '../base/monotonic.js'
import type { Call } from './messages/mailbox.js'
import { awaited } from './membership/consent.js'
import { isGovernment, parliament, quorum } from './membership/government.js'
import { Log } from './log/log.js'
import type {
    Answer, Ballot, Register, Request, Response, Synchronize
} from './messages/messages.js'
import { Notifier } from './notifier.js'
import type { Peer } from './replication/peers.js'
import { SeededRandom } from './seeded-random.js'
import { record } from './replication/recorder.js'

/** Where one that answers has its last committed entry, as this member's own log has it. */
interface Place {
    /** -1 where that is not in this log. */
    readonly held: number
    readonly isAhead: boolean
    /** It lies before all that is held here: nobody can give it from here what it lacks. */
    readonly isLost: boolean
}

/**
 * The floor of the engine that talks to other engines: answers what they ask, and takes what they
 * answer. One table for requests, one way for answers.
 */
export abstract class Correspondent extends Notifier {
    /** Answers a request that is for this member. */
    protected serve(request: Request): Response {
        switch (request.method) {
            case 'register':
                return this.#register(request)
            case 'synchronize':
                return this.#synchronize(request)
            case 'canvass':
            case 'prepare':
            case 'petition':
                return this.hear(request)
            case 'cede':
                return this.accede(request)
            default:
                return request satisfies never
        }
    }

    #register(request: Register): Response {
        const { ballot } = request
        this.note(ballot)
        if (!record(this.chain, this.acceptance, request)) {
            return this.answer({ method: 'refused' })
        }
        if (this.writer !== null && this.writer.ballot !== ballot) {
            this.stepDown()
        }
        if (!this.maySucceed(request.from.immigrated)) {
            this.concede()
        }
        this.enact()
        this.#conclude(request)
        this.#hearFeeder(request)
        if (Monotonic.compare(request.government, this.government.promise) >= 0) {
            // A later government is on its way: the leader that feeds this member leads it, too.
            this.#heed(request.standing, request.from.immigrated)
        }
        const response = this.#recorded(ballot)
        if (this.hasConsented(ballot)) {
            // This member has a voice in nothing that follows.
            this.retire()
        }
        return response
    }

    /** How far this member holds the log under a ballot. */
    #recorded(ballot: Ballot): Answer {
        const { accepted } = this.acceptance
        const isMatched = accepted === ballot
        const position = isMatched ? this.chain.promiseAt(this.chain.head) : this.committed
        return this.answer({ method: 'recorded', accepted, position })
    }

    /** Whether this member has accepted its own exile, and has so consented to the exile. */
    protected hasConsented(ballot: Ballot): boolean {
        const isAccepted = this.acceptance.accepted === ballot
        const exiled = isAccepted ? awaited(this.chain, ballot) : null
        return exiled !== null && exiled.immigrated === this.immigrated
    }

    /**
     * Why a request is not for this member; `null` if this member serves the request. A member that
     * has consented to its exile says so again: the first answer may have been lost.
     */
    protected reject(request: Request): Response | null {
        const { method } = request
        const isAgain = this.exiled && method === 'register' && this.hasConsented(request.ballot)
        return isAgain ? this.#recorded(request.ballot) : this.citizenship.reject(request)
    }

    /**
     * Where two are a majority, this member and the leader are one: what the leader has sent it
     * holds itself, so what this member has accepted of it is committed. A government is not,
     * since it may need two majorities; it waits for the leader's mark.
     */
    #conclude({ ballot, from }: Register): void {
        const { chain, acceptance, government } = this
        const isPair = quorum(parliament(government).length) === 2
        if (isPair && acceptance.accepted === ballot && this.isSeated && this.seats(from)) {
            const { head } = chain
            chain.commitThrough(isGovernment(chain.promiseAt(head)) ? head - 1 : head)
            this.enact()
        }
    }

    /** Notes whether the sender can feed this member. */
    #hearFeeder({ from, trimmed = false, entries }: Register | Synchronize): void {
        const peer = this.peerOf(from.id)
        if (peer?.immigrated !== from.immigrated) {
            return
        }
        if (trimmed) {
            this.hearTrimmed(peer)
        } else if (entries.length !== 0 && peer.feeds === false) {
            peer.feeds = true
        }
    }

    #isFresh(standing: number | null): standing is number {
        return standing !== null && standing < this.settings.timeout
    }

    /** Takes a leader's standing, as old as it was when it was said. */
    #heed(standing: number | null, leader: Monotonic): void {
        if (this.#isFresh(standing) && this.now - standing >= this.ledAt) {
            this.ledAt = this.now - standing
            this.ledBy = leader
        }
    }

    /** Takes a leader's standing from a feeder. A writer under an earlier government steps down. */
    #heedFeeder({ standing, government }: Synchronize): void {
        const order = Monotonic.compare(government, this.government.promise)
        if (order > 0 && this.#isFresh(standing)) {
            this.stepDown()
        }
        if (order < 0 || this.writer !== null) {
            return
        }
        const leader = this.citizenship.incarnationOf(this.government.majority[0] ?? '')
        // If the government is a later one, its leader is not known here yet.
        this.#heed(standing, order === 0 ? leader?.immigrated ?? '0/0' : '0/0')
        if (this.#isFresh(standing) && !this.maySucceed(this.ledBy)) {
            // The campaign is over; the next appointment asks whether the leader still leads.
            this.concede()
        }
    }

    #synchronize(request: Synchronize): Response {
        const { welcome, previous, entries } = request
        if (!this.citizenship.isCitizen && welcome !== null) {
            this.citizenship.welcome(welcome)
            this.chain = new Log(previous)
            this.rewind()
            this.ledAt = this.now
            this.random = new SeededRandom(request.to.immigrated)
        }
        this.learn(previous, entries, request.committed)
        this.#hearFeeder(request)
        this.#heedFeeder(request)
        return this.answer({ method: 'synchronized' })
    }

    /** Notes that a call came to nothing. */
    protected fail(call: Call): void {
        const peer = this.peers.find(call.immigrated)
        if (peer !== undefined) {
            peer.calls--
            peer.miss(call.entries ?? 0)
        }
    }

    /** Takes an answer. */
    protected hearBack(peer: Peer, call: Call, answer: Answer): void {
        this.note(answer.ballot)
        if (answer.from.immigrated !== peer.immigrated) {
            this.#hearStranger(peer)
            return
        }
        const { chain } = this
        peer.stranger = false
        peer.arrive(call.entries ?? 0, this.settings.feeding.run.entries)
        this.#attest(peer, call, answer)
        const held = chain.positionOf(answer.committed)
        const isAhead = Monotonic.compare(answer.committed, this.committed) > 0
        peer.holds = Math.max(peer.holds, isAhead ? chain.committed : held)
        this.#hearReports(peer, answer)
        const isLost = !isAhead && held === -1
        if (!isLost) {
            peer.lostAt = null
        }
        if (answer.method === 'recorded') {
            this.#hearRecorded(peer, call, answer, { held, isAhead, isLost })
            return
        }
        if (isLost) {
            this.#giveUp(peer, answer)
        } else {
            peer.answer(this.now, call.method !== 'synchronize' || peer.holds >= call.last)
        }
        if (call.method === 'register' && answer.method === 'refused') {
            if (this.writer !== null && answer.ballot !== this.writer.ballot) {
                this.yield(answer.ballot)
            }
            return
        }
        this.consider(peer, answer)
    }

    /** Takes an answer as evidence that the peer is present, by the rule in `presence.ts`. */
    #attest(peer: Peer, call: Call, answer: Answer): void {
        const isEarlier = call.sentAt < this.tenure.since
        if (this.writer === null || isEarlier || answer.method === 'refused') {
            return
        }
        // A change of the government may have waited for this evidence.
        this.reshape ||= this.now - peer.presentAt >= this.settings.timeout
        peer.presentAt = this.now
    }

    #hearRecorded(
        peer: Peer,
        call: Call,
        answer: Extract<Answer, { method: 'recorded' }>,
        { held, isAhead, isLost }: Place
    ): void {
        const position = this.chain.positionOf(answer.position)
        const isOurs = this.writer !== null && answer.ballot === this.writer.ballot
        if (isOurs) {
            peer.obeyedAt = Math.max(peer.obeyedAt, call.sentAt)
        }
        const isAccepted = isOurs && answer.accepted === this.writer?.ballot
        if (isAccepted && position !== -1) {
            peer.accept(position, call.last)
            // What it holds under this ballot is held here too, committed here or not.
            peer.holds = Math.max(peer.holds, held)
        } else if (isLost) {
            this.#giveUp(peer, answer)
            return
        }
        // Who is ahead of all that it was sent has nothing to accept: let it feed this one.
        const isBeyond = isOurs && isAhead && !isAccepted
        peer.answer(this.now, Math.max(peer.holds, position) >= call.last && !isBeyond)
        if (isBeyond) {
            this.petition(peer)
        }
    }

    /** A peer that lies too far behind is as good as silent, though it answers. */
    #giveUp(peer: Peer, { committed }: Answer): void {
        peer.fail()
        if (peer.lostAt === null || peer.lostFrom !== committed) {
            // Another member may still feed the peer, and then the peer gets on.
            peer.lostFrom = committed
            peer.lostAt = this.now
            this.reshape = true
        }
        if (this.isLeading) {
            // It can only come back as somebody new: its seat is kept for nobody.
            this.returning.add(peer.id)
        }
    }

    /** One that has never been welcomed, or has forgotten that it was. */
    #hearStranger(peer: Peer): void {
        if (peer.holds === -1 && !peer.stranger) {
            peer.stranger = true
        } else {
            // An amnesiac is not the incarnation that was asked for; it is as good as silent.
            peer.fail()
        }
    }

    #hearReports(peer: Peer, answer: Answer): void {
        const { citizenship } = this
        this.minimum.report(peer.immigrated, answer.minimum)
        const known = answer.silent.filter((promise) => citizenship.isKnown(promise))
        this.hearsay.hear(known, this.now)
        for (const promise of answer.leaving ?? []) {
            if (citizenship.isKnown(promise) && !this.leaving.has(promise)) {
                this.leaving.add(promise)
                this.reshape = true
            }
        }
        for (const promise of answer.naturalizing) {
            const id = this.government.immigrated.id[promise]
            if (id !== undefined && !this.government.naturalized.includes(id)) {
                this.reshape ||= !this.naturalizing.has(promise)
                this.naturalizing.add(promise)
            }
        }
    }
}
