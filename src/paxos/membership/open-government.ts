import type { Log } from '../log/log.js'
import type { Government, GovernmentBody } from '../messages/messages.js'
import { isGovernment } from './government.js'

/**
 * The governments that decide on the last entry: the government in force, and an open government (a
 * government at the end of the suffix), if there is one. A majority of each parliament must agree.
 */
export function deciding(
    log: Log,
    government: Government
): readonly Pick<GovernmentBody, 'majority' | 'minority'>[] {
    const { promise, body } = log.at(log.head)
    const isOpen = log.head > log.committed && isGovernment(promise)
    return isOpen && 'majority' in body ? [government, body] : [government]
}
