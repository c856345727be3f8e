import cadence from 'cadence'
import type { Cadenced } from 'cadence'
import Caller from 'conduit/caller.js'
import type { Shifter } from 'procession'
import rescue from 'rescue'
import { CertificateFindings } from '../transport/security/certificate-findings.js'
import { CALLS, isTraced, traceCall } from './channels.js'
import { type Awaiting, contextOf, enqueueAtSelf } from './call-context.js'
import type { SendQuestion } from './commit-marks.js'
import { FrequentCalls } from './frequent-calls.js'
import type { Player } from './player.js'
import type { WireCall } from '../guard/envelope.js'
import { guardQuestionAnswer, guardReceipts, guardResponse } from '../guard/response.js'
import type { Dispatch } from '../publisher/islander-types.js'
import { MemberLogger } from '../base/member-logger.js'
import { showGovernments } from './member-log.js'
import { isolateListeners } from '../base/callbacks.js'
import { packable } from '../publisher/batch-encoding.js'
import type { Communique } from '../paxos/messages/mailbox.js'
import type { Properties, Response } from '../paxos/messages/messages.js'
import { releasePassed, firstCursor } from '../base/queues.js'
import { Refusals, spanOf } from '../transport/refusals.js'
import { readAnswer, Relay } from './relay.js'
import { Rejections } from './rejections.js'
import { Superseded } from './superseded.js'
import { UnsendableReports } from './unsendable.js'

/** Counts refusals by members known only by their address. A newcomer knows no ids. */
const NO_MEMBER = '?'

/**
 * Sends the communiques of the engine and the dispatches of the Islander through a Conduit Caller.
 * Each answer becomes an input.
 *
 * 1. Calls do not wait for each other: a member that does not answer delays no other call.
 * 2. A call that is cut off, rejected, or answered with a malformed message has the answer
 *    `null`.
 */
export class OutgoingCalls {
    readonly caller: Caller<WireCall, unknown> = new Caller<WireCall, unknown>()
    /** The counts of rejected calls and answers. */
    readonly rejections: Rejections
    readonly #player: Player
    readonly #logger: MemberLogger
    /** The answering members of another founding. */
    readonly superseded: Superseded
    readonly #unsendable: UnsendableReports
    /** The defects of the certificates that the member shows. */
    readonly certificates: CertificateFindings
    readonly #communiques: Shifter<Communique>
    readonly #dispatches: Shifter<Dispatch>
    readonly #frequent: FrequentCalls
    /** The calls refused by peers, or by proxies on the way. */
    readonly refusals: Refusals = new Refusals()
    /** Chooses the members to which the publisher's batches go. */
    readonly relay: Relay = new Relay()
    #isOpen = false
    #isPumping = false

