import type { Core } from '../core.js'
import { raiseHighestBallot } from '../election/election.js'
import { enact } from '../enact.js'
import type { Properties } from '../messages/messages.js'
import { Writer } from '../replication/writer.js'
import { SeededRandom } from '../seeded-random.js'
import { FIRST_VERSION } from './versions.js'

/** Founds the republic: government `1/0` has one member, and the member leads from the start. */
export function found(
    core: Core, founding: string, properties: Properties, version: number = FIRST_VERSION
): void {
    const { citizenship, log, acceptance } = core
    const entry = citizenship.found(founding, properties, version)
    log.append(entry)
    log.commitThrough(log.head)
    const ballot = '1/1/0'
    Object.assign(acceptance, { promised: ballot, accepted: ballot })
    raiseHighestBallot(core, ballot)
    const writer = new Writer(ballot, entry.promise, null)
    core.role = { name: 'elected', writer, arriving: new Map(), returning: new Set() }
    core.random = new SeededRandom(entry.promise)
    enact(core)
}
