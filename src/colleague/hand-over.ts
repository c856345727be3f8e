import type { Kibitzer } from '../member/kibitzer.js'

/** The longest wait of a stopping leader for a successor, in milliseconds. */
const HAND_OVER_MS = 2_000

/**
 * A leader hands over to a member that holds a seat, so that writers do not wait for an election.
 * Resolves when the member leads no more, when no other member can lead, or after two seconds.
 */
export async function handOver(kibitzer: Kibitzer): Promise<void> {
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
