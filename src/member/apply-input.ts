import type { Islander } from '../publisher/islander.js'
import type { Monotonic } from '../base/monotonic.js'
import type { CedeOutcome } from '../paxos/departure/cede.js'
import type { LeaveOutcome } from '../paxos/departure/leave.js'
import type { Response } from '../paxos/messages/messages.js'
import type { ImmigrateOutcome } from '../paxos/messages/proposals.js'
import type { Paxos } from '../paxos/paxos.js'
import type { EnqueueBody, Inputs, Played, ReviveBody } from './inputs.js'

/** What an input gives back to whoever brought it. */
export interface Outcomes extends Record<keyof Inputs, unknown> {
    readonly birth: undefined
    readonly bootstrap: undefined
    readonly join: undefined
    readonly revive: undefined
    readonly naturalize: undefined
    readonly leave: LeaveOutcome
    readonly cede: CedeOutcome
    readonly event: undefined
    readonly immigrate: ImmigrateOutcome
    readonly receive: Response
    readonly enqueue: Readonly<Record<string, Monotonic>> | null
    /** The ticket under which the publish is settled. */
    readonly publish: number
    /** The ticket of the last of them. */
    readonly publishAll: number
    readonly published: undefined
    readonly sent: undefined
}

function enqueue(paxos: Paxos, when: number, body: EnqueueBody): Outcomes['enqueue'] {
    const { republic, entries, founding = paxos.founding } = body
    return paxos.enqueueAll(when, republic, entries, founding)
}

/** Nobody will bring what engine and Islander wait for. */
function revive(paxos: Paxos, islander: Islander, when: number, body: ReviveBody): void {
    if (body.options !== undefined) {
        paxos.reform(body.options)
    }
    paxos.revive(when)
    if (islander.awaited !== null) {
        islander.sent(islander.awaited, null)
    }
}

function published(islander: Islander, body: Inputs['published']): void {
    islander.sent(body.cookie, body.promises, body.refused)
}

/** The one table of inputs: nothing else changes engine or Islander. */
export function apply(paxos: Paxos, islander: Islander, played: Played): Outcomes[keyof Outcomes] {
    const { when } = played
    switch (played.method) {
        case 'birth':
            return paxos.begin(when, played.body.options) as undefined
        case 'bootstrap': {
            const { republic, properties, founding } = played.body
            paxos.republic = republic
            return paxos.bootstrap(when, properties, founding ?? String(when)) as undefined
        }
        case 'join':
            return paxos.join(played.body.republic, played.body.cookie ?? when) as undefined
        case 'revive':
            return revive(paxos, islander, when, played.body) as undefined
        case 'naturalize':
            return paxos.naturalize() as undefined
        case 'leave':
            return paxos.leave(when)
        case 'cede':
            return paxos.cede(when, played.body.id)
        case 'event':
            if (played.body.body === 'resubmit') {
                islander.retry()
            }
            return paxos.event(played.body) as undefined
        case 'immigrate': {
            const { republic, id, cookie, properties } = played.body
            return paxos.immigrate(when, republic, id, cookie, properties)
        }
        case 'receive':
            return paxos.request(when, played.body)
        case 'enqueue':
            return enqueue(paxos, when, played.body)
        case 'publish':
            return islander.publish(played.body)
        case 'publishAll':
            return islander.publishAll(played.body)
        case 'published':
            return published(islander, played.body) as undefined
        case 'sent':
            return paxos.response(when, played.body.cookie, played.body.responses) as undefined
        default:
            // A recording of another program may hold any method; the seed passes over it.
            played satisfies never
            return undefined
    }
}
