import { AsyncLocalStorage } from 'node:async_hooks'
import { KibitzError } from '../base/errors.js'

/** The end of the last use of the virtual clock in this process. */
let lastUse: Promise<unknown> = Promise.resolve()

/** The name of the function whose use of the virtual clock has made the present call. */
const outer = new AsyncLocalStorage<string>()

/**
 * Runs one use of the virtual clock after the other, because all uses replace the same functions of
 * the process.
 *
 * @throws KibitzError `invalid-argument` inside another use, which would wait for this use.
 */
export async function exclusively<Value>(name: string, use: () => Promise<Value>): Promise<Value> {
    const above = outer.getStore()
    if (above !== undefined) {
        throw new KibitzError('invalid-argument', `${name} was called inside ${above}, which would `
            + `wait for ${name} forever: both replace the clocks of the process. Nothing was done; `
            + `call ${name} after ${above} has ended.`)
    }
    const turn = lastUse.then(() => outer.run(name, use))
    lastUse = turn.catch(() => {})
    return await turn
}
