import type { Core } from '../core.js'
import type { Writer } from '../replication/writer.js'
import { isLeading } from '../standing.js'
import { probeAbsent } from './probes.js'
import { shape } from './shaper.js'
import { situationOf } from './situation.js'

/**
 * Proposes the next government, if a check is due and the situation calls for a change. The leader
 * proposes one government at a time, and none while closing for a successor.
 */
export function reshape(core: Core, writer: Writer): void {
    const { log, departure: { handover } } = core
    const mayPropose = core.isReshapeDue && isLeading(core) && handover?.isClosing !== true
    if (!mayPropose || writer.isReshaping(log)) {
        return
    }
    core.isReshapeDue = false
    const next = shape(situationOf(core))
    if (next !== null) {
        writer.propose(log, core.government, next, true)
    }
    probeAbsent(core)
}
