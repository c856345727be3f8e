import type { Monotonic } from '../../base/monotonic.js'
import type { MoveReport, MoveWish } from '../messages/moves.js'

/** The member's own move. */
export interface OwnMove extends MoveWish {
    /** Whether a peer has called the member since the move. */
    readonly isReached: boolean
}

/** An address at which the application has found a peer. */
export interface FoundAddress {
    readonly properties: unknown
    /** The instant of the finding, in the member's own time. */
    readonly at: number
}

/** The written form of the moves that a member knows. */
export interface MovesState {
    readonly own: OwnMove | null
    readonly reported: readonly MoveReport[]
    readonly found: readonly (readonly [Monotonic, FoundAddress])[]
    readonly calledAt: readonly (readonly [Monotonic, number])[]
}

/**
 * What the member knows about moved members, and the log does not hold yet.
 *
 * 1. A member that has moved reports its new properties under a number. The census keeps the number
 *    of the last move in the log. A report with a number at or below a known number changes
 *    nothing, so a late report never undoes a later move.
 * 2. A peer calls a moved member at the reported properties, until the log holds the move. A
 *    majority that has moved can elect a leader that way.
 * 3. An address that the application has found overrides the other addresses until a call to the
 *    found address fails, the peer reports a move, the log moves the peer, or a leader reaches the
 *    member a `timeout` later: from then on the log tells the addresses.
 * 4. The member reports its own move until the log holds the move and a peer has called the member.
 * 5. A new report is a sign of life, from whichever member it comes: the member's silence so far is
 *    the silence of an old address. A later request of the moved member is a sign of life if it
 *    echoes a recent answer of the leader. The leader does not exile a member with a recent sign of
 *    life for silence. A sign of life is no evidence of presence, and counts in no quorum.
 */
export class Moves {
    /** The member's own move, until rule 4 ends the reports; `null` without a move. */
    own: OwnMove | null = null
    readonly #reported = new Map<Monotonic, MoveReport>()
    readonly #found = new Map<Monotonic, FoundAddress>()
    /** The instant of the last sign of life, by immigration promise. */
    readonly #calledAt = new Map<Monotonic, number>()

    /** Whether the member knows no move. */
    get isEmpty(): boolean {
        return this.own === null &&
            this.#reported.size + this.#found.size + this.#calledAt.size === 0
    }

    /** The reports of peers, oldest first. */
    reports(): Iterable<MoveReport> {
        return this.#reported.values()
    }

    /** The number of the last report of a peer; 0 without a report. */
    numberOf(immigrated: Monotonic): number {
        return this.#reported.get(immigrated)?.number ?? 0
    }

    /** The address that overrides the address in the log; `null` if the log is right. */
    addressOf(immigrated: Monotonic): Pick<MoveWish, 'properties'> | null {
        return this.#found.get(immigrated) ?? this.#reported.get(immigrated) ?? null
    }

    /** Takes a report with a number above all known numbers of the peer. */
    report(report: MoveReport): void {
        this.#found.delete(report.immigrated)
        this.#reported.set(report.immigrated, report)
    }

    /** Takes an address at which the application has found a peer. */
    locate(immigrated: Monotonic, found: FoundAddress): void {
        this.#found.set(immigrated, found)
    }

    /** Drops the address that the application has found, if the failed call went there. */
    countFailedCall(immigrated: Monotonic, sentAt: number): void {
        const found = this.#found.get(immigrated)
        if (found !== undefined && sentAt >= found.at) {
            this.#found.delete(immigrated)
        }
    }

    /** Drops the addresses that the application has found before an instant. */
    dropFoundBefore(instant: number): void {
        for (const [immigrated, { at }] of this.#found) {
            if (at < instant) {
                this.#found.delete(immigrated)
            }
        }
    }

    /** Counts a sign of life of a moved member. */
    countCall(immigrated: Monotonic, now: number): void {
        this.#calledAt.set(immigrated, now)
    }

    /** Whether a moved member has given a sign of life within the last `withinMs` milliseconds. */
    isCalling(immigrated: Monotonic, now: number, withinMs: number): boolean {
        const calledAt = this.#calledAt.get(immigrated)
        return calledAt !== undefined && now - calledAt < withinMs
    }

    /** Drops the addresses that a move in the log replaces. */
    confirm({ immigrated, number }: MoveReport): void {
        this.#found.delete(immigrated)
        if (this.numberOf(immigrated) <= number) {
            this.#reported.delete(immigrated)
        }
    }

    /** Drops all knowledge about members that are gone, and old signs of life. */
    retain(isThere: (immigrated: Monotonic) => boolean, oldest: number): void {
        for (const known of [this.#reported, this.#found]) {
            for (const immigrated of known.keys()) {
                if (!isThere(immigrated)) {
                    known.delete(immigrated)
                }
            }
        }
        for (const [immigrated, calledAt] of this.#calledAt) {
            if (!isThere(immigrated) || calledAt < oldest) {
                this.#calledAt.delete(immigrated)
            }
        }
    }

    /** The written form; `null` if the member knows no move. */
    state(): MovesState | null {
        const reported = [...this.#reported.values()]
        const [found, calledAt] = [[...this.#found], [...this.#calledAt]]
        return this.isEmpty ? null : { own: this.own, reported, found, calledAt }
    }

    /** Restores a written form. */
    static restore({ own, reported, found, calledAt }: MovesState): Moves {
        const moves = new Moves()
        moves.own = own
        for (const report of reported) {
            moves.#reported.set(report.immigrated, report)
        }
        for (const [immigrated, address] of found) {
            moves.#found.set(immigrated, address)
        }
        for (const [immigrated, instant] of calledAt) {
            moves.#calledAt.set(immigrated, instant)
        }
        return moves
    }
}
