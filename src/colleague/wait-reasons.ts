import type { Waits } from '../member/waits.js'
import type { Joining } from './joining.js'
import type { LogFollower } from './log-follower.js'
import type { Starting } from './starting.js'

/** The parts of a Colleague that may be the reason for a wait. */
interface WaitingParts {
    readonly joining: Pick<Joining, 'progress'>
    readonly starting: Pick<Starting, 'progress'>
    readonly follower: Pick<LogFollower<unknown>, 'naturalization' | 'stateTransfer'>
}

/** The step of the admission that a newcomer waits for, in words; `null` after the admission. */
function missingStep({ joining, starting, follower }: WaitingParts): string | null {
    if (starting.progress !== null) {
        return starting.progress.obstacle ?? 'no address has answered yet'
    }
    if (joining.progress !== null) {
        return joining.progress.obstacle ?? 'no member has answered the request for admission yet'
    }
    const { progress } = follower.stateTransfer
    if (progress !== null) {
        const { source, obstacle, failure, received, size } = progress
        const reason = obstacle ?? failure ?? `${received} of ${size ?? 'unknown'} bytes are here`
        return `the state is missing (last asked: ${source ?? 'no member'}): ${reason}`
    }
    return follower.naturalization.isSnapshotMissing
        ? 'the journal has not stored the received state yet'
        : null
}

/** A Colleague enters its calls itself, and explains them by the missing step of the admission. */
export function explainWaits(waits: Waits, parts: WaitingParts): void {
    const { reasonOf } = waits
    waits.isOwned = true
    waits.reasonOf = (kind) => missingStep(parts) ?? reasonOf(kind)
}
