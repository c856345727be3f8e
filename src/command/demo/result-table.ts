import { columns } from '../columns.js'
import type { LogComparison } from './compare-logs.js'
import type { DemoRecovery } from './client.js'
import type { LedgerEntry } from './ledger.js'

/** The time from the death of the leader to the next leader. */
export interface LeaderOutage {
    /** The killed leader. */
    readonly from: string
    /** The next leader. */
    readonly to: string
    /** The promise of the next government. */
    readonly promise: string
    readonly ms: number
}

/** The time from the death of all members to their return. */
export interface FullOutage {
    /** Ends when every member has restarted and its unsettled lines are settled. */
    readonly ms: number
    /** The number of journal records from which each member has recovered. */
    readonly records: readonly (readonly [id: string, records: number])[]
}

/** The result of a run. Durations are in milliseconds. */
export interface Result {
    readonly text: { readonly name: string; readonly lines: number; readonly isCut: boolean }
    readonly verdict: LogComparison
    /** The log of a surviving member. */
    readonly log: readonly LedgerEntry[]
    /** From the first publish until the last line is settled. */
    readonly publishedMs: number
    /** The lines that were settled before the kill, and the time for these lines. */
    readonly before: { readonly lines: number; readonly ms: number }
    /** Whether the demo has killed the leader or all members. */
    readonly outage: LeaderOutage | FullOutage
    readonly recoveries: readonly DemoRecovery[]
}

function count(number: number): string {
    return String(Math.round(number)).replace(/\B(?=(\d{3})+$)/g, ',')
}

function rate(lines: number, ms: number): string {
    return count(lines / (Math.max(ms, 1) / 1000))
}

/** Rows as indented lines of text, in columns. */
function indented(rows: readonly (readonly string[])[]): string[] {
    return columns(rows).map((line) => `  ${line}`.trimEnd())
}

function outageRow(outage: LeaderOutage | FullOutage): readonly string[] {
    if ('from' in outage) {
        const { from, to, promise, ms } = outage
        const end = `to ${promise}, led by ${to}`
        return ['no leader', `${count(ms)} ms, from SIGKILL for ${from} ${end}`]
    }
    const records = outage.records.map(([id, each]) => `${id} from ${count(each)}`).join(', ')
    const back = `to the restart of all: ${records} records`
    return ['no member', `${count(outage.ms)} ms, from SIGKILL for all ${back}`]
}

function summary(result: Result): string[] {
    const { log, before, outage, publishedMs, text, recoveries } = result
    const governments = log.filter(({ kind }) => kind === 'government').length
    const bare = log.filter((kept) => kept.kind === 'line' && kept.line === null).length
    const all = `${count(text.lines)} lines, ${governments} governments, ${bare} without a body`
    const victim = 'from' in outage ? 'the leader was' : 'all were'
    return indented([
        ['entries', `${count(log.length)}: ${all}`],
        [
            'throughput',
            `${rate(before.lines, before.ms)} lines a second until ${victim} killed, ` +
                `${rate(text.lines, publishedMs)} over the whole run`
        ],
        outageRow(outage),
        ...recoveries.map(({ publisher, through, found, absent }) => [
            `lines of ${publisher}`,
            `${found + absent} unsettled: ${found} in the log, ${absent} again through ${through}`
        ])
    ])
}

function history(log: readonly LedgerEntry[]): string[] {
    const governments = log.filter((kept) => kept.kind === 'government')
    return indented([
        ['promise', 'majority', 'minority', 'constituents', 'what changed'],
        ...governments.map(({ promise, majority, minority, constituents, change }) => [
            promise,
            majority.join(' '),
            minority.join(' '),
            constituents.join(' '),
            change
        ])
    ])
}

/** The result of a run as a table. */
export function table(result: Result): string {
    const { text, verdict } = result
    const lines = `${count(text.lines)} lines`
    return [
        `Published ${text.isCut ? `the first ${lines}` : lines} of ${text.name}.`,
        '',
        ...summary(result),
        '',
        ...history(result.log),
        '',
        ...indented([
            ['log of', 'entries', 'SHA-256'],
            ...verdict.findings.map(({ id, entries, digest }) => [id, count(entries), digest])
        ]),
        '',
        ...(verdict.faults.length === 0
            ? ["The logs are equal and complete: every line once, each publisher's in order."]
            : verdict.faults),
        ''
    ].join('\n')
}
