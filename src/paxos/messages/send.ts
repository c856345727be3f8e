import type { Monotonic } from '../../base/monotonic.js'
import type { Core } from '../core.js'
import type { PeerProgress } from '../replication/peers.js'
import { standingOf } from '../standing.js'
import type { Matter, Properties, Request, RequestHeader } from './messages.js'

/**
 * Sends a request to a peer, and counts the request as an ask: unanswered asks show that the peer
 * is silent.
 *
 * @param last The position of the last entry that the request carries.
 * @param properties The properties that the transport finds the peer by.
 */
export function send(
    core: Core,
    peer: PeerProgress,
    matter: Matter,
    last: number,
    properties: Properties = core.government.properties[peer.id]
): void {
    peer.countRequest(core.now, core.settings.timeout)
    post(core, peer, matter, last, properties)
}

/** Asks a peer only whether it is there. An unanswered probe is no evidence of silence. */
export function sendProbe(core: Core, peer: PeerProgress): void {
    const { committed, log, government } = core
    const matter = { method: 'synchronize', welcome: null, previous: committed } as const
    peer.countProbe(core.now)
    const properties = government.properties[peer.id]
    post(core, peer, { ...matter, entries: [] }, log.committed, properties)
}

function post(
    core: Core,
    { id, immigrated }: PeerProgress,
    matter: Matter,
    last: number,
    properties: Properties
): void {
    const { citizenship } = core
    const header: RequestHeader = {
        republic: citizenship.republic ?? '',
        founding: citizenship.founding,
        from: citizenship.incarnation,
        to: { id, immigrated },
        government: core.government.promise,
        committed: core.committed,
        minimum: core.minimum.propagated,
        standing: standingFor(core, immigrated)
    }
    const request = Object.freeze(Object.assign(header, matter)) as Request
    const { method } = matter
    const entries = 'entries' in matter ? matter.entries.length : 0
    const call = { to: id, immigrated, method, sentAt: core.now, last }
    core.mailbox.send(entries === 0 ? call : { ...call, entries }, properties, request)
}

/**
 * The standing that a peer learns from this member. A leader learns no echo of its own standing:
 * a candidate that has led a moment before would end its campaign by the echo.
 */
function standingFor(core: Core, immigrated: Monotonic): number | null {
    const isEcho = core.role.name !== 'elected' && core.ledBy === immigrated
    return isEcho ? null : standingOf(core)
}
