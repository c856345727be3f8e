import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { BATCH_ENTRIES } from '../../src/publisher/batch-backoff.js'
import { FLIGHTS_MAX } from '../../src/publisher/publish-window.js'
import { ADMISSION, admitted, collapse, show, windowOf } from './admitted.js'
import { Session } from './session.js'
import { committed, governed } from '../paxos/leader.js'

describe('a publisher of version 2', () => {
    test('gives each publish an identity, and sends batches before earlier ones appear', () => {
        const session = admitted()
        session.publish('a')
        session.islander.publishAll(['b', 'c'])
        assert.deepEqual(session.said(), ['1/1=a', '1/2=b 1/3=c'])
        show(session, '1/1', '1/2', '1/3')
        assert.deepEqual(session.settled(), ['1 at 9/1', '2 at 9/2', '3 at 9/3'])
        assert.deepEqual(session.islander.health(), { waiting: 0, pending: 0 })
    })

    test('has at most four batches in flight, and gathers values meanwhile', () => {
        const session = admitted()
        session.publish(...Array.from({ length: FLIGHTS_MAX + 3 }, (_, at) => at))
        assert.deepEqual(session.said(), ['1/1=0', '1/2=1', '1/3=2', '1/4=3'])
        assert.equal(session.islander.isHolding({ count: BATCH_ENTRIES, weight: 0 }), true)
        show(session, '1/1')
        assert.deepEqual(session.said(), ['1/5=4 1/6=5 1/7=6'])
        assert.deepEqual(session.islander.health(), { waiting: 6, pending: 0 })
    })

    test('holds values back that fill no batch while a batch is in flight', () => {
        const session = admitted()
        const isHolding = (count: number, weight: number): boolean =>
            session.islander.isHolding({ count, weight })
        assert.equal(isHolding(1, 3), false, 'no batch is in flight')
        session.publish('a')
        assert.deepEqual([isHolding(BATCH_ENTRIES - 1, 9), isHolding(BATCH_ENTRIES, 9)],
            [true, false])
        assert.deepEqual([isHolding(2, 262_143), isHolding(2, 262_144)], [true, false])
        show(session, '1/1')
        assert.equal(isHolding(1, 3), false)
    })

    test('sends nothing before its admission', () => {
        const session = new Session()
        session.publish('a', 'b')
        assert.deepEqual(session.said(), [])
        session.push(governed('1/0', ADMISSION))
        assert.deepEqual(session.said(), ['1/1=a 1/2=b'])
    })

    test('settles only by its own identities, each once', () => {
        const session = admitted()
        session.publish('a', 'b')
        const other = committed('9/1', '1/1')
        session.push({ ...other, body: { ...other.body, immigrated: '8/0' } } as typeof other)
        session.push(committed('9/1', '7'), committed('9/2', '1/2'), committed('9/3', '2/1'))
        assert.deepEqual(session.settled(), [])
        show(session, '1/1', '1/1')
        assert.deepEqual(session.settled(), ['1 at 9/1'])
    })
})

describe('a publisher of version 2 with a lost batch', () => {
    test('goes back to the lost batch, after the earlier batches have appeared', () => {
        const session = admitted()
        session.publish('a', 'b', 'c')
        session.take()
        session.islander.sent('2', null)
        assert.deepEqual(session.said(), [], 'an earlier batch is in flight')
        show(session, '1/1')
        assert.deepEqual(session.said(), ['1/2=b 1/3=c'])
        session.islander.sent('3', null)
        assert.deepEqual(session.said(), [], 'the answer to an earlier dispatch changes nothing')
    })

    test('sends a batch that was overtaken again, behind the earlier batch', () => {
        const session = admitted()
        session.publish('a', 'b', 'c')
        session.take()
        session.islander.sent('2', null, 'gap')
        session.islander.sent('3', null, 'gap')
        assert.deepEqual([session.said(), session.islander.failures], [[], 0])
        session.islander.sent('1', { '1/1': '1/1' })
        assert.deepEqual([session.said(), session.islander.failures], [['1/2=b 1/3=c'], 0])
    })

    test('sends a batch that was overtaken again once the earlier batch has appeared', () => {
        const session = admitted()
        session.publish('a', 'b')
        session.take()
        session.islander.sent('2', null, 'gap')
        show(session, '1/1')
        assert.deepEqual(session.said(), ['1/2=b'])
    })

    test('goes back to the oldest value if a leader lacks what another leader took', () => {
        const session = admitted()
        session.publish('a', 'b')
        session.take()
        session.islander.sent('1', { '1/1': '1/1' })
        session.islander.sent('2', null, 'gap')
        assert.deepEqual([session.said(), session.islander.failures], [['1/1=a 1/2=b'], 1])
        assert.equal(windowOf(session).limit, 512, 'a gap says nothing about the size')
    })

    test('sends everything again after a collapse, and nothing after any other government', () => {
        const session = admitted()
        session.publish('a', 'b')
        session.islander.sent('1', { '1/1': '1/1' })
        session.take()
        session.push(governed('2/0', { map: { '1/1': '2/1' }, version: 2 }))
        assert.deepEqual(session.said(), [])
        collapse(session)
        assert.deepEqual(session.said(), ['1/1=a 1/2=b'])
    })

    test('sends everything again at a retry() without progress since the last one', () => {
        const session = admitted()
        session.publish('a', 'b')
        session.islander.sent('1', { '1/1': '1/1' })
        session.take()
        session.islander.retry()
        show(session, '1/1')
        session.islander.retry()
        assert.deepEqual(session.said(), [])
        session.islander.retry()
        assert.deepEqual([session.said(), session.islander.failures], [['1/2=b'], 1])
        show(session, '1/2')
        assert.equal(session.islander.isWaiting, false)
    })
})

