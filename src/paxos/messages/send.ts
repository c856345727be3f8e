import type { Monotonic } from '../../base/monotonic.js'
import type { Core } from '../core.js'
import { ageOf } from '../replication/age.js'
import type { PeerProgress } from '../replication/peer-progress.js'
import { propertiesOf, standingOf } from '../standing.js'
import { ownVersions } from '../membership/raise.js'
import { FIRST_VERSION } from '../membership/versions.js'
import type { AgeOfSender } from './age-fields.js'
import type { Matter, Properties, Request, RequestHeader, Sender } from './messages.js'

/** The member as the sender of a message. */
export function senderOf(core: Core): Sender {
    const { citizenship: { incarnation }, settings } = core
    return settings.highestVersion === FIRST_VERSION
        ? incarnation
        : { id: incarnation.id, immigrated: incarnation.immigrated, versions: ownVersions(core) }
}

/**
 * Sends a request to a peer, and counts the request: unanswered requests are evidence of a silent
 * peer.
 *
 * @param last The position of the request's last entry.
 * @param properties The properties by which the transport finds the peer.
 */
export function send(
    core: Core,
    peer: PeerProgress,
    matter: Matter,
    last: number,
    properties: Properties = propertiesOf(core, peer)
): void {
    peer.countRequest(core.now, core.settings.timeout)
    sendRequest(core, peer, matter, last, properties)
}

/** Asks a peer only for an answer. An unanswered probe is no evidence of silence. */
export function sendProbe(core: Core, peer: PeerProgress): void {
    const { committed, log } = core
    const matter = { method: 'synchronize', welcome: null, previous: committed } as const
    peer.countProbe(core.now)
    sendRequest(core, peer, { ...matter, entries: [] }, log.committed, propertiesOf(core, peer))
}

function sendRequest(
    core: Core,
    { id, immigrated, echo }: PeerProgress,
    matter: Matter,
    last: number,
    properties: Properties
): void {
    const { citizenship, moves: { own } } = core
    const header: RequestHeader = {
        republic: citizenship.republic ?? '',
        founding: citizenship.founding,
        from: senderOf(core),
        to: { id, immigrated },
        government: core.government.promise,
        committed: core.committed,
        minimum: core.minimum.propagated,
        standing: standingFor(core, immigrated)
    }
    const age = echo === null ? null : ageOf(core)
    const request = requestOf(header, age === null || echo === null ? null : { age, echo }, matter)
    const complete = own === null ? request : {
        ...request,
        moved: { number: own.number, properties: own.properties },
        ...(echo !== null && { echo })
    }
    const { method } = matter
    const entries = 'entries' in matter ? matter.entries.length : 0
    const call = entries === 0
        ? { to: id, immigrated, method, sentAt: core.now, last }
        : { to: id, immigrated, method, sentAt: core.now, last, entries }
    core.mailbox.send(call, properties, Object.freeze(complete))
}

/**
 * Joins the parts of a request. A join of any fields takes many times as long as one object with
 * named fields, so the two requests that carry entries name their fields.
 */
function requestOf(
    header: RequestHeader, age: Required<AgeOfSender> | null, matter: Matter
): Request {
    const { republic, founding, from, to, government, committed, minimum, standing } = header
    if (matter.method === 'register' && !('trimmed' in matter)) {
        const { method, ballot, previous, entries, stable } = matter
        const run: Request = age === null ? {
            republic, founding, from, to, government, committed, minimum, standing,
            method, ballot, previous, entries
        } : {
            republic, founding, from, to, government, committed, minimum, standing,
            age: age.age, echo: age.echo, method, ballot, previous, entries
        }
        return stable === undefined ? run : Object.assign(run, { stable })
    }
    if (matter.method === 'synchronize' && !('trimmed' in matter)) {
        const { method, welcome, previous, entries } = matter
        return age === null ? {
            republic, founding, from, to, government, committed, minimum, standing,
            method, welcome, previous, entries
        } : {
            republic, founding, from, to, government, committed, minimum, standing,
            age: age.age, echo: age.echo, method, welcome, previous, entries
        }
    }
    return { ...header, ...age, ...matter } as Request
}

/**
 * The standing in a request to a peer. If the peer is the leader of the standing, the member sends
 * none: a candidate that led a moment ago would end its campaign because of the echo.
 */
function standingFor(core: Core, immigrated: Monotonic): number | null {
    const isEcho = core.role.name !== 'elected' && core.ledBy === immigrated
    return isEcho ? null : standingOf(core)
}
