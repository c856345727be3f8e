import { createHash } from 'node:crypto'
import type { Played } from '../../src/index.js'
import { Player } from '../../src/member/player.js'
import type { ReplayedState } from '../../src/replay/replayed-member.js'

/** The recorded inputs of one process, and its state after each. */
export interface Testimony {
    readonly id: string
    /** The state before the first recorded input; `null` before the birth. */
    readonly start: string | null
    /** The recorded inputs, as JSON. */
    readonly played: string[]
    /** The digest of the state after each of these. */
    readonly states: string[]
}

/** The complete state of a member, as text. */
export function textOf(state: ReplayedState): string {
    return JSON.stringify(state)
}

/** A short name of a state. */
export function digest(text: string): string {
    return createHash('sha1').update(text).digest('base64')
}

function stateOf({ paxos, islander }: Player): string {
    return textOf({ paxos: paxos.state(), islander: islander.state() })
}

/**
 * Watches every member of this process from the constructor to the disposal: each recorded input,
 * and the state of the member right after the input.
 */
export class Witness implements Disposable {
    readonly #plain = Object.getOwnPropertyDescriptor(Player.prototype, 'replay')
    readonly #testimonies = new Map<Player, Testimony>()

    constructor() {
        const witness = this
        const replay = Player.prototype.replay
        Player.prototype.replay = function (this: Player, played: Played, records = false) {
            if (!records || !witness.#isOpen(this)) {
                return replay.call(this, played, records)
            }
            const testimony = witness.#testimonyOf(this, played)
            const at = testimony.played.push(JSON.stringify(played)) - 1
            if (at > 0) {
                testimony.states[at - 1] = digest(stateOf(this))
            }
            const outcome = replay.call(this, played, records)
            // A reader of `log` may have played further inputs already.
            if (testimony.played.length === at + 1) {
                testimony.states[at] = digest(stateOf(this))
            }
            return outcome
        }
    }

    #isOpen(player: Player): boolean {
        return player.rejectPlay() === null
    }

    #testimonyOf(player: Player, { method }: Played): Testimony {
        const known = this.#testimonies.get(player)
        if (known !== undefined) {
            return known
        }
        const start = method === 'birth' ? null : stateOf(player)
        const testimony = { id: player.paxos.id, start, played: [], states: [] }
        this.#testimonies.set(player, testimony)
        return testimony
    }

    /** The testimonies about all members so far, in the order of their first inputs. */
    get testimonies(): readonly Testimony[] {
        return [...this.#testimonies.values()]
    }

    [Symbol.dispose](): void {
        if (this.#plain !== undefined) {
            Object.defineProperty(Player.prototype, 'replay', this.#plain)
        }
    }
}
