import { createHash } from 'node:crypto'
import type { LedgerEntry } from './ledger.js'

/** The size and the digest of one member's log. */
export interface Finding {
    readonly id: string
    readonly entries: number
    /** SHA-256 over every entry, governments too, in 64 hexadecimal digits. */
    readonly digest: string
}

/** The comparison of all logs. */
export interface LogComparison {
    readonly findings: readonly Finding[]
    /** One sentence for each fault. */
    readonly faults: readonly string[]
}

function digest(log: readonly LedgerEntry[]): string {
    const hash = createHash('sha256')
    for (const kept of log) {
        hash.update(`${JSON.stringify(kept)}\n`)
    }
    return hash.digest('hex')
}

function faultsOf(lines: readonly string[], log: readonly LedgerEntry[]): string[] {
    const times = new Map<number, number>()
    const last = new Map<string, number>()
    let misplaced = 0
    let altered = 0
    for (const { line } of log.filter((kept) => kept.kind === 'line')) {
        if (line !== null) {
            const { publisher, number, text } = line
            times.set(number, (times.get(number) ?? 0) + 1)
            misplaced += number <= (last.get(publisher) ?? 0) ? 1 : 0
            altered += lines[number - 1] === text ? 0 : 1
            last.set(publisher, number)
        }
    }
    const missing = lines.filter((_, index) => !times.has(index + 1)).length
    const repeated = [...times.values()].filter((count) => count > 1).length
    return [
        missing === 0 ? null : `${missing} missing lines`,
        repeated === 0 ? null : `${repeated} repeated lines`,
        misplaced === 0 ? null : `${misplaced} lines out of their publisher's order`,
        altered === 0 ? null : `${altered} lines that are not in the text`
    ].filter((fault) => fault !== null)
}

/**
 * Compares the logs of all members with the text. The logs must be equal, contain every line once,
 * and contain the lines of each publisher in order.
 */
export function compareLogs(
    lines: readonly string[],
    logs: ReadonlyMap<string, readonly LedgerEntry[]>
): LogComparison {
    const findings = [...logs].map(([id, log]) => {
        return { id, entries: log.length, digest: digest(log) }
    })
    const faults = [...logs].flatMap(([id, log]) =>
        faultsOf(lines, log).map((fault) => `Fault: the log of ${id} has ${fault}.`)
    )
    if (new Set(findings.map((finding) => finding.digest)).size !== 1) {
        faults.push('Fault: the logs differ.')
    }
    return { findings, faults }
}