    constructor(player: Player) {
        this.#player = player
        this.#logger = new MemberLogger('kibitz', () => player.paxos)
        this.rejections = new Rejections(this.#logger, () => player.paxos)
        this.superseded = new Superseded(player, this.#logger)
        this.#unsendable = new UnsendableReports(this.#logger)
        this.certificates = new CertificateFindings(() => player.paxos, this.#logger)
        // The first government names the republic. A certificate may name another republic.
        player.governed.wait(() => this.certificates.review())
        this.#communiques = firstCursor(player.paxos.outbox)
        this.#dispatches = firstCursor(player.islander.outbox)
        releasePassed(this.caller.read) // A call may hold many entries.
        isolateListeners(this.caller.read.pushed)
        isolateListeners(this.caller.write.pushed)
        this.#frequent = new FrequentCalls(this.caller, (outcome, peer) => {
            const { refused = null, mistake = null } = outcome
            if (mistake !== null) {
                this.#unsendable.report(mistake)
            }
            if (refused !== null) {
                this.#countRefusal(peer ?? NO_MEMBER, refused)
            }
        })
    }

    /** Starts to send. */
    startSending(): void {
        this.#isOpen = true
        showGovernments(this.#player.paxos)
        this.sendOutboxes()
    }

    /** Drops everything in the outboxes: an earlier process has sent these calls. */
    dropOutboxes(): void {
        for (const outbox of [this.#communiques, this.#dispatches]) {
            while (outbox.shift() !== null) {
                // Only empties the outbox.
            }
        }
    }

    /** Stops sending. The calls under way end without an answer. */
    close(): void {
        this.#isOpen = false
        this.#communiques.destroy()
        this.#dispatches.destroy()
        this.caller.write.push(null)
    }

    /** Sends everything in the outboxes. */
    sendOutboxes(): void {
        if (this.#isPumping) {
            return
        }
        this.#isPumping = true
        try {
            while (this.#isOpen && this.#sendOne()) {
                // An answer that comes at once may have filled the outboxes again.
            }
        } finally {
            this.#isPumping = false
        }
    }

    #sendOne(): boolean {
        const communique = this.#communiques.shift()
        const dispatch = communique === null ? this.#dispatches.shift() : null
        if (communique !== null) {
            this.#sendCommunique(communique)
        } else if (dispatch !== null) {
            this.#sendDispatch(dispatch)
        }
        return communique !== null || dispatch !== null
    }

    #sendCommunique({ cookie, envelopes }: Communique): void {
        const responses: Record<string, Response | null> = {}
        let awaited = envelopes.length
        for (const { to, properties, request } of envelopes) {
            const span = spanOf(request)
            const numbered = Object.freeze({ ...request, call: cookie })
            this.#callWhenSafe('receive', to, properties, numbered, (answer, outcome = {}) => {
                const { refused = null } = outcome
                this.superseded.onAnswer(answer, properties)
                this.refusals.recordEnd(to, span, answer !== null, refused)
                responses[to] = this.rejections.accept(guardResponse(answer))
                awaited--
                if (awaited === 0) {
                    this.#player.play('sent', { cookie, responses: Object.freeze(responses) })
                }
            })
        }
    }

    #sendDispatch({ cookie, messages }: Dispatch): void {
        const { government, republic, founding, id } = this.#player.paxos
        const leader = government.majority[0] ?? id
        const isOwn = leader === id
        const entries = isOwn ? Object.freeze(messages) : packable(messages)
        const body = Object.freeze({ republic: republic ?? '', founding, call: cookie, entries })
        if (isOwn) {
            // A call to this member itself is played, not sent.
            enqueueAtSelf(this.#player, cookie, body)
            return
        }
        const route = this.relay.chooseMembers(government, id, this.#player.islander.failures)
        const holdsValue = messages.some(({ body: value }) => value !== null)
        for (const member of route.members) {
            const to = this.#player.paxos.addressOf(member)
            this.#callWhenSafe('enqueue', member, to, body, (answer, concluded = {}) => {
                const isOther = this.superseded.onAnswer(answer, to)
                const reply = isOther ? null : this.rejections.accept(guardReceipts(answer))
                const end = route.onAnswer(member, readAnswer(reply, concluded, holdsValue))
                if (end !== null) {
                    this.#player.play('published', Object.freeze({ cookie, ...end }))
                }
            })
        }
    }

    /** Makes a frequent call when the gate lets the call pass. */
    #callWhenSafe(
        method: WireCall['method'],
        peer: string,
        to: Properties,
        body: WireCall['body'],
        answered: Awaiting['answered']
    ): void {
        const call = Object.freeze({ module: 'kibitz', method, to, body }) as WireCall
        if (isTraced(CALLS)) {
            traceCall(contextOf(this.#player, peer, call), (traced: Awaiting['answered']) => {
                this.#pushWhenSafe(call, { peer, answered: traced })
            }, answered)
        } else {
            this.#pushWhenSafe(call, { peer, answered })
        }
    }

    #pushWhenSafe(call: WireCall, awaiting: Awaiting): void {
        if (this.#player.gate.isOpen) {
            this.#frequent.send(call, awaiting)
        } else {
            this.#player.sending.send(
                call.method, call.body, () => this.#frequent.send(call, awaiting))
        }
    }

    /** Asks a member a question. A question follows from no input, so it leaves at once. */
    readonly askMember: SendQuestion = (peer, method, body, asked) => {
        const answered = (answer: unknown): void =>
            asked(this.rejections.accept(guardQuestionAnswer(answer)))
        const to = this.#player.paxos.addressOf(peer)
        const call = Object.freeze({ module: 'kibitz', method, to, body }) as WireCall
        this.#frequent.send(call, { peer, answered })
    }

    /**
     * Calls another member through the Caller. A call cut off by the end of the stream has no
     * answer. The answer to a call that could not be sent is an `Unsendable`.
     */
    readonly call: Cadenced<
        OutgoingCalls,
        [method: WireCall['method'], to: Properties, body: WireCall['body']],
        [answer: unknown]
    > = cadence(function (
        async,
        method: WireCall['method'],
        to: Properties,
        body: WireCall['body']
    ) {
        const call = Object.freeze({ module: 'kibitz', method, to, body }) as WireCall
        const { gate } = this.#player
        async(
            () => {
                // If the journal has failed, the call goes on and is cut off like all others.
                const passed = async()
                gate.pass(() => passed(), () => passed())
            },
            [() => this.caller.invoke(call, async()), rescue(/^conduit#endOfStream$/m, null)]
        )
    })

    /** Counts a refused call, and logs the 1st, 2nd, 4th, 8th … with the same peer and status. */
    #countRefusal(peer: string, status: string): void {
        const count = this.refusals.count(peer, status)
        if (Number.isInteger(Math.log2(count))) {
            this.#logger.warn('refused', { peer, status, count })
        }
    }
}
