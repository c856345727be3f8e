import type { MemberLogger, Named } from '../base/member-logger.js'
import type { Guarded, Rejection } from '../guard/rejection.js'
import type { SenderMismatch } from '../guard/sender.js'
import { REJECTIONS, type RejectedMessage } from './channels.js'
import type { TurnedAway } from '../transport/authenticated-peer.js'

/** A well-formed call for another member, or a message that a transport has turned away. */
interface Misdirection {
    readonly code: 'other-incarnation' | 'other-republic' | SenderMismatch['code'] | TurnedAway
    /** The path of the field, or the address of the sender. */
    readonly at: string
}

/** Counts rejected calls and answers by code. The set of codes is closed, so memory is bounded. */
export class Rejections {
    readonly #logger: Pick<MemberLogger, 'warn'> | null
    readonly #member: (() => Named) | null
    readonly #counts = new Map<string, number>()

    /**
     * @param logger Writes a line for each `reject`. @default none
     * @param member The member that `kibitz:rejected` names. @default publishes nothing
     */
    constructor(
        logger: Pick<MemberLogger, 'warn'> | null = null, member: (() => Named) | null = null
    ) {
        this.#logger = logger
        this.#member = member
    }

    /** Adds one to the count of a code. */
    count(code: string): void {
        this.#counts.set(code, (this.#counts.get(code) ?? 0) + 1)
    }

    /** All counts. */
    counts(): Readonly<Record<string, number>> {
        return Object.fromEntries(this.#counts)
    }

    /** Counts and logs a rejected call or answer. */
    reject({ code, at }: Rejection | Misdirection): void {
        this.count(code)
        this.#logger?.warn('rejected', { code, at })
        if (REJECTIONS.hasSubscribers && this.#member !== null) {
            const { id, republic } = this.#member()
            REJECTIONS.publish({ member: id, republic, code, at } satisfies RejectedMessage)
        }
    }

    /** The value that the guard has accepted; `null`, counted and logged, if the guard has not. */
    accept<T>(guarded: Guarded<T>): T | null {
        if (guarded.ok) {
            return guarded.value
        }
        this.reject(guarded.rejection)
        return null
    }
}
