import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { endTurn } from '../../src/base/event-loop-yield.js'
import { Household, type Inhabitant } from './household.js'

/** The values that a member plays from now on, one list for each input. */
function publishesOf({ kibitzer }: Inhabitant): readonly (readonly unknown[])[] {
    const lists: (readonly unknown[])[] = []
    kibitzer.played.shifter().pump((played) => {
        if (played?.method === 'publish') {
            lists.push([played.body])
        } else if (played?.method === 'publishAll') {
            lists.push(played.body as readonly unknown[])
        }
    })
    return lists
}

describe('a value that comes late at a follower with a journal', () => {
    test('waits for the batch under way, and travels with its callers', { timeout: 60_000 },
        async () => {
            await using household = new Household()
            const [leader, follower, other] =
                await household.settle('a', 'b', 'c') as [Inhabitant, Inhabitant, Inhabitant]
            const publish = (value: string): Promise<unknown> =>
                follower.kibitzer.publish(value)
            const lists = publishesOf(follower)
            let release = (): void => {}
            // Without these two disks no majority holds the batch.
            leader.journal.halt = other.journal.halt = new Promise((resolve) => {
                release = resolve
            })
            const again = Promise.all(['1', '2', '3'].map(publish))
                .then(() => Promise.all(['5', '6'].map(publish)))
            await endTurn()
            const late = publish('4')
            await endTurn()
            await endTurn()
            const held = lists.flat()
            leader.journal.halt = other.journal.halt = null
            release()
            await Promise.all([again, late])
            assert.deepEqual(held, ['1', '2', '3'])
            assert.deepEqual(lists, [['1', '2', '3'], ['4', '5', '6']])
        })
})
