import type { Health } from './health.js'
import type { Membership } from './membership.js'
import { isOperatorCommand, readBootstrap, readExile, readJoin } from './operator-commands.js'
import type { Kibitzer } from '../member/kibitzer.js'

/** The parts of a Colleague that run operator commands. */
export interface CommandParts<Result> {
    readonly kibitzer: Pick<Kibitzer, 'exile' | 'request'>
    readonly membership: Pick<Membership<Result>, 'join' | 'bootstrap'>
    health(): Health
    destroy(): void
}

/**
 * Runs an operator command. An unknown type has the answer `{ cookie: null, body: null }`. Rejects
 * like the method of the command.
 */
export async function runCommand<Result>(
    parts: CommandParts<Result>,
    type: string,
    body: unknown
): Promise<unknown> {
    if (!isOperatorCommand(type)) {
        return { cookie: null, body: null }
    }
    switch (type) {
        case 'health':
            return parts.health()
        case 'kibitz':
            return await parts.kibitzer.request(body)
        case 'join':
            return await parts.membership.join(readJoin(body))
        case 'bootstrap':
            return await parts.membership.bootstrap(readBootstrap(body))
        case 'exile':
            return await parts.kibitzer.exile(readExile(body))
        case 'shutdown':
            parts.destroy()
            return null
        default:
            return type satisfies never
    }
}
