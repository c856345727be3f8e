import type { Monotonic } from '../base/monotonic.js'
import { awaited } from './membership/consent.js'
import { keeps, learnersRation, type Ration, votersRation } from './replication/rations.js'
import { branches, constituency, parliament } from './membership/government.js'
import type { Peer } from './replication/peers.js'
import { type Appraisal, appraise } from './membership/presence.js'
import { Reporter } from './reporter.js'
import { bound } from './replication/run-size.js'
import { deciding } from './replication/writer.js'

const NOBODY: readonly string[] = []

/** How many constituents that may hold a seat the leader asks at once whether they are there. */
const CANDIDATES_MAX = 8

/** How long what nobody waits for may wait to go together with what comes next, in ms. */
const LINGER = 2

/**
 * The floor of the engine that deals out: whom this member feeds, and what each is owed next.
 */
export abstract class Steward extends Reporter {
    /** The ids of those citizens that bear these immigration promises. */
    protected namesOf(promises: Iterable<Monotonic>): readonly string[] {
        const ids = this.government.immigrated.id
        return [...promises].flatMap((promise) => ids[promise] ?? [])
    }

    /**
     * Whom this writer writes to: the named majority, and the bench beside it while one of the
     * majority stays silent for a ping or while the election is not over.
     */
    #voters(): readonly string[] {
        if (this.writer === null) {
            return NOBODY
        }
        const parliaments = deciding(this.chain, this.government)
        const isPlain = parliaments.length === 1 && this.handover === null
        const majority = isPlain ? this.government.majority : this.#majorities(parliaments)
        const consents = awaited(this.chain, this.writer.ballot)
        const isShort = majority.some((id) => {
            const peer = this.peerOf(id)
            return peer !== null && peer.silence(this.now) >= this.settings.ping
        })
        const voters = isShort || this.writer.establishing
            ? [...new Set(parliaments.flatMap((seats) => parliament(seats)))]
            : majority
        return consents === null ? voters : this.#consulted(voters, consents.id)
    }

    /** The member that must consent to its exile comes last: after the others have agreed. */
    #consulted(voters: readonly string[], id: string): readonly string[] {
        const others = voters.filter((voter) => voter !== id)
        const isAgreed = this.writer?.isAgreed(this.chain, this.government, (voter) => {
            return this.held(voter)
        })
        return isAgreed === true ? [...others, id] : others
    }

    /** Through which position a voter holds the log under this writer's ballot. */
    protected held(id: string): number {
        if (id === this.id) {
            return this.chain.head
        }
        const peer = this.peerOf(id)
        return peer?.matched === true ? peer.match : -1
    }

    /** The majorities of all parliaments that decide, and a successor that is seated. */
    #majorities(parliaments: ReturnType<typeof deciding>): readonly string[] {
        const seated = parliament(this.government)
        const successor = seated.filter((id) => id === this.handover?.to.id)
        return [...new Set([...parliaments.flatMap((seats) => seats.majority), ...successor])]
    }

    /** Whom this member feeds, the voters first. */
    #fed(voters: readonly string[], due: boolean): readonly string[] {
        const fed = constituency(this.government, this.id)
        const orphans = this.isLeading ? this.#orphans(due) : NOBODY
        if (orphans.length === 0 && fed.every((id) => voters.includes(id))) {
            return voters
        }
        const isBare = voters.length + orphans.length === 0
        return isBare ? fed : [...new Set([...voters, ...fed, ...orphans])]
    }

    /**
     * Sends everybody what it is owed; a ping where nothing is owed and one is due.
     *
     * @param patient Whether what may wait for what comes next does.
     */
    protected feed(due: boolean, patient: boolean = true): void {
        const voters = this.#voters()
        for (const peer of this.peersOf(this.#fed(voters, due))) {
            const isDue = due && this.now - peer.sentAt >= this.settings.ping
            if (peer.failures < 2 || isDue) {
                const votes = voters.includes(peer.id)
                this.#feedOne(peer, votes, isDue, patient)
                this.#attend(peer, votes)
            }
        }
    }

    /**
     * Whether what is committed may wait for what comes next: a voter's mark rides on the next run;
     * one who learns has just been sent something. Not where somebody waits for it there.
     */
    #mayWait(peer: Peer, votes: boolean): boolean {
        const isRecent = votes || this.now - peer.sentAt < LINGER
        return isRecent && peer.awaited <= peer.informed(votes)
    }

    /** Sees to it that what waits is sent in the end, whether something comes or not. */
    #attend(peer: Peer, votes: boolean): void {
        const isOwed = peer.calls === 0 && peer.informed(votes) < this.chain.committed
        if (isOwed && this.#mayWait(peer, votes) && this.scheduler.when('feed') === null) {
            this.appoint('feed', LINGER)
        }
    }

    /**
     * Notes that an entry is committed at a position: who published it is waiting for it, and so
     * is whoever hands it on to the publisher, unless that is this member.
     */
    protected owe(publisher: string, position: number): void {
        if (publisher === this.id) {
            return
        }
        const through = branches(this.government, this.id).get(publisher)
        const peer = through === undefined ? null : this.peerOf(through)
        if (peer !== null) {
            peer.awaited = position
        }
    }

    /** Notes that everybody waits for the entry at a position: it is a government. */
    protected oweAll(position: number): void {
        for (const peer of this.peers.all()) {
            peer.awaited = position
        }
    }

    /**
     * Whom the leader feeds itself. What others say of a member is no ground for its exile: the
     * leader asks it. And a representative that is silent, but keeps its seat, feeds nobody.
     */
    #orphans(due: boolean): readonly string[] {
        const { ping, timeout } = this.settings
        const silent = this.rivals().filter((peer) => peer.silence(this.now) >= 2 * ping)
        const heard = this.hearsay.recent(this.now, timeout)
        const unsure = due ? this.#unsure() : NOBODY
        if (silent.length + heard.length + unsure.length === 0) {
            return NOBODY
        }
        const orphans = silent.flatMap((peer) => constituency(this.government, peer.id))
        return [...this.namesOf(heard), ...orphans, ...unsure]
    }

    /**
     * Of whom the leader has to know how far they are, since they vote or may be seated, and does
     * not: it asks them itself. Who answers that it lies before all that is held is exiled in the
     * end; of the others it learns that they may sit.
     */
    #unsure(): readonly string[] {
        const { constituents, naturalized } = this.government
        const eligible = this.peersOf(constituents.filter((id) => naturalized.includes(id)))
        return this.outOfReach([...this.rivals(), ...eligible])
    }

    /** Which of these members are silent, in doubt, or present, as of now. */
    protected appraise(peers: readonly Peer[]): Appraisal {
        const { ping, timeout, patience } = this.settings
        const heard = new Set(this.hearsay.recent(this.now, timeout))
        return appraise(peers, heard, { now: this.now, ping, timeout, patience })
    }

    /**
     * Asks the members on whose presence a change of the parliament depends, whoever feeds them:
     * without an answer to this leader they are not present, and the change waits.
     */
    protected askAbsent(): void {
        const { now, settings: { ping, timeout, window } } = this
        const eligible = this.#eligible()
        if (!this.#mayChange(eligible.length)) {
            return
        }
        // The leader feeds these anyway.
        const fed = [...this.#voters(), ...constituency(this.government, this.id)]
        for (const peer of [...this.rivals(), ...eligible]) {
            const isFresh = now - peer.presentAt < timeout / 2
            const isAsked = now - Math.max(peer.sentAt, peer.probedAt) < ping
            // The last calls are left to asks: unanswered probes exile no peer.
            if (!fed.includes(peer.id) && !isFresh && !isAsked && peer.calls < window) {
                this.probe(peer)
            }
        }
    }

    /** The first of the constituents that may hold a seat; those that answer come first. */
    #eligible(): readonly Peer[] {
        const { constituents, naturalized } = this.government
        const ready = this.peersOf(naturalized.filter((id) => constituents.includes(id)))
        const isAsked = (peer: Peer): boolean => peer.silence(this.now) < this.settings.timeout
        const eligible = [...ready.filter(isAsked), ...ready.filter((peer) => !isAsked(peer))]
        return eligible.slice(0, CANDIDATES_MAX)
    }

    /** Whether the leader may soon have to change the parliament. */
    #mayChange(eligible: number): boolean {
        const { ping, parliamentSize } = this.settings
        const seats = parliament(this.government).length
        const room = seats % 2 === 0 ? 1 : 2
        const isWanted = seats % 2 === 0 || this.handover !== null
        const hasRoom = eligible >= room && seats + room <= parliamentSize
        const isLeft = this.namesOf(this.leaving).some((id) => {
            return parliament(this.government).includes(id)
        })
        return isWanted || hasRoom || isLeft || this.rivals().some((peer) => {
            return peer.silence(this.now) >= ping
        })
    }

    /**
     * Through where a member holds the log at least: its log begins with its admission, and nobody
     * holds less than the minimum. -1 where that is not in this member's log.
     */
    protected reach({ holds, immigrated }: Peer): number {
        const { chain, minimum } = this
        const { propagated } = minimum
        return Math.max(holds, chain.positionOf(immigrated), chain.positionOf(propagated))
    }

    /** Whether this member can give another one what it lacks, now and for all it has written. */
    protected isInReach(peer: Peer): boolean {
        return keeps(this.chain, this.reach(peer), this.settings.kept)
    }

    /** The peers whose missing entries this member no longer holds. */
    protected outOfReach(peers: readonly Peer[]): readonly string[] {
        return peers.filter((peer) => !this.isInReach(peer)).map(({ id }) => id)
    }

    #feedOne(peer: Peer, votes: boolean, due: boolean, patient: boolean): void {
        const { chain } = this
        const { feeding: most } = this.settings
        const run = bound(most.run, peer.runSize)
        // The first run under a ballot stays whole.
        const feeding = run === most.run ? most : { ...most, run }
        for (let pinging = due; ; pinging = false) {
            const waits = patient && this.#mayWait(peer, votes)
            const ration = votes
                ? votersRation(chain, peer, feeding, pinging, waits)
                : learnersRation(chain, peer, feeding, pinging, waits)
            if (ration === null) {
                return
            }
            this.#dispense(peer, ration, votes)
        }
    }

    #dispense(peer: Peer, ration: Ration, votes: boolean): void {
        const { welcome, previous, entries, last } = ration
        peer.marked = this.chain.committed
        peer.next = Math.max(peer.next, last + 1)
        const { writer } = this
        const run = votes && welcome === null && writer !== null
            ? { method: 'register', ballot: writer.ballot, previous, entries } as const
            : { method: 'synchronize', welcome, previous, entries } as const
        this.send(peer, peer.lostAt === null ? run : { ...run, trimmed: true }, last)
    }

    /**
     * Feeds one member at once, whoever represents it: it must be level before it can vote.
     *
     * @param last Whether there will be no other time: what is under way is not waited for.
     */
    protected level(peer: Peer, last: boolean = false): void {
        this.#feedOne(peer, false, last, false)
    }
}
