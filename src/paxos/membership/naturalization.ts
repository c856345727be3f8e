import type { Core } from '../core.js'

// A member reports that it may hold a seat; the feeder of the member passes the report on to the
// leader.

/** Reports that the member may hold a seat. Before the member's admission, the report waits. */
export function declareReady(core: Core): void {
    core.isReady = true
    repeatReadiness(core)
    core.isReshapeDue = true
}

/** Puts the member on the list of members that may hold a seat, once the member is admitted. */
export function repeatReadiness({ isReady, citizenship, government, naturalizing }: Core): void {
    const { id, isCitizen, immigrated } = citizenship
    if (isReady && isCitizen && !government.naturalized.includes(id)) {
        naturalizing.add(immigrated)
    }
}

/** Forgets the reports of members that the government has naturalized or exiled. */
export function forgetNaturalized({ government, naturalizing }: Core): void {
    for (const promise of naturalizing) {
        const id = government.immigrated.id[promise]
        if (id === undefined || government.naturalized.includes(id)) {
            naturalizing.delete(promise)
        }
    }
}
