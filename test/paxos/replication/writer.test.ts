import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Log } from '../../../src/paxos/log/log.js'
import type { Entry } from '../../../src/paxos/messages/messages.js'
import type { ShapedGovernment } from '../../../src/paxos/membership/government.js'
import { Writer } from '../../../src/paxos/replication/writer.js'
import { entries, governmentBody, governmentOf, held, logOf, numbers, userBody } from '../sample.js'

const PLENTY = { entries: 1000, weight: 1e9 }
const government = governmentOf('0 1|2|3 4')
const { promise: _promise, map: _map, ...same } = governmentBody('', {
    majority: ['0', '1'], minority: ['2']
})

function writer(adopted: readonly Entry[] | null = null): Writer {
    return new Writer('1/1/0', '20/0', adopted)
}

/** A writer that has been given so many entries. */
function busy(count: number): Writer {
    const busy = writer()
    for (const promise of numbers(0, count)) {
        busy.enqueue(userBody(promise.slice(2)))
    }
    return busy
}

function withGovernment(shape: Partial<ShapedGovernment>): Log {
    const body = governmentBody('21/0', { ...same, ...shape })
    return logOf('20/0', [
        ...entries('20/0', ['20/1']), { promise: '21/0', previous: '20/1', body }
    ], 0)
}

describe('a writer', () => {
    test('gives each proposal the next promise', () => {
        const numbering = writer()
        const given = ['1', '2', '5'].map((cookie) => numbering.enqueue(userBody(cookie)))
        assert.deepEqual(given, ['20/1', '20/2', '20/3'])
        assert.equal(numbering.waiting, 3)
    })

    test('knows the last proposed or published cookie of each publisher', () => {
        const numbering = writer()
        const last = (published: string): string => numbering.lastCookie('1/0', published)
        assert.equal(last('f'), 'f')
        numbering.enqueue(userBody('10'))
        assert.deepEqual([last('f'), last('10'), last('11')], ['10', '10', '11'])
        assert.equal(numbering.lastCookie('2/0', '0'), '0')
        numbering.enqueue(userBody('1/1'))
        assert.deepEqual([last('f00'), last('1/2')], ['1/1', '1/2'])
    })

    test('knows the cookies of an adopted suffix', () => {
        const adopted = entries('20/0', ['20/1']).map((entry) => {
            return { ...entry, body: userBody('7') }
        })
        assert.equal(writer(adopted).lastCookie('1/0', '3'), '7')
    })

    test('is establishing if it adopts a suffix, and inherits an adopted government', () => {
        const adopted = entries('20/0', ['20/1'])
        const opening = withGovernment({}).suffix()
        const said = [null, [], adopted, opening].map((adopted) => {
            const { establishing, inherits } = writer(adopted)
            return [establishing, inherits]
        })
        assert.deepEqual(said, [[false, false], [true, false], [true, false], [true, true]])
    })

    test('writes the waiting entries in order', () => {
        const log = logOf('20/0', [], 0)
        const writing = busy(3)
        writing.write(log, PLENTY)
        assert.deepEqual(held(log), { committed: ['20/0'], suffix: ['20/1', '20/2', '20/3'] })
        assert.deepEqual(log.suffix().map(({ previous }) => previous), ['20/0', '20/1', '20/2'])
        assert.equal(writing.waiting, 0)
    })

    test('writes no suffix beyond the limits of count and weight', () => {
        const written = (limit: typeof PLENTY): number[] => {
            const log = logOf('20/0', [], 0)
            const writing = busy(10)
            writing.write(log, limit)
            const first = log.head
            log.commitThrough(2)
            writing.write(log, limit)
            return [first, log.head, writing.waiting]
        }
        assert.deepEqual(written({ ...PLENTY, entries: 4 }), [4, 6, 4])
        assert.deepEqual(written({ ...PLENTY, weight: 300 }), [4, 6, 4])
    })
})

describe('a new government', () => {
    test('goes before the waiting entries and renumbers them', () => {
        const log = logOf('20/0', [], 0)
        const writing = busy(2)
        writing.propose(log, government, same, true)
        assert.equal(writing.waiting, 3)
        writing.write(log, PLENTY)
        assert.deepEqual(held(log).suffix, ['21/0'], 'nothing is written behind it')
        const { body } = log.at(1)
        assert.deepEqual('majority' in body && body, {
            ...same, promise: '21/0', map: { '20/1': '21/1', '20/2': '21/2' }
        })
        log.commitThrough(1)
        writing.write(log, PLENTY)
        assert.deepEqual(held(log).suffix, ['21/1', '21/2'])
        assert.equal(writing.enqueue(userBody('9')), '21/3')
    })

    test('comes behind the written entries', () => {
        const log = logOf('20/0', [], 0)
        const writing = busy(2)
        writing.write(log, PLENTY)
        writing.propose(log, government, same, true)
        writing.write(log, PLENTY)
        assert.deepEqual(held(log).suffix, ['20/1', '20/2', '21/0'])
    })

    test('drops the waiting entries of the exiled incarnation, and no others', () => {
        const dropping = writer()
        const theirs = { ...userBody('1'), id: '2', immigrated: '3/0' }
        dropping.enqueue(userBody('1'))
        dropping.enqueue(theirs)
        dropping.enqueue(userBody('2'))
        const log = logOf('20/0', [], 0)
        const exile = { id: '2', promise: '3/0', properties: null }
        assert.equal(dropping.isExiling(log, '3/0'), false)
        dropping.propose(log, government, { ...same, exile }, true)
        assert.equal(dropping.isExiling(log, '3/0'), true)
        assert.equal(dropping.isExiling(log, '1/0'), false)
        assert.equal(dropping.waiting, 3)
        dropping.write(log, PLENTY)
        assert.equal(dropping.isExiling(log, '3/0'), true, 'while the exile is open')
        log.commitThrough(log.head)
        assert.equal(dropping.isExiling(log, '3/0'), false)
        dropping.write(log, PLENTY)
        assert.deepEqual(log.suffix().map(({ body }) => 'id' in body && body.id), ['0', '0'])
    })

    test('has no map after a collapse', () => {
        const log = logOf('20/0', [], 0)
        const writing = writer([])
        writing.propose(log, government, same, false)
        writing.write(log, PLENTY)
        const { body } = log.at(1)
        assert.equal('majority' in body && body.map, null)
    })

    test('is under way from its proposal until it is committed', () => {
        const log = logOf('20/0', [], 0)
        const writing = busy(1)
        const isReshaping = [writing.isReshaping(log)]
        writing.propose(log, government, same, true)
        isReshaping.push(writing.isReshaping(log))
        writing.write(log, PLENTY)
        isReshaping.push(writing.isReshaping(log))
        log.commitThrough(1)
        isReshaping.push(writing.isReshaping(log))
        assert.deepEqual(isReshaping, [false, true, true, false])
    })
})
