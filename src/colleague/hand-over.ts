import type { Kibitzer } from '../member/kibitzer.js'

/** The longest wait of a stopping member for a successor, in milliseconds. */
const HAND_OVER_MS = 2_000

/** The parts of a stopping member. */
interface SteppingDown {
    readonly kibitzer: Kibitzer
    /** Asks for the exile of the member, and waits for at most `timeout` milliseconds. */
    leave(limits: { readonly timeout: number }): Promise<unknown>
}

/** Prepares the stop of a member: a leader hands over; without a journal the member leaves. */
export async function stepDown(member: SteppingDown): Promise<void> {
    await handOver(member.kibitzer)
    if (member.kibitzer.status().journal === null) {
        await giveUpSeat(member)
    }
}

/**
 * A leader hands over to a member that holds a seat, so that writers do not wait for an election.
 * Resolves when the member leads no more, when no other member can lead, or after two seconds.
 */
async function handOver(kibitzer: Kibitzer): Promise<void> {
    const { id, government, role } = kibitzer.status()
    if (role !== 'leader') {
        return
    }
    const signal = AbortSignal.timeout(HAND_OVER_MS)
    for (const heir of [...government.majority, ...government.minority]) {
        if (heir === id || signal.aborted) {
            continue
        }
        try {
            await kibitzer.cede(heir, { signal })
            return
        } catch {
            // The next member is asked; without any other member the election begins at the end.
        }
    }
}

/**
 * Gives up the seat of a member that cannot return as itself. Otherwise two members that stop one
 * after the other could take a majority of the seats with them, although their successors answer.
 * Resolves when the log has exiled the member, if no republic has admitted the member, if the
 * member is alone, or after two seconds.
 */
async function giveUpSeat(member: SteppingDown): Promise<void> {
    const { id, government } = member.kibitzer.status()
    // A member may not know of its seat yet, but knows of its admission.
    if (Object.hasOwn(government.immigrated.promise, id)) {
        // Without an exile, the other members exile the silent member later.
        await member.leave({ timeout: HAND_OVER_MS }).catch(() => {})
    }
}
