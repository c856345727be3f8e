import { untilAborted } from '../base/abort-signal.js'
import { quiet } from '../base/callbacks.js'
import { callAsOwner } from '../member/call-within.js'
import { type KibitzError, misuse } from '../base/errors.js'
import { readOptions } from '../base/option-table.js'
import type { Properties, Republic } from '../paxos/messages/messages.js'
import { rejectListOverTls } from './discovery.js'
import {
    discoverOf, FOUND_REQUEST, type FoundRequest, JOIN_REQUEST, type JoinRequest
} from './operator-commands.js'
import { start, type StartParts } from './start.js'
import type { StartRequest } from './start-options.js'
import { alreadyFounded } from './stop-reasons.js'

/** The parts of a Colleague that bring the member to a republic. */
export interface MembershipParts<Result> extends Pick<
    StartParts<Result>,
    'follower' | 'joining' | 'kibitzer' | 'pingMs' | 'random' | 'starting'
> {
    readonly now: () => number
    /** The option `islandId` of the Colleague. */
    readonly islandId: Republic | null
    /** Aborts when the Colleague stops. */
    readonly closed: AbortSignal
    /** Whether the journal has restored a membership. */
    readonly isRecovered: () => boolean
    /** Starts to follow the log. Returns the properties of the member for the other members. */
    readonly startFollowing: () => Properties
    /** Whether the transport calls over TLS, if the transport says so. */
    readonly callsTls: () => boolean | undefined
    /** The reason why the Colleague has stopped; `null` while the Colleague runs. */
    readonly stopReason: () => KibitzError | null
}

/** Brings a member to its republic: founds the republic, joins it, or does what is needed. */
export class Membership<Result> {
    readonly #parts: MembershipParts<Result>
    #isFounder = false
    #hasStarted = false

    constructor(parts: MembershipParts<Result>) {
        this.#parts = parts
    }

    /**
     * Whether a `start`, `join` or `bootstrap` has resolved: since then the member has had the
     * state of its republic.
     */
    get hasStarted(): boolean {
        return this.#hasStarted
    }

    /** Founds a republic, unless the journal has restored a membership. */
    async bootstrap(request: FoundRequest | null): Promise<null> {
        const { kibitzer, isRecovered, now } = this.#parts
        const { islandId, through } = readOptions('bootstrap', request, FOUND_REQUEST)
        const properties = this.#parts.startFollowing()
        this.#checkAddresses(through)
        if (!isRecovered()) {
            if (through !== undefined) {
                await this.#rejectFounded(through)
            }
            kibitzer.bootstrap(islandId ?? this.#parts.islandId ?? now(), properties)
            this.#isFounder = true
        }
        await this.#parts.follower.whenCurrent
        this.#hasStarted = true
        return null
    }

    /** Refuses addresses over TLS if the transport has no TLS. */
    #checkAddresses(through: FoundRequest['through']): void {
        if (this.#parts.callsTls() === false) {
            rejectListOverTls(through)
        }
    }

    /** Refuses to found if a member of a republic of the island answers. */
    async #rejectFounded(through: NonNullable<FoundRequest['through']>): Promise<void> {
        const { starting, islandId, closed } = this.#parts
        const met = await starting.meet(discoverOf(through), islandId, closed)
        if (met !== null) {
            throw alreadyFounded(met.id, String(met.islandId))
        }
    }

    /** Brings the member to its republic, after any history, and follows the log. */
    async start(request: StartRequest): Promise<void> {
        const { closed, isRecovered, kibitzer, now, startFollowing, stopReason } = this.#parts
        const properties = startFollowing()
        const islandId = request.islandId ?? this.#parts.islandId
        await callAsOwner(kibitzer.waits, 'start', request.limits, async (signal) => {
            const ended = AbortSignal.any([closed, signal ?? closed])
            const starts = start({
                ...this.#parts,
                properties,
                islandId,
                name: islandId ?? now(),
                isMember: isRecovered(),
                onFound: () => {
                    this.#isFounder = true
                }
            }, request, ended)
            await untilAborted(quiet(starts), ended, 'The start').catch((error: unknown) => {
                throw stopReason() ?? error
            })
        })
        this.#hasStarted = true
    }

    /** Joins a republic, unless the journal has restored a membership. */
    async join(request: JoinRequest): Promise<null> {
        const { closed, follower, joining, kibitzer } = this.#parts
        const checked = readOptions('join', request, JOIN_REQUEST, ['through'])
        const { through, islandId, timeout } = checked
        const discover = discoverOf(through)
        const properties = this.#parts.startFollowing()
        this.#checkAddresses(through)
        if (this.#isFounder) {
            misuse(
                'already-member',
                'This Colleague has founded a republic, so it cannot join another one. Nothing ' +
                    'was changed. Call bootstrap at exactly one member, and join at the others.'
            )
        }
        const republic = islandId ?? this.#parts.islandId
        const limits = { signal: checked.signal ?? undefined, timeout }
        await callAsOwner(kibitzer.waits, 'join', limits, async (signal) => {
            const ended = signal === undefined ? closed : AbortSignal.any([closed, signal])
            // `run` returns at once if the member is already admitted.
            const admitted = joining.run(republic, discover, properties, ended)
            const settled = admitted.then(() => follower.whenCurrent)
            const joined = quiet(settled.then(() => follower.naturalization.done))
            await (signal === undefined ? joined : untilAborted(joined, signal, 'The join'))
        })
        this.#hasStarted = true
        return null
    }
}
