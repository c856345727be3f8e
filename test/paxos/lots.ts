/** What every property is tried with: the same lots each time, others where a seed is given. */
export function lots(numRuns: number): { readonly seed: number, readonly numRuns: number } {
    const { KIBITZ_SEED: seed = '1', KIBITZ_RUNS: factor = '1' } = process.env
    return { seed: Number(seed), numRuns: numRuns * Number(factor) }
}
