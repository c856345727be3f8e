import cadence from 'cadence'
import type { Cadenced } from 'cadence'
import type { OutgoingCalls } from './outgoing-calls.js'
import { callWithin } from './call-within.js'
import { Unsendable } from './unsendable.js'
import type { Waits } from './waits.js'
import type { Player } from './player.js'
import type { Reminders } from './reminders.js'
import { limitsOf, untilAborted, type WaitOptions } from '../base/abort-signal.js'
import { guardOutcome } from '../guard/response.js'
import { admitProperties, checkRepublic } from './options.js'
import { KibitzError, misuse } from '../base/errors.js'
import type { DrawHex } from '../base/random-hex.js'
import { type Callback, promiseOrCallback } from '../base/callbacks.js'
import { declared, FIRST_VERSION } from '../paxos/membership/versions.js'
import type { Properties, Republic } from '../paxos/messages/messages.js'

/** The error of a newcomer that does not take part in the version of the republic. */
function outdated(version: number, highest: number): KibitzError {
    return new KibitzError(
        'unsupported',
        `The republic has protocol version ${version}, and this member takes part in versions ` +
            `${FIRST_VERSION} to ${highest}. The member was not admitted, and nothing was lost. ` +
            'Install the package of the other members here, or raise the option highestVersion.'
    )
}

/** A request for admission. */
interface AdmissionRequest {
    readonly republic: Republic
    /** The properties of the member that gets the request. */
    readonly leader: Properties
    readonly properties: Properties
}

/**
 * Founds a republic, or asks for admission to a republic. Every request of one Kibitzer carries the
 * same cookie, so all requests ask for one admission.
 */
export class MemberJoining {
    readonly #player: Player
    readonly #outgoing: OutgoingCalls
    readonly #waits: Waits
    readonly #reminders: Reminders
    readonly #draw: DrawHex
    #isFounder = false

    constructor(
        player: Player, outgoing: OutgoingCalls, waits: Waits, reminders: Reminders, draw: DrawHex
    ) {
        this.#draw = draw
        this.#waits = waits
        this.#reminders = reminders
        this.#player = player
        this.#outgoing = outgoing
    }

    /** Founds a republic with a random founding id, so that two foundings of one name differ. */
    bootstrap(republic: Republic, properties: Properties): void {
        checkRepublic(republic)
        this.#player.rejectPlay()
        if (this.#player.paxos.republic !== null) {
            misuse(
                'already-member',
                'This Kibitzer has founded or joined a republic already. Nothing has changed; to ' +
                    'found another one, make another Kibitzer.'
            )
        }
        this.#player.rejectClosed()
        const founding = this.#draw(16)
        const admitted = admitProperties(properties)
        const { highestVersion: version } = this.#player.paxos.options
        const body = { republic, properties: admitted, founding }
        const isFirst = version === FIRST_VERSION
        this.#player.play('bootstrap', isFirst ? body : { ...body, version })
        this.#isFounder = true
        this.#reminders.onMembership('bootstrap')
    }

    /** See `Kibitzer.join`. Settles when the gate lets the result pass. */
    joinWithin(
        { republic, leader, properties }: AdmissionRequest,
        waiting: WaitOptions | Callback<boolean | undefined> | null | undefined
    ): Promise<boolean | undefined> | undefined {
        checkRepublic(republic)
        this.#player.rejectPlay()
        if (this.#isFounder) {
            misuse(
                'already-member',
                'This Kibitzer has founded a republic; it cannot join one. Nothing has changed; ' +
                    'call either bootstrap or join, and bootstrap at exactly one member.'
            )
        }
        const request = { republic, leader, properties: admitProperties(properties) }
        const join = (done: Callback<boolean | undefined>): void =>
            this.join(request, this.#player.gate.gated(done))
        this.#reminders.onMembership('join')
        if (typeof waiting === 'function') {
            return promiseOrCallback(join, waiting)
        }
        const limits = limitsOf('join', waiting)
        const ask = (signal: AbortSignal | undefined): Promise<boolean | undefined> => {
            const joining = signal?.aborted === true
                ? Promise.resolve(undefined)
                : promiseOrCallback(join)
            return signal === undefined ? joining : untilAborted(joining, signal, 'The join')
        }
        // A join is one question: without a limit, it waits no longer than a call.
        return limits.timeout === undefined
            ? ask(limits.signal)
            : callWithin(this.#waits, 'join', limits, ask)
    }

    /** Yields whether the leader took the request; nothing if this member is admitted already. */
    readonly join: Cadenced<MemberJoining, [AdmissionRequest], [boolean]> = cadence(
        function (async, { republic, leader, properties }) {
            const { paxos } = this.#player
            this.#player.rejectClosed()
            if (paxos.government.promise !== '0/0') {
                return []
            }
            if (paxos.republic !== republic) {
                // The cookie is drawn once. If an answer is lost, the admission still carries this
                // cookie.
                const drawn = this.#draw(8)
                this.#player.play('join', { republic, cookie: drawn })
            }
            const { id, cookie } = paxos
            const { highestVersion } = paxos.options
            const newcomer = { republic, id, cookie: cookie ?? '', properties, hops: 0 }
            const body = { ...newcomer, ...declared([FIRST_VERSION, highestVersion]) }
            async(
                () => this.#outgoing.call('immigrate', leader, body, async()),
                (answer: unknown) => {
                    this.#player.rejectClosed()
                    if (answer instanceof Unsendable) {
                        throw new KibitzError('invalid-argument', answer.mistake)
                    }
                    const outcome = this.#outgoing.rejections.accept(guardOutcome(answer))
                    if (outcome?.version !== undefined) {
                        throw outdated(outcome.version, highestVersion)
                    }
                    return [outcome?.enqueued ?? false]
                }
            )
            return []
        }
    )
}
