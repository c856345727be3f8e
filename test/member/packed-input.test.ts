import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { Kibitzer, type LogEntry } from '../../src/index.js'
import { MemoryJournal, MemoryStore } from '../../src/journal/memory-journal.js'
import { readPlayed, writePlayed } from '../../src/member/record-encoding.js'
import type { Played } from '../../src/member/inputs.js'
import { MemoryNetwork } from '../../src/transport/memory.js'
import { drain } from '../support/alone.js'
import '../support/silence.js'

const ADDRESS = { memory: 'a' }

const members: Kibitzer[] = []
// After a failed test, no member keeps the process alive.
after(() => {
    for (const kibitzer of members) {
        kibitzer.destroy()
    }
})

function stop(kibitzer: Kibitzer): Promise<unknown> {
    const ended = new Promise((resolve) => {
        kibitzer.destruction.wait(resolve)
    })
    kibitzer.destroy()
    return ended
}

test('a member recovers runs that a member of the same process has handed over', async () => {
    const network = new MemoryNetwork()
    const store = new MemoryStore()

    async function start(id: string, journal: MemoryJournal): Promise<[Kibitzer, LogEntry[]]> {
        const kibitzer = new Kibitzer({ id, journal })
        members.push(kibitzer)
        const log = kibitzer.log.shifter()
        await kibitzer.recover()
        network.attach(kibitzer)
        kibitzer.listen()
        return [kibitzer, drain(log)]
    }

    const [a] = await start('a', new MemoryJournal(new MemoryStore()))
    a.bootstrap('r', ADDRESS)
    const [b] = await start('b', new MemoryJournal(store))
    await b.join('r', ADDRESS, { memory: 'b' })
    await a.publishAll(Array.from({ length: 50 }, (_, value) => ({ value })))
    await b.barrier()
    const { committed } = b.paxos
    await stop(b)
    const [again, log] = await start('b', new MemoryJournal(store))
    const values = log.flatMap((entry) => (entry.method === 'entry' ? [entry.body.body] : []))
    assert.deepEqual(values.slice(0, 50), Array.from({ length: 50 }, (_, value) => ({ value })))
    assert.equal(log.at(-1)?.promise, committed)
    await Promise.all([stop(again), stop(a)])
})

test('an input without packed runs is applied as it was recorded', () => {
    const inputs = [
        { module: 'kibitz', method: 'leave', when: 1, body: {} },
        { module: 'kibitz', method: 'receive', when: 1, body: { method: 'canvass' } },
        { module: 'kibitz', method: 'sent', when: 1, body: {
            cookie: '1', responses: { a: null, b: { method: 'ahead', entries: [] } }
        } }
    ] as unknown as Played[]
    for (const input of inputs) {
        const applied: Played[] = []
        const read = readPlayed(writePlayed(input), 1, (played) => { applied.push(played) })
        assert.deepEqual(applied, [input])
        assert.equal(applied[0], read)
    }
})
