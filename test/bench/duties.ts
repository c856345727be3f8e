import { pressAncestors } from './ancestors.js'
import { client } from './client.js'
import { floor } from './floor.js'
import { locking } from './lock-duties.js'
import { catchUp, lengthen, weigh } from './lengths.js'
import type { Reply } from './household.js'
import type { Pace } from './load.js'
import { member } from './member.js'
import { simulate } from './offline.js'
import { stopping } from './planned-stop.js'
import { fillJournals, recoverMember } from './recovery.js'
import { pressRepublic, type Setting } from './republic.js'
import { retain } from './retention.js'
import { record, replay } from './tape.js'
import { transferring } from './transfer.js'

/** What a process may be asked to do, by the name of the duty. What it takes crosses as JSON. */
const DUTIES: Readonly<Record<string, (given: never) => Promise<unknown>>> = {
    republic: ({ setting, warmth, paces }: {
        readonly setting: Setting
        readonly warmth: Pace
        readonly paces: readonly Pace[]
    }) => pressRepublic(setting, warmth, paces),
    ancestors: ({ setting, warmth, paces }: {
        readonly setting: Setting
        readonly warmth: Pace
        readonly paces: readonly Pace[]
    }) => pressAncestors(setting, warmth, paces),
    weigh,
    lengthen,
    catchUp,
    retain,
    record,
    replay,
    fillJournals,
    recoverMember,
    simulate,
    ...member,
    ...floor,
    ...client,
    ...transferring,
    ...stopping,
    ...locking
}

interface Order {
    readonly ticket: number
    readonly duty: string
    readonly given: object
}

async function obey({ duty, given }: Order): Promise<unknown> {
    const act = DUTIES[duty]
    if (act === undefined) {
        throw new RangeError(`There is no duty ${duty}.`)
    }
    return (await act(given as never)) ?? null
}

/** Does what the parent asks, until that goes. */
export function serveDuties(): void {
    const reply = (message: Reply): void => {
        // A parent that is gone is heard of elsewhere.
        process.send?.(message, undefined, undefined, () => {})
    }
    process.on('message', (order: Order) => {
        const { ticket } = order
        obey(order).then(
            (answer) => reply({ ticket, answer }),
            (error: unknown) => {
                const failure = error instanceof Error ? (error.stack ?? error.message) : error
                reply({ ticket, failure: String(failure) })
            }
        )
    })
    process.on('disconnect', () => process.exit())
    // Ctrl-C reaches every process of a terminal. The parent decides what follows.
    process.on('SIGINT', () => {})
}