describe('a publisher of version 2 whose batches fail', () => {
    /** The oldest batch in flight fails. */
    function fail(session: Session, refused: string | null = null): void {
        const [flight] = windowOf(session).flights
        session.islander.sent(flight?.cookie ?? assert.fail('nothing is in flight'), null, refused)
    }

    const sizes = (session: Session): number[] => {
        return windowOf(session).flights.map(({ count }) => count)
    }

    test('halves the batches, and increases them by a quarter as the log shows them', () => {
        const session = admitted()
        session.islander.publishAll(Array(600).fill('a'))
        assert.deepEqual(sizes(session), [512, 88])
        const shrunk: number[][] = []
        while (windowOf(session).limit > 1) {
            fail(session)
            session.islander.retry()
            shrunk.push(sizes(session))
        }
        assert.deepEqual(shrunk, [[256], [128], [64], [32], [16], [8], [4], [2], [1]])
        const grown: number[] = []
        for (let number = 1; number <= 600; number++) {
            show(session, `1/${number.toString(16)}`)
            grown.push(windowOf(session).limit)
        }
        assert.ok((grown.at(-1) ?? 0) > 256, `${grown.at(-1)}, although no receipts have come`)
        assert.equal(session.settled().length, 600)
    })

    test('tries again at once after the first failure, and then waits longer and longer', () => {
        const session = admitted()
        session.publish('a')
        const waits: unknown[] = []
        for (let failure = 1; failure <= 4; failure++) {
            fail(session)
            const { isPaused, failures, doublings } = session.islander
            waits.push([isPaused, failures, doublings])
            session.islander.retry()
        }
        assert.deepEqual(waits, [[false, 1, 0], [true, 2, 0], [true, 3, 1], [true, 4, 2]])
        assert.equal(session.said().length, 5)
        collapse(session)
        assert.deepEqual([session.said(), session.islander.failures], [['1/1=a'], 0])
    })

    test('gives a lone value up after three refusals, if the log shows no body', () => {
        const session = admitted()
        session.islander.publishAll(['bad', 'good'])
        for (const said of [['1/1=bad 1/2=good'], ['1/1=bad'], ['1/1=bad'], ['1/1=bad']]) {
            session.islander.retry()
            assert.deepEqual(session.said(), said)
            fail(session, '403')
        }
        assert.deepEqual(session.said(), ['1/1'])
        assert.deepEqual(session.islander.takeSettled(), [])
        session.push(committed('9/1', '1/1', null))
        assert.deepEqual(session.islander.takeSettled(), [
            { ticket: 1, promise: null, refused: '403' }
        ])
        assert.deepEqual(session.said(), ['1/2=good'])
    })

    test('does not give a value up that the log shows', () => {
        const session = admitted()
        session.publish('a')
        for (let refusal = 1; refusal <= 3; refusal++) {
            fail(session, '403')
            session.islander.retry()
        }
        session.push(committed('9/1', '1/1', 'a'))
        assert.deepEqual(session.islander.takeSettled(), [{ ticket: 1, promise: '9/1' }])
    })

    test('gives no value up for losses', () => {
        const session = admitted()
        session.publish('a')
        for (let loss = 1; loss <= 9; loss++) {
            fail(session)
            session.islander.retry()
        }
        assert.deepEqual(new Set(session.said()), new Set(['1/1=a']))
    })

    test('settles a barrier as any publish', () => {
        const session = admitted()
        session.publish(null)
        session.push(committed('9/1', '1/1', null))
        assert.deepEqual(session.settled(), ['1 at 9/1'])
    })
})
