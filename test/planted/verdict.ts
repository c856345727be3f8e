import type { Outcome } from './hunt.js'
import type { Plant } from './plants.js'

/** Whether the simulator has found a bug. */
export interface Verdict {
    readonly plant: Plant
    /** What came of the hunt; `null` where it broke off. */
    readonly outcome: Outcome | null
    /** Why it is not found; `null` where it is. */
    readonly fault: string | null
}

/** A bug is found by the property that it breaks. Another one that breaks is no finding. */
export function judge(plant: Plant, outcome: Outcome): Verdict {
    const { violation, tried } = outcome
    if (violation === null) {
        return { plant, outcome, fault: `not found by ${tried} seeds` }
    }
    const fault = plant.breaks.test(violation)
        ? null
        : `breaks ${plant.breaks}, and seed ${outcome.seed} found: ${violation}`
    return { plant, outcome, fault }
}

/** The hunt broke off. */
export function breakOff(plant: Plant, error: unknown): Verdict {
    const fault = `broke off: ${error instanceof Error ? error.message : String(error)}`
    return { plant, outcome: null, fault }
}

/** What a violation begins with: the property, or as much as there is of it. */
function propertyOf({ violation }: Outcome): string {
    return violation === null ? '-' : (/^\w+(?=:)/.exec(violation)?.[0] ?? '?')
}

/** What became of one bug, in a line. */
export function lineOf({ plant, outcome, fault }: Verdict): string {
    return fault === null && outcome !== null
        ? `found by seed ${outcome.seed}, ${propertyOf(outcome)}: ${plant.name}`
        : `NOT FOUND: ${plant.name}: ${fault}`
}

/** What became of each bug. */
export function tableOf(verdicts: readonly Verdict[]): string {
    const rows = [
        ['bug', 'breaks', 'found by seed', 'seeds tried', 'virtual time'],
        ...verdicts.map(({ plant, outcome, fault }) => [
            plant.name,
            outcome === null ? '-' : propertyOf(outcome),
            fault === null ? String(outcome?.seed) : 'NOT FOUND',
            String(outcome?.tried ?? '-'),
            `${((outcome?.virtualMs ?? 0) / 1000).toFixed(0)} s`
        ])
    ]
    const widths = rows[0]?.map((_, column) =>
        Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? []
    return rows.map((row) =>
        row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ').trimEnd()
    ).join('\n')
}
