import type { Monotonic } from '../base/monotonic.js'
import type { Appointment } from './member.js'
import type { Shape } from './membership/government.js'
import {
    citizens, constituency, isGovernment, latestAdmission, population
} from './membership/government.js'
import { unready } from './membership/presence.js'
import { shape } from './membership/shaper.js'
import type { Entry, Government, GovernmentBody } from './messages/messages.js'
import type { Immigration } from './messages/proposals.js'
import { learn } from './replication/recorder.js'
import type { Writer } from './replication/writer.js'
import { Steward } from './steward.js'

/**
 * The middle floor of the engine, stable times: enacts what is committed, and, where this member
 * writes, commits and reshapes.
 */
export abstract class Legislator extends Steward {
    /** Who asks to be admitted, oldest first. Kept by the leader alone. */
    protected readonly arriving: Map<string, Immigration> = new Map()
    /**
     * Citizens who can only come back as somebody new: another asks to be admitted under the id, or
     * nobody can give them what they lack. Kept by the leader alone.
     */
    protected readonly returning: Set<string> = new Set()
    /** Something has happened that the shape of the government may depend on. */
    protected reshape = false
    #enacted = 0

    /** A government was enacted under which this member, elected, must go on with the election. */
    protected abstract resume(): void

    /**
     * A government has just taken force. The records of whom it exiles are still there.
     *
     * @param before The government that was in force.
     */
    protected abstract governed(body: GovernmentBody, before: Government): void

    /** Does what is due of a member that leaves, or hands over. */
    protected abstract officiate(): void

    /** Stops writing; what waited is dropped, and the Islanders act on the next `map: null`. */
    protected stepDown(): void {
        this.writer = null
        this.arriving.clear()
        this.returning.clear()
    }

    /**
     * Takes committed entries from another member. What this one wrote ends there, unless that is
     * what it is told: the others may know before it does that it is committed.
     */
    protected learn(previous: Monotonic, entries: readonly Entry[]): number {
        const { committed, last } = this.chain
        const learnt = learn(this.chain, previous, entries)
        if (this.chain.committed > committed) {
            if (this.chain.last !== last) {
                this.stepDown()
            }
            this.enact()
        }
        return learnt
    }

