import type { Player } from './player.js'
import type { WaitLimits } from '../base/abort-signal.js'
import { callWithin } from './call-within.js'
import { CallerWaits, rejected } from './caller-waits.js'
import { KibitzError } from '../base/errors.js'
import { checkId } from './options.js'
import type { CedeOutcome } from '../paxos/departure/cede.js'
import type { Publication } from '../publisher/pending-publishes.js'
import { departureCutOff, destroyed, exiled } from './shutdown.js'
import type { Waits } from './waits.js'

function alone(): KibitzError {
    return new KibitzError(
        'alone',
        'Nobody else is a citizen: if this member left, nobody would hold the log. It has not ' +
            'left, and goes on. Let another member join and naturalize first, or just destroy it.'
    )
}

function notCeded(why: string): KibitzError {
    return new KibitzError('not-ceded', `${why} Nothing was lost; look who leads, and try again.`)
}

function refused(outcome: Exclude<CedeOutcome, 'ceding' | 'leads'>, id: string): KibitzError {
    switch (outcome) {
        case 'not-leader':
            return new KibitzError(
                'not-leader',
                'This member does not lead, so it has nothing to cede. Nothing was done; call ' +
                    'cede at the leader, which status() names.'
            )
        case 'ineligible':
            return new KibitzError(
                'ineligible',
                `${id} is no naturalized citizen, so it cannot lead. Nothing was done; name one ` +
                    'that is, or wait until it is.'
            )
        case 'busy':
            return notCeded('The leader is handing over to another member.')
        default:
            return outcome satisfies never
    }
}

/**
 * Carries out `leave` and `cede`: plays the input, and settles the promise when the engine has
 * reached the outcome. The check runs after each input. A promise settles after the effects of that
 * input are on `log`.
 */
export class Departures {
    readonly #player: Player
    readonly #waits: Waits
    readonly #leaving = new CallerWaits<undefined>('The wait to leave')
    readonly #ceding = new CallerWaits<Publication>('The wait for a successor')
    /** The member that the pending `cede` names. */
    #successor = ''

    constructor(player: Player, waits: Waits) {
        this.#player = player
        this.#waits = waits
    }

    /** See `Kibitzer.leave`. */
    leaveWithin(limits: WaitLimits): Promise<void> {
        return callWithin(this.#waits, 'leave', limits, (signal) => this.#leave(signal))
    }

    /** See `Kibitzer.cede`. */
    cedeWithin(id: string, limits: WaitLimits): Promise<Publication> {
        return callWithin(this.#waits, 'cede', limits, (signal) => this.#cede(id, signal))
    }

    #leave(signal: AbortSignal | undefined): Promise<void> {
        const refusal = this.#player.rejectPlay()
        if (refusal !== null) {
            return rejected(refusal)
        }
        if (signal?.aborted === true) {
            return this.#leaving.wait(signal)
        }
        if (this.#player.paxos.republic === null) {
            return Promise.resolve()
        }
        const outcome = this.#player.play('leave', Object.freeze({}))
        if (outcome === null || outcome === 'alone') {
            return rejected(outcome === null ? destroyed() : alone())
        }
        const leaving = this.#leaving.wait(signal)
        this.settleDecided()
        return leaving
    }

    #cede(id: string, signal: AbortSignal | undefined): Promise<Publication> {
        checkId(id)
        const refusal = this.#player.rejectPlay()
        if (refusal !== null) {
            return rejected(refusal)
        }
        if (signal?.aborted === true) {
            return this.#ceding.wait(signal)
        }
        const outcome = this.#player.play('cede', { id })
        if (outcome === 'leads') {
            const { promise } = this.#player.paxos.government
            return Promise.resolve(Object.freeze({ promise }))
        }
        if (outcome !== 'ceding') {
            return rejected(outcome === null ? destroyed() : refused(outcome, id))
        }
        this.#successor = id
        const ceding = this.#ceding.wait(signal)
        this.settleDecided()
        return ceding
    }

    /** Settles the waits that the last input has decided. */
    settleDecided(): void {
        const { paxos, gate } = this.#player
        if (!this.#leaving.isEmpty && !paxos.isLeaving) {
            const settle = this.#leaving.take()
            const outcome = paxos.exiled ? { result: undefined } : alone()
            gate.pass(() => settle(outcome), settle)
        }
        if (!this.#ceding.isEmpty && paxos.successor !== this.#successor) {
            const settle = this.#ceding.take()
            const outcome = this.#cedeOutcome()
            gate.pass(() => settle(outcome), settle)
        }
    }

    #cedeOutcome(): { readonly result: Publication } | KibitzError {
        const { exiled: isExile, heir } = this.#player.paxos
        if (heir?.id === this.#successor) {
            return { result: Object.freeze({ promise: heir.promise }) }
        }
        return isExile
            ? exiled()
            : notCeded(`${this.#successor} has not taken over in time, or another member has.`)
    }

    /** Rejects all waits at the end of the member. */
    close(): void {
        const error = this.#player.gate.failure ?? departureCutOff()
        this.#leaving.take()(error)
        this.#ceding.take()(error)
    }
}
