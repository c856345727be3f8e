import { Monotonic } from '../base/monotonic.js'
import { Candidate } from './candidate.js'
import { close, handOver, type Handover } from './departure/handover.js'
import { citizens, population } from './membership/government.js'
import type {
    Ballot, Cede, Government, GovernmentBody, Incarnation, Response
} from './messages/messages.js'
import type { Peer } from './replication/peers.js'

/**
 * What comes of asking to leave. `exiled`: it is no citizen any more · `alone`: nobody else is
 * there to hold the log, and nothing has changed · `leaving`: its exile is to come.
 */
export type LeaveOutcome = 'exiled' | 'alone' | 'leaving'

/**
 * What comes of ceding. `ceding`: it has begun · `leads`: the member named leads already. Of the
 * others nothing has changed: `not-leader`: this member does not lead · `ineligible`: who is named
 * is no naturalized citizen · `busy`: it is handing over to somebody else.
 */
export type CedeOutcome = 'ceding' | 'leads' | 'not-leader' | 'ineligible' | 'busy'

/** Whom a leadership was handed over to, and the government that it leads. */
export interface Heir {
    readonly id: string
    readonly promise: Monotonic
}

/** How often the pause between two tries of a leaving leader to hand over doubles. */
const DOUBLINGS_MAX = 3

/**
 * The floor of the engine that leaves office: hands leadership over, and leaves the republic.
 *
 * A leader that cedes first gives the successor a seat where it has none. Once that one answers,
 * the leader writes nothing more, so that all that is written is committed and the successor draws
 * level, and tells it to go ahead. It is then elected as anybody is. (Raft thesis, section 3.10.)
 *
 * 1. Nothing here decides what is committed, or who may write: promises do. It only says who need
 *    not wait until nobody leads.
 * 2. What is proposed waits for no more than a `timeout`; then the leader writes it.
 * 3. The leader of a republic never exiles itself: it cedes first.
 */
export abstract class Incumbent extends Candidate {
    /** This member has asked to leave. */
    protected leaves = false
    /** How often this member, leaving, has tried to hand over. */
    protected tries = 0
    /** When it last began to try, in its own time. */
    protected triedAt: number = Number.NEGATIVE_INFINITY
    /** Who leads since this member last handed over; `null` where that came to nothing. */
    heir: Heir | null = null

    /** Whether this member has asked to leave and is still there. */
    get isLeaving(): boolean {
        return this.leaves && !this.exiled
    }

    /** The ids of the citizens that are known here to be leaving. The leader knows of all. */
    get leavers(): readonly string[] {
        return this.namesOf(this.leaving)
    }

    /** To whom this member is handing over its leadership; `null` where it is not. */
    get successor(): string | null {
        return this.exiled ? null : (this.handover?.to.id ?? null)
    }

    /**
     * Asks for this member's exile, now or after its admission. What it holds of the log stays
     * with the others; a leader hands over first. Asking again changes nothing.
     */
    leave(now: number): LeaveOutcome {
        this.observe(now, this.scheduler.next())
        if (this.exiled) {
            return 'exiled'
        }
        if (this.#isAlone()) {
            return 'alone'
        }
        this.leaves = true
        this.#declareLeaving()
        this.proceed(false)
        return 'leaving'
    }

