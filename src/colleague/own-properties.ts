import { isEqualJson } from '../base/json-equal.js'
import type { Kibitzer } from '../member/kibitzer.js'
import type { Properties } from '../paxos/messages/messages.js'

/** Whether some properties hold all fields of other properties, unchanged. */
function extend(properties: Properties, known: Properties): boolean {
    const [all, some] = [properties ?? {}, known ?? {}] as const
    return Object.entries(some).every(([key, value]) =>
        isEqualJson(Reflect.get(all as object, key), value))
}

/**
 * Gives a member its present properties in the log. Resolves when the log holds the properties. In
 * a republic of version 1 no member moves: a member that has all properties of the log and further
 * ones, for example after an upgrade of kibitz, goes on without the further ones.
 *
 * @throws KibitzError `unsupported`, `too-large`.
 */
export function moveTo(
    kibitzer: Pick<Kibitzer, 'move' | 'paxos'>,
    properties: Properties,
    signal?: AbortSignal
): Promise<void> {
    const { paxos } = kibitzer
    const isStaying = paxos.mayMove(properties) === 'unsupported'
    return isStaying && extend(properties, paxos.addressOf(paxos.id))
        ? Promise.resolve()
        : kibitzer.move(properties, signal === undefined ? {} : { signal })
}