    /** Enacts what is committed and not enacted yet. */
    protected enact(): void {
        let publisher = this.id
        while (this.#enacted < this.chain.committed) {
            this.#enacted++
            const entry = this.chain.at(this.#enacted)
            const { body } = entry
            if ('majority' in body) {
                this.#enactGovernment(entry, body)
                continue
            }
            this.log.push(this.citizenship.enact(entry))
            if (body.id !== publisher) {
                this.owe(publisher, this.#enacted - 1)
                publisher = body.id
            }
        }
        this.owe(publisher, this.#enacted)
    }

    #enactGovernment(entry: Entry, body: GovernmentBody): void {
        if (body.immigrate !== null) {
            this.chain.keepWelcome(this.#enacted, this.citizenship.snapshot())
        }
        const before = this.government
        const enacted = this.citizenship.enact(entry)
        this.chain.keepEnacted(this.#enacted, enacted)
        this.log.push(enacted)
        this.#succeed(body, before)
        this.oweAll(this.#enacted)
    }

    /** The log is another one; what is committed of it is as good as enacted. */
    protected rewind(): void {
        this.#enacted = this.chain.committed
    }

    #succeed(body: GovernmentBody, before: Government): void {
        const { citizenship, government } = this
        this.governed(body, before)
        const isThere = (immigrated: Monotonic): boolean => citizenship.isKnown(immigrated)
        const fed = this.peersOf(constituency(government, this.id))
        this.minimum.reset(
            government.promise,
            fed.map((peer) => peer.immigrated)
        )
        this.peers.retain(isThere)
        this.hearsay.retain(isThere)
        for (const promise of this.naturalizing) {
            const id = government.immigrated.id[promise]
            if (id === undefined || government.naturalized.includes(id)) {
                this.naturalizing.delete(promise)
            }
        }
        this.#declareReady()
        for (const peer of fed) {
            // Whoever else comes to feed it later asks first how far it is.
            peer.stranger ||= peer.immigrated === body.promise
        }
        this.#takeOffice()
        this.reshape = true
    }

    #takeOffice(): void {
        const { writer } = this
        if (writer?.inherits === true) {
            // What was inherited is complete. This member's own government comes next, whoever
            // the inherited one names: only a `map: null` tells the Islanders of the collapse.
            this.stepDown()
            this.resume()
        } else if (writer !== null) {
            writer.establishing = false
        }
        for (const id of Object.keys(this.government.properties)) {
            this.arriving.delete(id)
        }
        for (const id of this.returning) {
            if (this.citizenship.incarnationOf(id) === null) {
                this.returning.delete(id)
            }
        }
    }

    /** Puts this member on the list of who may hold a seat, once it is admitted. */
    #declareReady(): void {
        const { government, id, immigrated } = this
        if (this.ready && this.citizenship.isCitizen && !government.naturalized.includes(id)) {
            this.naturalizing.add(immigrated)
        }
    }

    /** Says that this member may hold a seat; counts from its admission on. */
    protected declare(): void {
        this.ready = true
        this.#declareReady()
        this.reshape = true
    }

    /** Takes no further part. */
    protected retire(): void {
        this.citizenship.exiled = true
        this.stepDown()
        for (const appointment of ['ping', 'collapse', 'resubmit', 'feed'] as const) {
            if (this.isAppointed(appointment)) {
                this.scheduler.unschedule(appointment)
            }
        }
    }

    /** Does everything that follows from what has just been taken in. */
    protected proceed(due: boolean): void {
        if (!this.exiled) {
            this.officiate()
            this.#legislate()
        }
        if (this.exiled) {
            // It may just have completed its own exile.
            this.retire()
            return
        }
        this.tenure.observe(this.chain, this.now)
        this.feed(due)
        if (this.isLeading) {
            this.minimum.hear(this.minimum.reduce(this.committed).reduced)
        }
        this.chain.trim(this.minimum.propagated)
        const { keeping, kept, underWay } = this.settings
        this.chain.bound(keeping, kept, underWay)
        this.#keepAppointments()
    }

    #legislate(): void {
        for (;;) {
            const { writer, chain } = this
            if (writer === null) {
                return
            }
            const isClosed = this.handover?.isClosing === true
            if (this.reshape && this.isLeading && !isClosed && !writer.isReshaping(chain)) {
                this.#reshape()
            }
            if (!isClosed) {
                this.#write(writer)
            }
            const committed = writer.committable(chain, this.government, (id) => this.held(id))
            if (committed === chain.committed) {
                return
            }
            chain.commitThrough(committed)
            this.enact()
        }
    }

    #write(writer: Writer): void {
        const { chain } = this
        const { head } = chain
        writer.write(chain, this.settings.writing)
        const { promise } = chain.last
        if (chain.head > head && isGovernment(promise)) {
            this.tenure.draft = { ballot: writer.ballot, promise }
            this.tenure.observe(chain, this.now)
        }
    }

    #reshape(): void {
        this.reshape = false
        const next = this.#nextShape()
        if (next !== null) {
            this.writer?.propose(this.chain, this.government, next, true)
        }
        this.askAbsent()
    }

    #nextShape(): Shape | null {
        const { government } = this
        const { parliamentSize, parliamentFloor } = this.settings
        const peers = this.peersOf(citizens(government))
        const { silent, doubtful, present } = this.appraise(peers)
        const others = this.peersOf(government.constituents)
        const latest = this.chain.positionOf(latestAdmission(government))
        const waiting = unready(this.rivals(), others, silent, (peer) => {
            // A seat of somebody who cannot be fed could be one that is missing for good.
            return !this.isInReach(peer) || latest - this.reach(peer) > this.settings.batch
        })
        // Who cannot be fed answers, and its vote is missed all the same.
        const lost = this.outOfReach(this.rivals())
        return shape({
            government,
            ballot: this.acceptance.accepted,
            parliamentSize,
            parliamentFloor,
            arriving: [...this.arriving.values()],
            returning: this.returning,
            silent,
            doubtful: new Set([...doubtful, ...waiting, ...lost]),
            present,
            naturalizing: this.namesOf(this.naturalizing),
            leaving: this.namesOf(this.leaving),
            successor: this.handover?.to.id ?? null
        })
    }

    #keepAppointments(): void {
        const { ping, timeout } = this.settings
        const feeds = this.writer !== null || constituency(this.government, this.id).length !== 0
        if (feeds && population(this.government) > 1 && !this.isAppointed('ping')) {
            this.appoint('ping', ping)
        }
        if (this.citizenship.isCitizen && this.writer === null && !this.isAppointed('collapse')) {
            const ledFor = Math.min(timeout, Math.max(0, this.now - this.ledAt))
            this.appoint('collapse', timeout - ledFor + this.random.below(ping))
        }
    }

    /** Whether an appointment is in the calendar. */
    protected isAppointed(appointment: Appointment): boolean {
        return this.scheduler.when(appointment) !== null
    }
}
