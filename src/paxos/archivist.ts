import { assertState, STATE_VERSION } from '../base/state-version.js'
import { freeze } from '../base/freeze.js'
import { Citizenship } from './membership/citizenship.js'
import { Correspondent } from './correspondent.js'
import { restoreHandover, stateOfHandover } from './departure/handover.js'
import { SilenceReports } from './replication/silence-reports.js'
import { Log } from './log/log.js'
import { Minimum } from './log/minimum.js'
import { parliament } from './membership/government.js'
import { Peers } from './replication/peers.js'
import type { Contact, Inspection, OpenGovernment } from './inspection.js'
import { type PaxosOptions, settle } from './options.js'
import { Proposer } from './election/proposer.js'
import { SeededRandom } from './seeded-random.js'
import type { OfficeState, PaxosState } from './state.js'
import { Tenure } from './replication/tenure.js'
import { readInstant, MemberTime, writeInstant } from './member-time.js'
import { deciding, Writer } from './replication/writer.js'

/**
 * How many timeouts a contact counts for. A leader's standing reaches a constituent through a
 * member of the minority, and each step may take a ping: one timeout could be too short.
 */
const CONTACT_TIMEOUTS = 2

/**
 * The floor of the engine that writes down all that is below it, and goes on from what was
 * written. It also tells people how things stand.
 *
 * 1. An engine that goes on from a state puts out what the one whose state it was puts out, byte
 *    for byte, given the same inputs.
 */
export abstract class Archivist extends Correspondent {
    /** The cookies of the communiques whose answers are awaited, oldest first. */
    get unanswered(): readonly string[] {
        return this.post.unanswered()
    }

    /** The options in force. */
    get options(): Required<PaxosOptions> {
        const { ping, timeout, patience, parliamentSize, parliamentFloor } = this.settings
        const { window, batch, proposals, history, citizens } = this.settings
        const seats = { parliamentSize, parliamentFloor }
        return { ping, timeout, patience, ...seats, window, batch, proposals, history, citizens }
    }

    /** Begins anew at an instant, under these options. No input may have been applied before. */
    begin(now: number, options: PaxosOptions): void {
        this.time = new MemberTime(now)
        this.reform(options)
    }

    /** Goes on under other options; those that are left out are the defaults. */
    reform(options: PaxosOptions): void {
        this.settings = settle(options)
    }

    /**
     * All that any later output depends on, between two inputs. What still lies in `outbox` and
     * `log` is left out: whoever drives the engine has taken it.
     */
    state(): PaxosState {
        return {
            version: STATE_VERSION,
            options: this.options,
            time: this.time.state(),
            calendar: this.scheduler.calendar().map(({ when, key, body }) => ({ when, key, body })),
            citizenship: this.citizenship.state(),
            log: this.chain.state(),
            acceptance: { ...this.acceptance },
            highest: this.highest,
            ready: this.ready,
            reshape: this.reshape,
            ledBy: this.ledBy,
            ledAt: writeInstant(this.ledAt),
            revivedAt: writeInstant(this.revivedAt),
            naturalizing: [...this.naturalizing],
            leaving: [...this.leaving],
            office: this.#office(),
            tenure: this.tenure.state(),
            farewells: this.farewells.state(),
            arriving: [...this.arriving.values()],
            returning: [...this.returning],
            peers: this.peers.state(),
            hearsay: this.hearsay.state(),
            minimum: this.minimum.state(),
            post: this.post.state(),
            random: this.random.state(),
            writer: this.writer?.state() ?? null,
            proposer: this.proposer?.state() ?? null,
            petitions: this.petitions
        }
    }

