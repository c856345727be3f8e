import type { WaitLimits } from '../base/abort-signal.js'
import { KibitzError } from '../base/errors.js'
import type { Monotonic } from '../base/monotonic.js'
import { own } from '../base/own-property.js'
import type { DrawHex } from '../base/random-hex.js'
import { declared, FIRST_VERSION } from '../paxos/membership/versions.js'
import type { Publication } from '../publisher/pending-publishes.js'
import { CallerWaits, rejected } from './caller-waits.js'
import { callWithin } from './call-within.js'
import { checkId } from './options.js'
import type { Player } from './player.js'
import { destroyed, exileCutOff } from './shutdown.js'
import type { Waits } from './waits.js'

function notLeader(what: string): KibitzError {
    return new KibitzError('not-leader',
        `${what} Call exile at the leader, which status() names.`)
}

function ineligible(why: string): KibitzError {
    return new KibitzError('ineligible', `${why} Nothing was changed.`)
}

function unsupported(): KibitzError {
    return new KibitzError(
        'unsupported',
        'The republic has protocol version 1, in which an answer of the citizen would not revoke ' +
            'the request. Nothing was changed. Upgrade every member first, or start a newcomer ' +
            'under the id of the lost member.'
    )
}

/** The callers that wait for the exile of one incarnation. */
interface Exile {
    readonly immigrated: Monotonic
    readonly callers: CallerWaits<Publication>
}

/**
 * Carries out `exile`. The input is a request for admission under the id of the citizen, as a
 * newcomer with an empty disk sends. Such a request replaces `patience` by one `timeout` of
 * silence, and an answer of the citizen revokes the request.
 */
export class Exiles {
    readonly #player: Player
    readonly #waits: Waits
    readonly #draw: DrawHex
    /** The exiles that wait, by the id of the citizen. */
    readonly #exiles = new Map<string, Exile>()

    constructor(player: Player, waits: Waits, draw: DrawHex) {
        this.#draw = draw
        this.#player = player
        this.#waits = waits
    }

    /** See `Kibitzer.exile`. */
    exileWithin(id: string, limits: WaitLimits): Promise<Publication> {
        checkId(id)
        return callWithin(this.#waits, 'exile', limits, (signal) => this.#exile(id, signal))
    }

    #exile(id: string, signal: AbortSignal | undefined): Promise<Publication> {
        const { paxos } = this.#player
        const refusal = this.#player.rejectPlay() ?? this.#reject(id)
        if (refusal !== null) {
            return rejected(refusal)
        }
        const { immigrated, properties } = paxos.government
        const known: Exile = this.#exiles.get(id) ?? {
            immigrated: own(immigrated.promise, id) ?? '0/0',
            callers: new CallerWaits('The wait for the exile')
        }
        if (signal?.aborted === true) {
            return known.callers.wait(signal)
        }
        const newcomer = {
            republic: paxos.republic ?? '', id, cookie: this.#draw(8),
            properties: own(properties, id) ?? null, hops: 0
        }
        const versions = declared([FIRST_VERSION, paxos.options.highestVersion])
        const outcome = this.#player.play('immigrate', Object.freeze({ ...newcomer, ...versions }))
        if (outcome === null) {
            return rejected(destroyed())
        }
        this.#exiles.set(id, known)
        const exiling = known.callers.wait(signal)
        this.settleDecided()
        return exiling
    }

    /** The error of a call that is refused at once; `null` if the engine gets the request. */
    #reject(id: string): KibitzError | null {
        const { paxos } = this.#player
        if (!paxos.isLeading) {
            return notLeader('This member does not lead, so it exiles no member. Nothing was done.')
        }
        if (id === paxos.id || own(paxos.government.immigrated.promise, id) === undefined) {
            return ineligible(id === paxos.id
                ? 'A leader does not exile itself; call leave().'
                : `${id} is no citizen.`)
        }
        return paxos.versions.inForce === FIRST_VERSION ? unsupported() : null
    }

    /** Settles the waits that the last input has decided. */
    settleDecided(): void {
        for (const [id, exile] of this.#exiles) {
            const outcome = this.#outcomeOf(id, exile)
            if (outcome !== null) {
                this.#exiles.delete(id)
                const settle = exile.callers.take()
                this.#player.gate.pass(() => settle(outcome), settle)
            }
        }
    }

    /** The outcome of an exile; `null` while the engine has not decided. */
    #outcomeOf(
        id: string, { immigrated }: Exile
    ): { readonly result: Publication } | KibitzError | null {
        const { paxos } = this.#player
        if (own(paxos.government.immigrated.promise, id) !== immigrated) {
            return { result: Object.freeze({ promise: paxos.government.promise }) }
        }
        if (!paxos.isLeading) {
            return notLeader(
                `This member does not lead any more, and ${id} may still be exiled: look at ` +
                    'status().government.')
        }
        return paxos.inspect().returning.includes(id)
            ? null
            : ineligible(`${id} answers this leader. End its process first, or call leave() there.`)
    }

    /** Rejects all waits at the end of the member. */
    close(): void {
        const error = this.#player.gate.failure ?? exileCutOff()
        for (const { callers } of this.#exiles.values()) {
            callers.take()(error)
        }
        this.#exiles.clear()
    }
}
