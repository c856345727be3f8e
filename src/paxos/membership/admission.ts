import { jsonSize } from '../../base/json-value.js'
import type { Core, Elected } from '../core.js'
import type { Properties, Republic } from '../messages/messages.js'
import type { ImmigrateOutcome, Immigration } from '../messages/proposals.js'
import { rejectOrder } from '../standing.js'
import { population } from './government.js'
import { reachedVersion } from './raise.js'
import { takesPart, versionsOf } from './versions.js'

/**
 * The limit on the properties of all citizens together, in bytes of JSON. A newcomer receives all
 * properties in one message together with a ration of entries, and the size of a message is
 * limited.
 */
const PROPERTIES_SIZE_MAX: number = 256 * 1024

/**
 * Takes a newcomer's request for admission.
 *
 * 1. Only the leader takes the request. Any other member names the leader.
 * 2. If a citizen has the same id and a different cookie, the leader refuses the newcomer until
 *    the citizen is exiled. If the citizen is silent, the request shows that the citizen's process
 *    has ended, so the leader exiles the citizen after a `timeout`, at any `patience`.
 * 3. A republic has at most `citizens` members, and the size of their properties is limited.
 * 4. A repeated request has no effect.
 * 5. The newcomer must take part in the version of the republic.
 */
export function immigrate(
    core: Core,
    republic: Republic,
    immigration: Immigration
): ImmigrateOutcome {
    const { citizenship, role } = core
    const { id, cookie } = immigration
    const rejection = rejectOrder(core, republic)
    if (rejection !== null || role.name !== 'elected') {
        const leader = rejection?.leader ?? null
        return { enqueued: false, republic: citizenship.republic, leader }
    }
    const refused = { enqueued: false, republic: citizenship.republic, leader: core.id }
    const version = reachedVersion(core)
    if (!takesPart(versionsOf(immigration), version)) {
        return { ...refused, version }
    }
    const known = citizenship.incarnationOf(id)
    if (known !== null) {
        const isRepeated = citizenship.recordOf(known.immigrated)?.cookie === cookie
        if (!isRepeated) {
            role.returning.add(id)
        }
        return isRepeated ? { enqueued: true } : refused
    }
    if (!hasRoom(core, role, immigration)) {
        return refused
    }
    role.arriving.set(id, immigration)
    core.isReshapeDue = true
    return { enqueued: true }
}

/** Whether the properties of all members together stay within their limit. */
export function areSmall(all: readonly unknown[]): boolean {
    return all.reduce((sum: number, each) => sum + jsonSize(each), 0) <= PROPERTIES_SIZE_MAX
}

/** Whether the republic has room for one more citizen, by rule 3. */
function hasRoom(
    { government, settings }: Core,
    { arriving }: Elected,
    { id, properties }: Immigration
): boolean {
    const others = [...arriving.values()].filter((other) => other.id !== id)
    const count = population(government) + others.length
    const all: readonly Properties[] = [
        ...Object.values(government.properties),
        ...others.map((other) => other.properties),
        properties
    ]
    return count < settings.citizens && areSmall(all)
}
