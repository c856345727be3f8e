import type { Core } from '../core.js'

// A member declares readiness for a seat; the feeder hands the word on to the leader.

/** Declares readiness. Before the admission, the word waits. */
export function declareReady(core: Core): void {
    core.isReady = true
    repeatReadiness(core)
    core.isReshapeDue = true
}

/** Puts an admitted member on the list of members with the wish for a seat. */
export function repeatReadiness({ isReady, citizenship, government, naturalizing }: Core): void {
    const { id, isCitizen, immigrated } = citizenship
    if (isReady && isCitizen && !government.naturalized.includes(id)) {
        naturalizing.add(immigrated)
    }
}

/** Forgets the word of members that the government has naturalized or exiled. */
export function forgetNaturalized({ government, naturalizing }: Core): void {
    for (const promise of naturalizing) {
        const id = government.immigrated.id[promise]
        if (id === undefined || government.naturalized.includes(id)) {
            naturalizing.delete(promise)
        }
    }
}
