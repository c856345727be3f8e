import { KibitzError } from '../base/errors.js'
import { endTurns, isInTurn } from './virtual-time.js'

/** The end of the last use of the virtual clock in this process. */
let lastUse: Promise<unknown> = Promise.resolve()

/** The name of the function that uses the virtual clock now; `null` without one. */
let running: string | null = null

/** The number of uses that wait for the running one. */
let waiting = 0

/** The uses that wait for the running one, in words; empty without these. */
export function describeWaiting(): string {
    return waiting === 0 ? '' : ' Further calls of kibitz/testing wait for the end of this one '
        + `(${waiting}). If the workload or the application made such a call, it waits forever.`
}

/**
 * Runs one use of the virtual clock after the other, because all uses replace the same functions of
 * the process.
 *
 * An `AsyncLocalStorage` would also find a call after a real call of the system inside a use. But
 * in the versions of Node before 24 the storage makes every promise of the process slower.
 *
 * @throws KibitzError `invalid-argument` inside another use, which would wait for this use.
 */
export async function exclusively<Value>(name: string, use: () => Promise<Value>): Promise<Value> {
    if (running !== null && isInTurn()) {
        throw new KibitzError('invalid-argument', `${name} was called inside ${running}, which `
            + `would wait for ${name} forever: both replace the clocks of the process. Nothing was `
            + `done; call ${name} after ${running} has ended.`)
    }
    waiting++
    const turn = lastUse.then(async () => {
        waiting--
        running = name
        try {
            return await use()
        } finally {
            running = null
            endTurns()
        }
    })
    lastUse = turn.catch(() => {})
    return await turn
}
