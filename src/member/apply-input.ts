import type { Islander } from '../publisher/islander.js'
import type { CedeOutcome } from '../paxos/departure/cede.js'
import type { LeaveOutcome } from '../paxos/departure/leave.js'
import type { MoveOutcome } from '../paxos/membership/relocation.js'
import type { Response } from '../paxos/messages/messages.js'
import type { ImmigrateOutcome } from '../paxos/messages/proposals.js'
import type { Paxos } from '../paxos/paxos.js'
import type { BatchAnswer } from '../paxos/replication/proposals.js'
import type { EnqueueBody, Inputs, Played, ReviveBody } from './inputs.js'

/** The result of each input, for the caller of `play`. */
export interface Outcomes extends Record<keyof Inputs, unknown> {
    readonly birth: undefined
    readonly bootstrap: undefined
    readonly join: undefined
    readonly revive: undefined
    readonly upgrade: undefined
    readonly naturalize: undefined
    readonly leave: LeaveOutcome
    readonly cede: CedeOutcome
    readonly move: MoveOutcome
    readonly locate: undefined
    readonly event: undefined
    readonly immigrate: ImmigrateOutcome
    readonly receive: Response
    readonly enqueue: Readonly<BatchAnswer>
    /** The ticket of the publish. */
    readonly publish: number
    /** The ticket of the last publish. */
    readonly publishAll: number
    readonly published: undefined
    readonly sent: undefined
    readonly stable: undefined
}

function enqueue(paxos: Paxos, when: number, body: EnqueueBody): Outcomes['enqueue'] {
    const { republic, entries, founding = paxos.founding } = body
    return paxos.enqueueAll(when, republic, entries, founding)
}

/** The process has restarted, so the answers to all earlier calls are lost. */
function revive(paxos: Paxos, islander: Islander, when: number, body: ReviveBody): void {
    if (body.options !== undefined) {
        paxos.reform(body.options)
    }
    paxos.revive(when, body.disk)
    islander.revive(body.disk)
}

function published(islander: Islander, body: Inputs['published']): void {
    islander.sent(body.cookie, body.promises, body.refused)
}

/** Applies an input: the only table of inputs. No other code changes the engine or the Islander. */
export function apply(paxos: Paxos, islander: Islander, played: Played): Outcomes[keyof Outcomes] {
    const { when } = played
    switch (played.method) {
        case 'birth':
            return paxos.begin(when, played.body.options) as undefined
        case 'bootstrap': {
            const { republic, properties, founding = String(when), version } = played.body
            paxos.republic = republic
            return paxos.bootstrap(when, properties, founding, version) as undefined
        }
        case 'join':
            return paxos.join(played.body.republic, played.body.cookie ?? when) as undefined
        case 'revive':
            return revive(paxos, islander, when, played.body) as undefined
        case 'upgrade':
            return paxos.upgrade(when, played.body.version) as undefined
        case 'naturalize':
            return paxos.naturalize() as undefined
        case 'leave':
            return paxos.leave(when)
        case 'cede':
            return paxos.cede(when, played.body.id)
        case 'move':
            return paxos.move(when, played.body.properties)
        case 'locate':
            return paxos.locate(when, played.body.id, played.body.properties) as undefined
        case 'event':
            if (played.body.body === 'resubmit') {
                islander.retry()
            }
            return paxos.event(played.body) as undefined
        case 'immigrate': {
            const { republic, hops: _, ...newcomer } = played.body
            return paxos.immigrate(when, republic, { ...newcomer, naturalized: false })
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
        case 'stable':
            return paxos.stable(when, played.body) as undefined
        default:
            // The recording of another program may hold other methods. Such an input has no effect.
            played satisfies never
            return undefined
    }
}
