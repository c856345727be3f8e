import cadence from 'cadence'
import type { Cadenced } from 'cadence'
import type { CommitMarks } from './commit-marks.js'
import type { OutgoingCalls } from './outgoing-calls.js'
import type { Player } from './player.js'
import { MemberLogger } from '../base/member-logger.js'
import { guardEnvelope, type WireCall } from '../guard/envelope.js'
import { guardOutcome, guardReceipts } from '../guard/response.js'
import { openMessage, wrap } from '../transport/opaque.js'
import { packable } from '../publisher/batch-encoding.js'
import { Assembly } from '../transport/parts.js'
import type { Request } from '../paxos/messages/messages.js'
import type { ImmigrateOutcome } from '../paxos/messages/proposals.js'
import { type Callback, promiseOrCallback } from '../base/callbacks.js'
import { rejectSender } from '../guard/sender.js'
import {
    type ArrivalOrCallback, type Peer, readArrival, type TurnedAway, turnAwayOf
} from '../transport/authenticated-peer.js'
import type { EnqueueBody, ImmigrateBody } from './inputs.js'
import { OutdatedNewcomers } from './outdated-newcomers.js'
import { otherFounding } from './superseded.js'
import { isForwarded } from './relay.js'
import { answerOf } from './unsendable.js'

/** The maximum size of a message that arrives in parts, in bytes of JSON. */
const BYTES_MAX = 8 * 1024 * 1024

/**
 * Answers the calls of other members. A rejected call is counted and logged, and the answer is
 * `null`: a malformed call, a call for another republic, and a call whose claimed sender is not the
 * authenticated peer. If the call names another founding of the republic, the answer of a member
 * names the founding of that member, so that the caller can distinguish another founding from no
 * answer. A call for another incarnation of this member is counted too.
 */
export class IncomingCalls {
    readonly #player: Player
    readonly #outgoing: OutgoingCalls
    readonly #marks: CommitMarks
    readonly #assembly = new Assembly(BYTES_MAX)
    readonly #outdated: OutdatedNewcomers

    constructor(player: Player, outgoing: OutgoingCalls, marks: CommitMarks) {
        this.#player = player
        this.#outgoing = outgoing
        this.#marks = marks
        this.#outdated = new OutdatedNewcomers(new MemberLogger('kibitz', () => player.paxos))
    }

