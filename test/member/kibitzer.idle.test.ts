import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Household, type Inhabitant } from './household.js'

/** Resolves when a member has played so many more inputs of a method. */
function played({ kibitzer }: Inhabitant, method: string, count: number): Promise<void> {
    return new Promise((resolve) => {
        const inputs = kibitzer.played.shifter()
        let left = count
        inputs.pump((input) => {
            left -= input?.method === method ? 1 : 0
            if (left === 0) {
                inputs.destroy()
                resolve()
            }
        })
    })
}

/** Three voters that have exchanged some pings since the last change. */
async function idle(household: Household): Promise<readonly Inhabitant[]> {
    const all = await household.settle('a', 'b', 'c')
    await Promise.all(all.slice(1).map((each) => played(each, 'receive', 10)))
    return all
}

describe('an idle republic', () => {
    test('answers pings although no disk synchronizes', { timeout: 60_000 }, async () => {
        await using household = new Household({ ping: 50, timeout: 1000 })
        const all = await idle(household)
        const { promise } = household.inhabitant('a').kibitzer.paxos.government
        let release = (): void => {}
        const halt = new Promise<void>((resolve) => {
            release = resolve
        })
        for (const { journal } of all) {
            journal.halt = halt
        }
        // The leader of a republic without answers collapses after a second.
        await Promise.all(all.slice(1).map((each) => played(each, 'receive', 60)))
        const found = all.map(({ kibitzer: { paxos } }) =>
            [paxos.government.promise, paxos.inspect().role, paxos.contact().isLed])
        release()
        assert.deepEqual(found, [
            [promise, 'leader', true], [promise, 'citizen', true], [promise, 'citizen', true]
        ])
        const publication = await household.inhabitant('b').kibitzer.publish('later')
        assert.ok(publication.promise.startsWith(promise.slice(0, 2)))
    })

    test('writes its inputs into the journal at the end, and before a snapshot',
        { timeout: 60_000 }, async () => {
            await using household = new Household()
            const [{ kibitzer, journal, ended, log }] = await idle(household) as [Inhabitant]
            const texts: string[] = []
            journal.onFlushed = (records) => texts.push(...records)
            const { last } = journal.stat()
            await kibitzer.snapshot(log.at(-1)?.promise ?? '', Buffer.from('state'))
            assert.ok((journal.stat().snapshot ?? 0) > last, 'quiet inputs come before it')
            await played(household.inhabitant('a'), 'sent', 10)
            kibitzer.destroy()
            await ended
            assert.ok(texts.some((text) => text.startsWith('\u0000')), 'a fold')
            const again = await household.enter('a')
            assert.deepEqual([again.recovered.recovered, again.recovered.records > 0], [true, true])
        })
})
