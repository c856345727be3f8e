import type { GovernmentBody } from '../paxos/messages/messages.js'

/** The change of a government, in words. */
export function changeOf({
    majority: [leader], immigrate, naturalize, exile, promote, demote, map, version, move, promise
}: GovernmentBody): string {
    const changes: string[] = []
    if (promise === '1/0') {
        changes.push(`${leader} founded the republic`)
    } else if (immigrate !== null) {
        changes.push(`${immigrate.id} immigrated`)
    }
    if (map === null) {
        changes.push(`${leader} leads after a collapse`)
    }
    if (naturalize !== null && promise !== '1/0') {
        changes.push(`${naturalize} naturalized`)
    }
    if (exile !== null) {
        changes.push(`${exile.id} was exiled`)
    }
    if (promote !== null && promote.length > 0) {
        changes.push(`${promote.map(({ id }) => id).join(', ')} took a seat`)
    }
    if (typeof demote === 'string') {
        changes.push(`${demote} gave up its seat`)
    }
    if (version !== undefined && promise !== '1/0') {
        changes.push(`the republic has version ${version}`)
    }
    if (move !== undefined) {
        changes.push(`${move.id} moved to another address`)
    }
    return changes.length === 0 ? 'the seats changed' : changes.join('; ')
}
