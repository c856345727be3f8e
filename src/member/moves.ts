import type { WaitLimits } from '../base/abort-signal.js'
import { isEqualJson } from '../base/json-equal.js'
import { misuse } from '../base/errors.js'
import type { MoveOutcome } from '../paxos/membership/relocation.js'
import type { Properties } from '../paxos/messages/messages.js'
import { callWithin } from './call-within.js'
import { CallerWaits, rejected } from './caller-waits.js'
import { admitProperties, checkId } from './options.js'
import type { Player } from './player.js'
import { destroyed, exiled, moveCutOff } from './shutdown.js'
import type { Waits } from './waits.js'

function rejectStranger(): never {
    misuse(
        'invalid-argument',
        'This member is not admitted to a republic, so it cannot move. Nothing has changed; pass ' +
            'the properties to bootstrap or join.'
    )
}

function rejectVersion(): never {
    misuse(
        'unsupported',
        'The republic cannot give this member another address or other properties yet: a member ' +
            'runs an earlier version of kibitz. Nothing has changed. Return to the former ' +
            'address, or upgrade every member first.'
    )
}

function rejectSize(): never {
    misuse(
        'too-large',
        'With the new properties of this member, the properties of all members would exceed ' +
            'their limit. Nothing has changed; pass shorter properties.'
    )
}

/** @throws KibitzError the reason why the member cannot move. */
function rejectOutcome(outcome: MoveOutcome): void {
    switch (outcome) {
        case 'moving':
        case 'unchanged':
        case 'exiled':
            break
        case 'stranger':
            rejectStranger()
            break
        case 'unsupported':
            rejectVersion()
            break
        case 'too-large':
            rejectSize()
            break
        default:
            outcome satisfies never
    }
}

/** Carries out `move` and `locate`: plays the input, and settles the promise of a move. */
export class MemberMoves {
    readonly #player: Player
    readonly #waits: Waits
    readonly #moving = new CallerWaits<undefined>('The wait for the move')

    constructor(player: Player, waits: Waits) {
        this.#player = player
        this.#waits = waits
    }

    /** See `Kibitzer.move`. */
    moveWithin(given: Properties, limits: WaitLimits): Promise<void> {
        return callWithin(this.#waits, 'move', limits, (signal) => this.#move(given, signal))
    }

    #move(given: Properties, signal: AbortSignal | undefined): Promise<void> {
        const properties = admitProperties(given)
        const refusal = this.#player.rejectPlay()
        if (refusal !== null) {
            return rejected(refusal)
        }
        if (signal?.aborted === true) {
            return this.#moving.wait(signal)
        }
        const { paxos } = this.#player
        if (paxos.exiled) {
            return rejected(exiled())
        }
        if (!isEqualJson(paxos.addressOf(paxos.id), properties)) {
            // A journal holds a move only if every version of the republic can replay the move.
            rejectOutcome(paxos.mayMove(properties))
            if (this.#player.play('move', { properties }) === null) {
                return rejected(destroyed())
            }
        } else if (!paxos.isMoving) {
            return Promise.resolve()
        }
        const moving = this.#moving.wait(signal)
        this.settleDecided()
        return moving
    }

    /** See `Kibitzer.locate`. */
    locate(id: string, given: Properties): void {
        checkId(id)
        const properties = admitProperties(given)
        this.#player.rejectClosed()
        const { paxos } = this.#player
        const isCitizen = Object.hasOwn(paxos.government.immigrated.promise, id)
        const isKnown = id === paxos.id || isEqualJson(paxos.addressOf(id), properties)
        if (isCitizen && !isKnown && !paxos.exiled && paxos.mayMove({}) !== 'unsupported') {
            this.#player.play('locate', { id, properties })
        }
    }

    /** Settles the waits that the last input has decided. */
    settleDecided(): void {
        const { paxos, gate } = this.#player
        if (!this.#moving.isEmpty && !paxos.isMoving) {
            const settle = this.#moving.take()
            const outcome = paxos.exiled ? exiled() : { result: undefined }
            gate.pass(() => settle(outcome), settle)
        }
    }

    /** Rejects all waits at the end of the member. */
    close(): void {
        this.#moving.take()(this.#player.gate.failure ?? moveCutOff())
    }
}
