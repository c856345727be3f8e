import type { Player } from './player.js'
import { guardOtherFounding, type OtherFounding } from '../guard/response.js'
import type { MemberLogger } from '../base/member-logger.js'
import type { Properties } from '../paxos/messages/messages.js'

/** A member of another founding of the republic, or of another republic, at a known address. */
export interface Supersession extends OtherFounding {
    /** The properties by which this member called a member of its own founding. */
    readonly properties: Properties
}

/** The number of timeouts without a leader after which an answer of another founding counts. */
const LEADERLESS_TIMEOUTS = 3

/** The founding of the member, for the answer to a call for another founding. */
export function otherFounding({ paxos }: Pick<Player, 'paxos'>): OtherFounding | null {
    const { id, republic, founding } = paxos
    return republic === null || founding === '' ? null : { id, republic, founding }
}

/**
 * Distinguishes *no answer* from *an answer of another founding*. If the members that the member
 * knows are gone and the republic was founded anew at their addresses, the answers name the new
 * founding.
 *
 * 1. An answer is a hint, without proof: a member reports the answer and changes nothing else.
 * 2. An answer counts if no leader of this founding was in contact for three timeouts. The
 *    answer is forgotten when such a leader is in contact again.
 */
export class Superseded {
    readonly #paxos: Player['paxos']
    readonly #logger: Pick<MemberLogger, 'error'>
    #latest: Supersession | null = null
    #isLogged = false

    constructor({ paxos }: Pick<Player, 'paxos'>, logger: Pick<MemberLogger, 'error'>) {
        this.#paxos = paxos
        this.#logger = logger
    }

    /**
     * Records the founding that the answer to a call names.
     *
     * @returns Whether a member of another founding has answered.
     */
    onAnswer(answer: unknown, properties: Properties): boolean {
        const guarded = guardOtherFounding(answer)
        const other = guarded.ok ? guarded.value : null
        const { republic, founding } = this.#paxos
        if (this.#latest !== null && this.#paxos.contact().isLed) {
            this.#latest = null
            this.#isLogged = false
        }
        if (other === null || (other.republic === republic && other.founding === founding)) {
            return false
        }
        this.#latest = Object.freeze({ ...other, properties })
        if (!this.#isLogged && this.now !== null) {
            this.#isLogged = true
            this.#logger.error('superseded', { ...this.now })
        }
        return true
    }

    /** The member of another founding that answered last; `null` if no answer counts. */
    get now(): Supersession | null {
        const { isLed, leaderSeenMs } = this.#paxos.contact()
        const leaderlessMs = LEADERLESS_TIMEOUTS * this.#paxos.options.timeout
        const isLong = leaderSeenMs === null || leaderSeenMs >= leaderlessMs
        return !isLed && isLong ? this.#latest : null
    }
}
