/** The end of the last use of the virtual clock in this process. */
let lastUse: Promise<unknown> = Promise.resolve()

/**
 * Runs one use of the virtual clock after the other, because all uses replace the same functions of
 * the process.
 */
export async function exclusively<Value>(use: () => Promise<Value>): Promise<Value> {
    const turn = lastUse.then(use)
    lastUse = turn.catch(() => {})
    return await turn
}
