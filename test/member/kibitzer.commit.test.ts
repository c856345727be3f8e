import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Household, type Inhabitant, values } from './household.js'

/** Halts the disk of a member after the disk holds a record of the method with the value. */
function haltAfter({ journal }: Inhabitant, method: string, value: string): () => void {
    let release = (): void => {}
    journal.onFlushed = (records) => {
        const isThere = records.some((record) => {
            return record.includes(`"method":"${method}"`) && record.includes(value)
        })
        if (isThere && journal.halt === null) {
            journal.halt = new Promise((resolve) => {
                release = resolve
            })
        }
    }
    return () => {
        journal.onFlushed = () => {}
        release()
        journal.halt = null
    }
}

describe('a committed entry', () => {
    test('is delivered before the record of the answers is flushed', { timeout: 60_000 },
        async () => {
            await using household = new Household()
            const [leader] = await household.settle('a', 'b', 'c') as [Inhabitant]
            const release = haltAfter(leader, 'enqueue', 'decided')
            const { promise } = await leader.kibitzer.publish('decided')
            const [isHalted, found, last] =
                [leader.journal.halt !== null, values(leader.log), leader.log.at(-1)?.promise]
            release()
            assert.deepEqual([isHalted, found, last], [true, ['decided'], promise])
        })

    test('waits at a voter until the voter\'s own acceptance is flushed', { timeout: 60_000 },
        async () => {
            await using household = new Household()
            const [leader, voter] =
                await household.settle('a', 'b', 'c') as [Inhabitant, Inhabitant]
            const release = haltAfter(voter, 'publish', 'decided')
            const published = voter.kibitzer.publish('decided')
            await leader.seen(() => values(leader.log).includes('decided'))
            const [isHalted, found] = [voter.journal.halt !== null, values(voter.log)]
            release()
            assert.deepEqual([isHalted, found], [true, []])
            await published
            assert.deepEqual(values(voter.log), ['decided'])
        })

    test('is awaited by an iteration if a restarted member must learn of the commit anew',
        { timeout: 60_000 }, async () => {
            await using household = new Household()
            const [leader] = await household.settle('a', 'b', 'c') as [Inhabitant]
            const release = haltAfter(leader, 'enqueue', 'decided')
            const { promise } = await leader.kibitzer.publish('decided')
            const killed = household.kill('a', 'b', 'c')
            release()
            await killed
            const again = await household.enter('a')
            assert.deepEqual(values(again.log), [])
            const found = again.kibitzer.entries({ from: promise }).next()
            await assert.rejects(again.kibitzer.entries({ from: 'ff/0' }).next(),
                { code: 'trimmed' })
            await household.enter('b')
            await household.enter('c')
            assert.equal((await found).value?.promise, promise)
            assert.deepEqual(values(again.log), ['decided'])
        })
})