    #office(): OfficeState {
        const { leaves, tries, heir, handover } = this
        const triedAt = writeInstant(this.triedAt)
        return {
            leaves,
            tries,
            triedAt,
            heir,
            handover: handover === null ? null : stateOfHandover(handover)
        }
    }

    /**
     * Tells a member that it has come back: the process in which it was has ended, and this one
     * holds all that it held. Not so much as a pause, after which calls are still answered.
     *
     * 1. No answer to anything that was asked before is awaited.
     * 2. While it was not there no time went by, and what is due moves along. So it is not the
     *    others who were silent, and it leaves its leader the time that the leader had. When its
     *    publisher tries again is appointed anew: that was said in a time of the publisher's own,
     *    which a member that nobody asks anything may not have seen yet.
     * 3. One that writes is in no good standing until a majority has obeyed it anew; for that it
     *    has a `timeout`. It asks at once.
     */
    revive(now: number): void {
        const awayMs = now - this.time.clock
        this.time.skip(now)
        if (this.exiled) {
            return
        }
        for (const { when, key, body } of this.scheduler.calendar()) {
            this.scheduler.schedule(when + awayMs, key, body)
        }
        this.scheduler.unschedule('resubmit')
        this.post.forget()
        this.hearsay.retain(() => false)
        for (const peer of this.peers.all()) {
            peer.revive()
        }
        this.farewells.revive()
        this.tenure.since = this.now
        this.tenure.draft = null
        this.revivedAt = this.now
        this.proceed(true)
    }

    /**
     * Goes on from a state; this engine must be a new one.
     *
     * @param options Those that are to be others from now on.
     */
    recall(state: PaxosState, options: PaxosOptions = {}): void {
        assertState(state, this.state())
        this.reform({ ...state.options, ...options })
        this.time = MemberTime.restore(state.time)
        this.citizenship = Citizenship.restore(state.citizenship)
        this.chain = Log.restore(state.log)
        this.rewind()
        this.peers = Peers.restore(state.peers)
        this.hearsay = SilenceReports.restore(state.hearsay)
        this.minimum = Minimum.restore(state.minimum)
        this.tenure = Tenure.restore(state.tenure)
        this.farewells.recall(state.farewells)
        this.post.recall(state.post)
        this.random = SeededRandom.restore(state.random)
        this.writer = state.writer === null ? null : Writer.restore(state.writer)
        this.proposer = state.proposer === null ? null : Proposer.restore(state.proposer)
        Object.assign(this.acceptance, state.acceptance)
        this.highest = state.highest
        this.ready = state.ready
        this.reshape = state.reshape
        this.ledBy = state.ledBy
        this.ledAt = readInstant(state.ledAt)
        this.revivedAt = readInstant(state.revivedAt)
        this.petitions = state.petitions
        for (const immigrated of state.naturalizing) {
            this.naturalizing.add(immigrated)
        }
        for (const immigrated of state.leaving) {
            this.leaving.add(immigrated)
        }
        const { leaves, tries, triedAt, heir, handover } = state.office
        this.leaves = leaves
        this.tries = tries
        this.triedAt = readInstant(triedAt)
        this.heir = heir === null ? null : freeze(heir)
        this.handover = handover === null ? null : restoreHandover(handover)
        for (const immigration of state.arriving) {
            this.arriving.set(immigration.id, freeze(immigration))
        }
        for (const id of state.returning) {
            this.returning.add(id)
        }
        for (const { when, key, body } of state.calendar) {
            this.scheduler.schedule(when, key, body)
        }
    }

    /** What the engine is doing, for people. */
    inspect(): Inspection {
        const { chain, acceptance } = this
        return {
            id: this.id,
            role: this.#role(),
            government: this.government.promise,
            committed: this.committed,
            head: chain.promiseAt(chain.head),
            promised: acceptance.promised,
            accepted: acceptance.accepted,
            waiting: this.writer?.waiting ?? 0,
            silent: this.isLeading ? this.#silent() : [],
            open: this.#open(),
            leftBehind: this.isLeftBehind ? [this.id, ...this.lost()] : this.lost()
        }
    }

    /**
     * The last contact with a leader. At a leader, that is the instant at which a majority last
     * obeyed. What a member heard before the member came back from a journal shows no leader now.
     */
    contact(): Contact {
        const role = this.#role()
        const isMember = role !== 'stranger' && role !== 'exile'
        const seenAt = this.isLeading ? this.majorityAt() : this.ledAt
        const ageMs = this.now - seenAt
        const isSince = this.isLeading || seenAt > this.revivedAt
        const isRecent = isSince && ageMs < CONTACT_TIMEOUTS * this.settings.timeout
        return {
            isLed: isMember && role !== 'candidate' && isRecent,
            leaderSeenMs: isMember && Number.isFinite(ageMs) ? Math.max(0, ageMs) : null
        }
    }

    #silent(): readonly string[] {
        const { timeout } = this.settings
        const silent = this.rivals().filter((peer) => peer.silence(this.now) >= timeout)
        return silent.map(({ id }) => id)
    }

    #open(): OpenGovernment | null {
        const { opened } = this.tenure
        if (opened === null || this.exiled) {
            return null
        }
        const { promise, openedAt } = opened
        const parliaments = deciding(this.chain, this.government)
        const voters = new Set(parliaments.flatMap((seats) => parliament(seats)))
        const missing = [...voters].filter((id) => id !== this.id && !this.#hasAccepted(id))
        return { promise, missing, forMs: this.now - openedAt }
    }

    /** Whether a voter holds the open government, or answers while this member does not write. */
    #hasAccepted(id: string): boolean {
        // A read makes no record of a peer: the state would depend on the reads.
        const peer = this.peers.find(this.citizenship.incarnationOf(id)?.immigrated ?? '0/0')
        const answeredAt = peer?.answeredAt ?? Number.NEGATIVE_INFINITY
        const holds = peer?.matched === true && peer.match >= this.chain.head
        return this.writer === null ? this.now - answeredAt < this.settings.timeout : holds
    }

    #role(): Inspection['role'] {
        if (this.exiled) {
            return 'exile'
        }
        if (!this.citizenship.isCitizen) {
            return 'stranger'
        }
        if (this.isLeading) {
            return 'leader'
        }
        return this.isCampaigning || this.writer !== null ? 'candidate' : 'citizen'
    }
}
