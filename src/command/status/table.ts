import { columns } from '../columns.js'
import { fieldsOf, type MemberReport, type RepublicReport } from './gather.js'

const HEAD = ['member', 'seat', 'state', 'leader seen', 'committed', 'applied', 'waiting',
    'journal', 'address']

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
            bytes(fieldsOf(health['journal'])['size'])
        ]
        : ['', '', '', '', '']
    return [id, seat, stateOf(member), ...facts, url ?? '']
}

/** The republic as a table for people. */
export function tableOf(republic: RepublicReport): string {
    const { islandName, islandId, government, leader, tolerance } = republic
    const lines = columns([HEAD, ...republic.members.map(row)])
    const leads = leader === null ? 'no leader is known' : `led by ${leader}`
    const head = `${islandName}, run ${islandId}, government ${government}, ${leads}`
    return `${head}\n${tolerance}\n\n${lines.join('\n')}\n`
}

/** The exit code that a state of the republic stands for. */
export function exitCodeOf(republic: RepublicReport): number {
    if (republic.leader === null) {
        return 3
    }
    const areReady = republic.members.every((member) => stateOf(member) === 'ready')
    return areReady && republic.tolerates > 0 ? 0 : 1
}
