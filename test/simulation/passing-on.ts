import type { ImmigrateOutcome } from '../../src/paxos/messages/proposals.js'
import type { EnqueueBody, ImmigrateBody } from '../../src/member/inputs.js'
import type { Resident } from './resident.js'
import type { Address } from './surroundings.js'

/** Takes an answer, which may be none. */
type Reply = (answer: unknown) => void

/** Takes a batch, or passes the batch on to the leader, once, as a Reception does. */
export function enqueue(resident: Resident, body: EnqueueBody, reply: Reply): void {
    const { id, isLeading, government } = resident.door.paxos
    const leader = government.majority[0] ?? id
    const { entries, hops = 0 } = body
    const isOwnBatch = entries.some((entry) => entry.id === leader)
    if (isLeading || leader === id || isOwnBatch || hops > 0 || !resident.door.isOpen) {
        reply(resident.play('enqueue', body))
        return
    }
    const { host } = resident.door.paxos.addressOf(leader) as Address
    resident.call(host, 'enqueue', { ...body, hops: hops + 1 }, reply)
}

/** Takes a wish to immigrate, or passes the wish on to the leader, once, as a Reception does. */
export function immigrate(resident: Resident, body: ImmigrateBody, reply: Reply): void {
    const outcome = resident.play('immigrate', body)
    const leader = outcome?.leader ?? null
    const { id } = resident.door.paxos
    if (outcome?.enqueued !== false || leader === null || leader === id || body.hops > 0) {
        reply(outcome)
        return
    }
    const passedOn = Object.freeze({ ...body, hops: body.hops + 1 })
    const { host } = resident.door.paxos.addressOf(leader) as Address
    resident.call(host, 'immigrate', passedOn, (answer) =>
        reply((answer as ImmigrateOutcome | null) ?? outcome))
}
