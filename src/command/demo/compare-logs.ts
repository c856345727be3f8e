import { createHash } from 'node:crypto'
import type { Kept } from './ledger.js'

/** What was found out about one member's log. */
export interface Finding {
    readonly id: string
    readonly entries: number
    /** SHA-256 over every entry, governments too, in 64 hexadecimal digits. */
    readonly digest: string
}

/** What was found out about all logs together. */
export interface LogComparison {
    readonly findings: readonly Finding[]
    /** One sentence for each thing that is wrong. */
    readonly faults: readonly string[]
}

function digest(log: readonly Kept[]): string {
    const hash = createHash('sha256')
    for (const kept of log) {
        hash.update(`${JSON.stringify(kept)}\n`)
    }
    return hash.digest('hex')
}

function faultsOf(lines: readonly string[], log: readonly Kept[]): string[] {
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
        missing === 0 ? null : `${missing} lines missing`,
        repeated === 0 ? null : `${repeated} lines more than once`,
        misplaced === 0 ? null : `${misplaced} lines before one that their publisher took earlier`,
        altered === 0 ? null : `${altered} lines that are not in the text`
    ].filter((fault) => fault !== null)
}

/**
 * Judges the logs of all members against the text: they are equal, every line is there once, and
 * each publisher's lines are in order.
 */
export function audit(
    lines: readonly string[],
    logs: ReadonlyMap<string, readonly Kept[]>
): LogComparison {
    const findings = [...logs].map(([id, log]) => {
        return { id, entries: log.length, digest: digest(log) }
    })
    const faults = [...logs].flatMap(([id, log]) =>
        faultsOf(lines, log).map((fault) => `Not so: the log of ${id} has ${fault}.`)
    )
    if (new Set(findings.map((finding) => finding.digest)).size !== 1) {
        faults.push('Not so: the logs differ.')
    }
    return { findings, faults }
}