    #isAlone(): boolean {
        return this.citizenship.isCitizen && population(this.government) === 1
    }

    #declareLeaving(): void {
        if (this.isLeaving && this.citizenship.isCitizen) {
            this.leaving.add(this.immigrated)
            this.reshape = true
        }
    }

    /** Hands this member's leadership over to a naturalized citizen, which is seated first. */
    cede(now: number, id: string): CedeOutcome {
        this.observe(now, this.scheduler.next())
        if (!this.isLeading) {
            return 'not-leader'
        }
        if (id === this.id) {
            return 'leads'
        }
        if (this.handover !== null) {
            return this.handover.to.id === id ? 'ceding' : 'busy'
        }
        const incarnation = this.citizenship.incarnationOf(id)
        if (incarnation === null || !this.government.naturalized.includes(id)) {
            return 'ineligible'
        }
        this.#handOver(incarnation)
        this.proceed(false)
        return 'ceding'
    }

    #handOver(to: Incarnation): void {
        this.heir = null
        this.handover = handOver(to, this.now)
        this.reshape = true
    }

    protected override officiate(): void {
        const { handover, settings } = this
        if (!this.isLeading) {
            return
        }
        if (handover !== null && this.now - handover.since >= settings.timeout) {
            this.#resumeOffice()
        } else if (handover !== null) {
            this.#closeFor(handover)
        }
        if (this.handover === null && this.leaves && this.now >= this.#tryAt()) {
            this.#seekSuccessor()
        }
    }

    /** One that does not answer is not waited for: all is written all the while. */
    #closeFor(handover: Handover): void {
        const peer = this.peers.of(handover.to)
        const isRecent = this.now - peer.presentAt < this.settings.ping
        const isThere = isRecent && this.#isPresent(peer) && this.seats(peer)
        if (!handover.isClosing && isThere) {
            this.handover = close(handover, this.now)
        }
    }

    #isPresent(peer: Peer): boolean {
        return this.appraise([peer]).present.has(peer.id)
    }

    /** The successor had its time: this member goes on. */
    #resumeOffice(): void {
        this.handover = null
        this.reshape = true
    }

    #tryAt(): number {
        const { timeout } = this.settings
        return this.triedAt + timeout * 2 ** Math.min(this.tries, DOUBLINGS_MAX)
    }

    /** A leader that leaves cedes to somebody that stays, to another one each time. */
    #seekSuccessor(): void {
        const { government, settings: { ping } } = this
        const ready = citizens(government).filter((id) => government.naturalized.includes(id))
        const peers = this.peersOf(ready)
        const { present } = this.appraise(peers)
        const staying = peers.filter((peer) => {
            const isThere = present.has(peer.id) && peer.silence(this.now) < ping
            return isThere && !this.leaving.has(peer.immigrated)
        })
        const seated = staying.filter((peer) => this.seats(peer))
        const candidates = seated.length === 0 ? staying : seated
        const successor = candidates[this.tries % Math.max(1, candidates.length)]
        if (successor !== undefined) {
            this.tries++
            this.triedAt = this.now
            this.#handOver({ id: successor.id, immigrated: successor.immigrated })
        }
    }

    protected override feed(due: boolean, patient: boolean = true): void {
        super.feed(due, patient)
        this.#tell()
    }

    /** Tells the successor to go ahead, once all that is written is committed and it has it. */
    #tell(): void {
        const { chain, handover, writer } = this
        const { ping, window } = this.settings
        if (handover?.isClosing !== true || writer === null) {
            return
        }
        const peer = this.peers.of(handover.to)
        const isLevel = chain.head === chain.committed && peer.holds === chain.committed
        const isDue = this.now - handover.toldAt >= ping && peer.calls < window + 2
        if (isLevel && isDue) {
            this.handover = { ...handover, toldAt: this.now }
            this.send(peer, { method: 'cede', ballot: writer.ballot }, chain.committed)
        }
    }

    /** The answer of a successor: it goes ahead where it is level with the leader. */
    protected accede(request: Cede): Response {
        this.note(request.ballot)
        if (request.committed !== this.committed) {
            return this.answer({ method: 'behind' })
        }
        const isFollower = this.isSeated && this.seats(request.from) && this.writer === null
        const isOverruled = Monotonic.compare(request.ballot, this.acceptance.promised) < 0
        if (!isFollower || isOverruled) {
            return this.answer({ method: 'refused' })
        }
        if (!this.maySucceed(request.from.immigrated)) {
            this.collapse(request.from.immigrated)
        }
        return this.answer({ method: 'synchronized' })
    }

    protected override collapse(ceded: Monotonic | null = null): void {
        this.handover = null
        super.collapse(ceded)
    }

    /** A voter has promised another ballot. The successor's is let through, any other contested. */
    protected yield(ballot: Ballot): void {
        const { handover, settings } = this
        if (handover === null || !ballot.endsWith(`/${handover.to.immigrated}`)) {
            this.collapse()
            return
        }
        this.stepDown()
        this.appoint('collapse', settings.timeout + this.random.below(settings.ping))
    }

    protected override governed(body: GovernmentBody, _before: Government): void {
        this.#settle(body)
        for (const promise of this.leaving) {
            if (!this.citizenship.isKnown(promise)) {
                this.leaving.delete(promise)
            }
        }
        if (this.#isAlone()) {
            // All others have left. Somebody has to stay, and it is told so.
            this.leaves = false
            this.leaving.clear()
        }
        this.#declareLeaving()
    }

    /** A handover ends with a government that another leads, or that unseats the successor. */
    #settle(body: GovernmentBody): void {
        const { citizenship, government, handover } = this
        const isOurs = body.map !== null && government.majority[0] === this.id
        const to = handover?.to ?? citizenship.incarnation
        const isStillThere = citizenship.isKnown(to.immigrated)
        const isUnseated = handover?.isClosing === true && !this.seats(to)
        if (handover !== null && government.majority[0] === to.id) {
            this.heir = Object.freeze({ id: to.id, promise: government.promise })
        }
        if (!isOurs || !isStillThere || isUnseated) {
            this.handover = null
        }
    }
}
