import type { Failure } from './command.js'
import type { Tally } from './tally.js'

/** What so many in a hundred stay below. */
function percentile(values: readonly number[], part: number): number {
    const sorted = [...values].sort((one, other) => one - other)
    return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0
}

function spread(values: readonly number[]): string {
    return [0.5, 0.9, 0.99].map((part) => percentile(values, part).toFixed(2)).join(' / ')
}

function slowest({ timeouts, seed }: Tally['slowestRecovery']): string {
    return `timeouts (50, 90, 99 %), at most ${timeouts.toFixed(2)} in seed ${seed}`
}

/** How a run went, for people. */
export function summary(tally: Tally, failures: readonly Failure[], tookMs: number): string {
    const virtualS = tally.virtualMs / 1000
    const rows: readonly (readonly [string, string])[] = [
        ['trials', `${tally.trials}, ${failures.length} failed, ${tally.unavailable} unavailable`],
        ['virtual time', `${virtualS.toFixed(0)} s, ${(tally.virtualMs / tookMs).toFixed(0)} to 1`],
        ['events', `${tally.events}, ${(tally.events / tookMs).toFixed(0)} a ms`],
        ['entries', `${tally.entries} of ${tally.publishes} publishes and flushes`],
        ['governments', `${tally.governments}, ${tally.elections} of them by election`],
        ['recovery', `${spread(tally.recoveries)} ${slowest(tally.slowestRecovery)}`],
        ['convergence', `${spread(tally.convergences)} ${slowest(tally.slowestConvergence)}`],
        ['faults', counts(tally.faults)],
        ['messages struck', counts(tally.strikes)],
        ['sometimes', counts(tally.sometimes)],
        ['never', [...tally.missingFaults(), ...tally.missingBranches()].join(', ') || 'nothing'],
        ['failed seeds', failures.map(({ seed }) => seed).join(' ') || 'none']
    ]
    return rows.map(([name, value]) => `${name.padEnd(16)} ${value}`).join('\n')
}

function counts(map: ReadonlyMap<string, number>): string {
    return [...map].map(([name, count]) => `${name} ${count}`).join(', ')
}
