import type { PublishQueue } from '../../src/publisher/publish-queue.js'
import { PendingPublishes } from '../../src/publisher/pending-publishes.js'
import type { Settlement } from '../../src/publisher/islander-types.js'

/** Tells of each settlement of a process that waits for no promises. */
export function tellSettlements(
    { publications }: Pick<PublishQueue, 'publications'>,
    tell: (settlements: readonly Settlement[]) => void
): void {
    publications.settle = (settlements) => {
        if (settlements.length !== 0) {
            tell(settlements)
            PendingPublishes.prototype.settle.call(publications, settlements)
        }
        return 0
    }
}
