/** The parameters of every property: the same lots each time, other lots if a seed is given. */
export function lots(numRuns: number): { readonly seed: number, readonly numRuns: number } {
    const { KIBITZ_SEED: seed = '1', KIBITZ_RUNS: factor = '1' } = process.env
    return { seed: Number(seed), numRuns: numRuns * Number(factor) }
}
