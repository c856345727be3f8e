import { columns } from '../columns.js'
import { fieldsOf } from './ask.js'
import type { MemberReport, RepublicReport } from './gather.js'

const HEAD = ['member', 'seat', 'state', 'leader seen', 'committed', 'applied', 'waiting',
    'journal', 'snapshot', 'versions', 'certificate', 'address']

function milliseconds(value: unknown): string {
    return typeof value === 'number' ? `${Math.round(value)} ms ago` : 'never'
}

function bytes(value: unknown): string {
    if (typeof value !== 'number') {
        return 'none'
    }
    return value < 1024 * 1024
        ? `${Math.ceil(value / 1024)} KiB`
        : `${(value / 1024 / 1024).toFixed(1)} MiB`
}

/** The size of the last snapshot in the journal, and its age if the present process wrote it. */
function snapshot(health: MemberReport['health']): string {
    const size = fieldsOf(health['journal'])['snapshotSize']
    const age = fieldsOf(health['snapshot'])['storedAgeMs']
    if (typeof size !== 'number' || size === 0) {
        return 'none'
    }
    return typeof age === 'number' ? `${bytes(size)}, ${Math.round(age / 1000)} s ago` : bytes(size)
}

/** The versions in which a member takes part, and the version of its journal. */
function versions(health: MemberReport['health']): string {
    const { own, journal } = fieldsOf(health['versions'])
    const range = Array.isArray(own) ? own.join(' to ') : 'unknown'
    return typeof journal === 'number' ? `${range}, journal ${journal}` : range
}

/** The end of the certificate that ends first. */
function expiry(health: MemberReport['health']): string {
    const { date, daysLeft } = fieldsOf(health['certificateExpiry'])
    return typeof date === 'string' ? `${date.slice(0, 10)}, ${String(daysLeft)} days left` : 'none'
}

/** The facts that need an operator, one line each: waits, voters behind, refusals, certificates. */
function remarks({ id, silence, health }: MemberReport): readonly string[] {
    if (silence !== null) {
        return []
    }
    const waits = (Array.isArray(health['waits']) ? health['waits'] : []).map(fieldsOf)
    const lag = Object.entries(fieldsOf(health['lag'])).filter(([, count]) => count !== 0)
    const refused = Object.entries(fieldsOf(health['refused']))
    const certificates = (Array.isArray(health['certificates']) ? health['certificates'] : [])
    return [
        ...waits.map(({ kind, count, waitedMs, reason }) =>
            `${id}: ${count} ${kind} for ${Math.round(Number(waitedMs))} ms: ${reason}`),
        ...lag.map(([peer, count]) => `${id}: ${peer} lacks ${count} entries`),
        ...refused.map(([peer, counts]) => `${id}: ${peer} has refused ${JSON.stringify(counts)}`),
        ...certificates.map((found) => `${id}: ${String(fieldsOf(found)['text'])}`)
    ]
}

/** The state of a member in a word or two. */
export function stateOf({ silence, health }: MemberReport): string {
    if (silence !== null) {
        return silence
    }
    if (health['failure'] !== null) {
        return `stopped: ${String(health['failure'])}`
    }
    if (health['isLed'] !== true) {
        return 'no leader'
    }
    return health['isCurrent'] === true ? 'ready' : 'not current'
}

function row(member: MemberReport): readonly string[] {
    const { id, seat, url, silence, health } = member
    const facts = silence === null
        ? [
            milliseconds(health['leaderSeenMs']),
            String(health['committed']),
            String(health['applied']),
            String(Number(health['pending']) + Number(health['backlog'])),
            bytes(fieldsOf(health['journal'])['size']),
            snapshot(health),
            versions(health),
            expiry(health)
        ]
        : ['', '', '', '', '', '', '', '']
    return [id, seat, stateOf(member), ...facts, url ?? '']
}

/** The republic as a table for people. */
export function tableOf(republic: RepublicReport): string {
    const { islandName, islandId, government, version, leader, tolerance } = republic
    const lines = columns([HEAD, ...republic.members.map(row)])
    const leads = leader === null ? 'no leader is known' : `led by ${leader}`
    const head = `${islandName}, run ${islandId}, government ${government}, ${leads}, `
        + `protocol version ${version ?? 'unknown'}`
    const needs = republic.members.flatMap(remarks).map((line) => `${line}\n`)
    const rest = needs.length === 0 ? '' : `\n${needs.join('')}`
    return `${head}\n${tolerance}\n\n${lines.join('\n')}\n${rest}`
}

/** The exit code that a state of the republic stands for. */
export function exitCodeOf(republic: RepublicReport): number {
    if (republic.leader === null) {
        return 3
    }
    const areReady = republic.members.every((member) => stateOf(member) === 'ready')
    return areReady && republic.tolerates > 0 ? 0 : 1
}
