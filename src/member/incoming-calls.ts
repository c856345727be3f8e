import cadence from 'cadence'
import type { Cadenced } from 'cadence'
import type { OutgoingCalls } from './outgoing-calls.js'
import type { Player } from './player.js'
import { guardEnvelope, type WireCall } from '../guard/envelope.js'
import { guardOutcome, guardReceipts } from '../guard/response.js'
import { openMessage, wrap } from '../transport/opaque.js'
import { own } from '../base/own-property.js'
import { posted } from '../publisher/batch-encoding.js'
import { Assembly } from '../transport/parts.js'
import type { Request } from '../paxos/messages/messages.js'
import type { ImmigrateOutcome } from '../paxos/messages/proposals.js'
import { type Callback, promiseOrCallback } from '../base/callbacks.js'
import { rejectSender } from '../guard/sender.js'
import { type ArrivalOrCallback, type Peer, readArrival } from '../transport/authenticated-peer.js'
import type { EnqueueBody, ImmigrateBody } from './inputs.js'
import { otherFounding } from './superseded.js'

/** How many bytes of JSON a message may take that arrives in parts. */
const BYTES_MAX = 8 * 1024 * 1024

/**
 * Receives the calls of other Kibitzers. A call that is malformed, meant for another republic, or
 * of another sender than the call says, is rejected, counted and logged; the answer is `null`. If
 * the call is meant for another founding, the answer of a member names the founding of this
 * member, so that the caller can tell that from no answer. A call for another incarnation is
 * counted too.
 */
export class IncomingCalls {
    readonly #player: Player
    readonly #outgoing: OutgoingCalls
    readonly #assembly = new Assembly(BYTES_MAX)

    constructor(player: Player, outgoing: OutgoingCalls) {
        this.#player = player
        this.#outgoing = outgoing
    }

    /**
     * Answers a call, to a callback or by a promise. What is malformed, not for this member, or not
     * of the peer that is proven to have sent it, yields `null` or a refusal and changes nothing.
     *
     * @throws KibitzError `invalid-argument` where the arrival or the callback is not usable.
     */
    hear(
        envelope: unknown, arrival?: ArrivalOrCallback, callback?: Callback<unknown>
    ): Promise<unknown> {
        const isBare = typeof arrival === 'function'
        const peer = readArrival(arrival)
        const answered = isBare ? arrival : callback
        return promiseOrCallback((done) => this.#request(envelope, peer, done), answered)
    }

    /**
     * Opens a call that a route hands over in its opaque form, and answers in the same form. If
     * parts of the call are still to come, the answer only acknowledges this part.
     */
    #request(arrived: unknown, peer: Peer | null, answered: Callback<unknown>): void {
        const opened = openMessage(arrived, this.#assembly, peer?.id ?? '')
        switch (opened.form) {
            case 'plain':
                this.#hear(opened.value, peer, answered)
                break
            case 'opaque':
                this.#hear(opened.value, peer, (error, answer) => answered(error, wrap(answer)))
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

    /** Answers a call; at once, unless another member or the journal has to be waited for. */
    #hear(envelope: unknown, peer: Peer | null, answered: Callback<unknown>): void {
        const call = this.#admit(envelope, peer)
        if (call === null) {
            answered(null, null)
        } else if (call.body.republic !== this.#player.paxos.republic) {
            // The call is not recorded, so that no stranger makes a recording grow.
            this.#outgoing.rejections.reject({ code: 'other-republic', at: 'body.republic' })
            answered(null, call.method === 'immigrate' ? null : this.#elsewhere(null))
        } else if (call.method === 'immigrate') {
            this.#immigrate(call.body, (_, outcome) => this.#answer(outcome, answered))
        } else if (call.method === 'receive') {
            this.#answer(this.#receive(call.body), answered)
        } else if (this.#passesOn(call.body)) {
            this.#passOn(call.body, (_, promises) => this.#answer(promises ?? null, answered))
        } else {
            this.#answer(this.#enqueue(call.body), answered)
        }
    }

    /** A call that is sound and meant for this member; `null` where it is not. */
    #admit(envelope: unknown, peer: Peer | null): WireCall | null {
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

    /** Answers when the gate lets it pass; with nothing where it never will. */
    #answer(answer: unknown, answered: Callback<unknown>): void {
        const { gate } = this.#player
        if (gate.isOpen) {
            answered(null, answer)
        } else {
            gate.pass(() => answered(null, answer ?? null), () => answered(null, null))
        }
    }

    #receive(request: Request): unknown {
        this.#outgoing.relay.heard(request.from.id)
        const response = this.#player.play('receive', request)
        if (response?.method === 'unreachable') {
            this.#outgoing.rejections.reject({ code: 'other-incarnation', at: 'body.to' })
            const isOurs = request.founding === this.#player.paxos.founding
            return isOurs ? response : this.#elsewhere(response)
        }
        return response
    }

    /** An answer that names the founding of this member; the answer as it is before admission. */
    #elsewhere(answer: unknown): unknown {
        const elsewhere = otherFounding(this.#player)
        const isMember = elsewhere !== null && !this.#player.paxos.exiled
        return isMember ? { method: 'unreachable', exiled: false, elsewhere } : answer
    }

    #enqueue(body: EnqueueBody): unknown {
        const promises = this.#player.play('enqueue', body)
        const { founding } = this.#player.paxos
        return (body.founding ?? founding) === founding ? promises : this.#elsewhere(promises)
    }

    /** Whether this member, which does not lead, passes a batch on to the leader: once. */
    #passesOn({ founding, entries, hops = 0 }: EnqueueBody): boolean {
        const { paxos } = this.#player
        const leader = paxos.government.majority[0] ?? paxos.id
        const isOurs = (founding ?? paxos.founding) === paxos.founding && !paxos.exiled
        return isOurs && !paxos.isLeading && leader !== paxos.id && hops === 0 &&
            entries.every(({ id }) => id !== leader)
    }

    readonly #passOn: Cadenced<IncomingCalls, [EnqueueBody], [unknown]> = cadence(
        function (async, body: EnqueueBody) {
            const { government } = this.#player.paxos
            const properties = own(government.properties, government.majority[0] ?? '')
            const passedOn = Object.freeze({ ...body, entries: posted(body.entries), hops: 1 })
            async(
                () => this.#outgoing.call('enqueue', properties, passedOn, async()),
                (answer: unknown) => [this.#outgoing.rejections.accept(guardReceipts(answer))]
            )
        }
    )

    /** A member that does not lead passes an immigration on, once. */
    readonly #immigrate: Cadenced<
        IncomingCalls, [ImmigrateBody], [ImmigrateOutcome | null]
    > = cadence(
        function (async, body: ImmigrateBody) {
            const outcome = this.#player.play('immigrate', body)
            const leader = outcome?.leader ?? null
            const { id, government } = this.#player.paxos
            if (outcome?.enqueued !== false || leader === null || leader === id || body.hops > 0) {
                return [outcome]
            }
            const properties = own(government.properties, leader)
            const passedOn = Object.freeze({ ...body, hops: body.hops + 1 })
            async(
                () => this.#outgoing.call('immigrate', properties, passedOn, async()),
                (answer: unknown) => {
                    const { rejections } = this.#outgoing
                    return [rejections.accept(guardOutcome(answer)) ?? outcome]
                }
            )
            return []
        }
    )
}