    /**
     * Answers a call, by a callback or by a promise. A rejected call yields `null` or a refusal,
     * and changes nothing.
     *
     * @throws KibitzError `invalid-argument` if the arrival or the callback is not usable.
     */
    answer(
        envelope: unknown, arrival?: ArrivalOrCallback, callback?: Callback<unknown>
    ): Promise<unknown> | undefined {
        const isBare = typeof arrival === 'function'
        const peer = readArrival(arrival)
        const answered = isBare ? arrival : callback
        return promiseOrCallback((done) => this.#unpack(envelope, peer, done), answered)
    }

    /**
     * Unpacks a call that a route passes on in opaque form, and answers in the same form. If parts
     * of the call are still missing, the answer acknowledges this part only.
     */
    #unpack(arrived: unknown, peer: Peer | null, answered: Callback<unknown>): void {
        const opened = openMessage(arrived, this.#assembly, peer?.id ?? '')
        switch (opened.form) {
            case 'plain':
                this.#answerCall(opened.value, peer, answered)
                break
            case 'opaque':
                this.#answerCall(opened.value, peer, (error, answer) => {
                    answered(error, wrap(answer))
                })
                break
            case 'part':
                answered(null, opened.value)
                break
            default:
                this.#outgoing.rejections.reject({
                    code: opened.form === 'broken' ? 'malformed' : opened.form, at: 'kibitz'
                })
                answered(null, null)
        }
    }

    /** Answers a call: at once, unless the answer waits for another member or for the journal. */
    #answerCall(envelope: unknown, peer: Peer | null, answered: Callback<unknown>): void {
        const call = this.#guardCall(envelope, peer)
        if (call === null) {
            answered(null, null)
        } else if (call.body.republic !== this.#player.paxos.republic) {
            // The call is not recorded, so other republics cannot make the recording grow.
            this.#outgoing.rejections.reject({ code: 'other-republic', at: 'body.republic' })
            answered(null, call.method === 'immigrate' ? null : this.#nameFounding(null))
        } else if (call.method === 'immigrate') {
            this.#immigrate(call.body, (_, outcome) => this.#answerWhenSafe(outcome, answered))
        } else if (call.method === 'receive') {
            this.#answerWhenSafe(this.#playReceive(call.body), answered)
        } else if (call.method === 'mark' || call.method === 'promised') {
            // A question changes nothing, so its answer waits for no record.
            this.#marks.answer(call.method, call.body, (answer) => answered(null, answer))
        } else if (this.#isForwarded(call.body)) {
            this.#forward(call.body, (_, promises) => {
                this.#answerWhenSafe(promises ?? null, answered)
            })
        } else {
            this.#answerWhenSafe(this.#playEnqueue(call.body), answered)
        }
    }

    /** The checked call; `null` if the call is rejected or this member plays no inputs. */
    #guardCall(envelope: unknown, peer: Peer | null): WireCall | null {
        const guarded = guardEnvelope(envelope)
        if (!guarded.ok) {
            this.#outgoing.rejections.reject(guarded.rejection)
            return null
        }
        const call = guarded.envelope
        if (!this.#player.isOpen) {
            return null
        }
        const isOther = call.body.republic !== this.#player.paxos.republic
        const isExempt = peer === null || isOther
        const mismatch = isExempt ? null : rejectSender(call, peer, this.#isCitizen)
        if (mismatch !== null) {
            this.#outgoing.rejections.reject(mismatch)
            return null
        }
        return call
    }

    readonly #isCitizen = (id: string): boolean =>
        Object.hasOwn(this.#player.paxos.government.immigrated.promise, id)

    /** Answers when the gate lets the answer pass; with `null` if the journal has failed. */
    #answerWhenSafe(answer: unknown, answered: Callback<unknown>): void {
        const { gate } = this.#player
        if (gate.isOpen) {
            answered(null, answer)
        } else {
            gate.pass(() => answered(null, answer ?? null), () => answered(null, null))
        }
    }

    #playReceive(request: Request): unknown {
        this.#outgoing.relay.onCallFrom(request.from.id)
        const response = this.#player.play('receive', request)
        if (response?.method === 'unreachable') {
            this.#outgoing.rejections.reject({ code: 'other-incarnation', at: 'body.to' })
            const isOurs = request.founding === this.#player.paxos.founding
            return isOurs ? response : this.#nameFounding(response)
        }
        return response
    }

    /**
     * The answer that names the founding of this member; the given answer if this member is not
     * admitted.
     */
    #nameFounding(answer: unknown): unknown {
        const elsewhere = otherFounding(this.#player)
        const isMember = elsewhere !== null && !this.#player.paxos.exiled
        return isMember ? { method: 'unreachable', exiled: false, elsewhere } : answer
    }

    #playEnqueue(body: EnqueueBody): unknown {
        const promises = this.#player.play('enqueue', body)
        const { founding } = this.#player.paxos
        return (body.founding ?? founding) === founding ? promises : this.#nameFounding(promises)
    }

    /** Counts and logs a message that a transport has turned away. */
    turnAway(code: TurnedAway, from: string): void {
        this.#outgoing.rejections.reject(turnAwayOf(code, from))
    }

    #isForwarded(body: EnqueueBody): boolean {
        const { paxos } = this.#player
        return !paxos.exiled && isForwarded(body, paxos)
    }

    readonly #forward: Cadenced<IncomingCalls, [EnqueueBody], [unknown]> = cadence(
        function (async, body: EnqueueBody) {
            const { paxos } = this.#player
            const properties = paxos.addressOf(paxos.government.majority[0] ?? '')
            const passedOn = Object.freeze({ ...body, entries: packable(body.entries), hops: 1 })
            async(
                () => this.#outgoing.call('enqueue', properties, passedOn, async()),
                (answer: unknown) => {
                    const { rejections } = this.#outgoing
                    return [rejections.accept(guardReceipts(answerOf(answer)))]
                }
            )
        }
    )

    /**
     * Admits a newcomer at the leader. Any other member forwards the request to the leader, once.
     */
    readonly #immigrate: Cadenced<
        IncomingCalls, [ImmigrateBody], [ImmigrateOutcome | null]
    > = cadence(
        function (async, body: ImmigrateBody) {
            const outcome = this.#player.play('immigrate', body)
            this.#outdated.onOutcome(body, outcome)
            const leader = outcome?.leader ?? null
            const { paxos } = this.#player
            const isOver = outcome?.enqueued !== false || body.hops > 0
            if (isOver || leader === null || leader === paxos.id) {
                return [outcome]
            }
            const properties = paxos.addressOf(leader)
            const passedOn = Object.freeze({ ...body, hops: body.hops + 1 })
            async(
                () => this.#outgoing.call('immigrate', properties, passedOn, async()),
                (answer: unknown) => {
                    const { rejections } = this.#outgoing
                    return [rejections.accept(guardOutcome(answerOf(answer))) ?? outcome]
                }
            )
            return []
        }
    )
}
