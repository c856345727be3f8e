import type { LogComparison } from './compare-logs.js'
import type { DemoRecovery } from './client.js'
import type { Kept } from './ledger.js'

/** The time without a leader. */
export interface Interregnum {
    /** Who led. */
    readonly from: string
    /** Who leads now. */
    readonly to: string
    readonly promise: string
    readonly ms: number
}

/** The time in which no process was there. */
export interface Blackout {
    /** Until every member was back and had finished what it was publishing. */
    readonly ms: number
    /** From how many inputs each has come back, by its name. */
    readonly records: readonly (readonly [id: string, records: number])[]
}

/** Everything that a run is told by. Instants and durations are in milliseconds. */
export interface Result {
    readonly text: { readonly name: string; readonly lines: number; readonly isCut: boolean }
    readonly verdict: LogComparison
    /** The log, as one of the survivors has it. */
    readonly log: readonly Kept[]
    readonly publishedMs: number
    /** How much was published before somebody was killed, and how long that took. */
    readonly before: { readonly lines: number; readonly ms: number }
    /** Where the leader was killed, or all were. */
    readonly outage: Interregnum | Blackout
    readonly recoveries: readonly DemoRecovery[]
}

function count(number: number): string {
    return String(Math.round(number)).replace(/\B(?=(\d{3})+$)/g, ',')
}

function rate(lines: number, ms: number): string {
    return count(lines / (Math.max(ms, 1) / 1000))
}

/** Rows as text, each column as wide as its widest cell. */
function columns(rows: readonly (readonly string[])[]): string[] {
    const widths: number[] = []
    for (const row of rows) {
        for (const [index, cell] of row.entries()) {
            widths[index] = Math.max(widths[index] ?? 0, cell.length)
        }
    }
    return rows.map((row) =>
        `  ${row.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join('  ')}`.trimEnd()
    )
}

function tell(outage: Interregnum | Blackout): readonly string[] {
    if ('from' in outage) {
        const { from, to, promise, ms } = outage
        const end = `to ${promise}, led by ${to}`
        return ['no leader', `${count(ms)} ms, from SIGKILL for ${from} ${end}`]
    }
    const records = outage.records.map(([id, each]) => `${id} from ${count(each)}`).join(', ')
    const back = `until they were back: ${records} inputs`
    return ['nobody', `${count(outage.ms)} ms, from SIGKILL for all ${back}`]
}

function summary(result: Result): string[] {
    const { log, before, outage, publishedMs, text, recoveries } = result
    const governments = log.filter(({ kind }) => kind === 'government').length
    const bare = log.filter((kept) => kept.kind === 'line' && kept.line === null).length
    const all = `${count(text.lines)} lines, ${governments} governments, ${bare} without a body`
    const victim = 'from' in outage ? 'the leader was' : 'all were'
    return columns([
        ['entries', `${count(log.length)}: ${all}`],
        [
            'throughput',
            `${rate(before.lines, before.ms)} lines a second until ${victim} killed, ` +
                `${rate(text.lines, publishedMs)} over the whole run`
        ],
        tell(outage),
        ...recoveries.map(({ publisher, through, found, absent }) => [
            `lines of ${publisher}`,
            `${found + absent} unsettled: ${found} in the log, ${absent} again through ${through}`
        ])
    ])
}

function history(log: readonly Kept[]): string[] {
    const governments = log.filter((kept) => kept.kind === 'government')
    return columns([
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

/** The result of a run, for people. */
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
        ...columns([
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
