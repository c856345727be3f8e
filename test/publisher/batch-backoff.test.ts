import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Session } from './session.js'
import { committed, governed } from '../paxos/leader.js'
import '../support/silence.js'

describe('a publisher whose batches fail', () => {
    /** Lets the flush under way be taken, and appear. */
    const flush = (session: Session): void => {
        const cookie = session.islander.awaited ?? assert.fail()
        session.islander.sent(cookie, { [cookie]: `1/${cookie}` })
        session.push(committed(`1/${cookie}`, cookie, null))
    }
    /** Lets the batch under way fail, and the flush behind the batch appear. */
    const fail = (session: Session, refused: string | null = null): void => {
        session.islander.sent(session.islander.awaited ?? assert.fail(), null, refused)
        flush(session)
    }
    /** The number of values in the batch that is under way. */
    const size = (session: Session): number => session.islander.health().waiting

    /** Lets batches over a size fail until one fits, and tells the sizes. */
    const shrink = (session: Session, fits: number): number[] => {
        const sizes = [size(session)]
        while ((sizes.at(-1) ?? 0) > fits) {
            fail(session)
            session.islander.retry()
            sizes.push(size(session))
        }
        return sizes
    }

    test('halves the batch size down to one value, and increases it again by a quarter', () => {
        const session = new Session()
        session.publish(...Array(600).fill('a'))
        session.push(governed('1/0', { immigrate: { id: '0', properties: null, cookie: 0 } }))
        assert.deepEqual(shrink(session, 1), [512, 256, 128, 64, 32, 16, 8, 4, 2, 1])
        const grown: number[] = []
        while (size(session) !== 0) {
            const { seeking, awaited } = session.islander.state()
            const cookies = [seeking[0]?.cookie ?? '', seeking.at(-1)?.cookie ?? '']
            session.islander.sent(
                awaited ?? assert.fail(),
                Object.fromEntries(cookies.map((cookie) => [cookie, `2/${cookie}`]))
            )
            for (const { cookie } of seeking) {
                session.push(committed(`2/${cookie}`, cookie))
            }
            grown.push(size(session))
        }
        assert.deepEqual(grown.slice(0, 8), [2, 3, 4, 5, 7, 9, 12, 15])
        assert.equal(session.settled().length, 600)
    })

    test('keeps the full batch size after the failure of a single value', () => {
        const session = Session.admitted()
        session.publish('a')
        session.islander.sent('1', null)
        session.publish(...Array(600).fill('b'))
        flush(session)
        assert.equal(size(session), 512)
    })

    test('pauses from the second failure of a single value on, and counts each further one', () => {
        const session = Session.admitted()
        session.publish('a')
        const waits: unknown[] = []
        for (let miss = 1; miss <= 4; miss++) {
            fail(session)
            const { isPaused, isWaiting, failures } = session.islander
            waits.push([isPaused, isWaiting, failures])
            session.islander.retry()
        }
        assert.deepEqual(waits, [
            [false, true, 0], [true, true, 0], [true, true, 1], [true, true, 2]
        ])
    })

    test('sends nothing in a pause until a new leader comes after a collapse', () => {
        const session = Session.admitted()
        session.publish('a')
        for (let miss = 1; miss <= 2; miss++) {
            fail(session)
        }
        session.take()
        session.publish('b')
        assert.deepEqual(session.said(), [])
        session.push(governed('2/0', { map: null }))
        assert.deepEqual(session.said(), ['5=a 6=b'])
    })

    test('gives up a single value after three refusals, and sends the next value', () => {
        const session = Session.admitted()
        session.islander.publishAll(['bad', 'good', 'fine'])
        const refuse = (): void => {
            const { seeking } = session.islander.state()
            const isBad = seeking.some(({ body }) => body === 'bad')
            assert.ok(isBad)
            fail(session, '403')
        }
        for (const expected of [3, 1, 1, 1]) {
            assert.equal(size(session), expected)
            assert.deepEqual(session.islander.takeSettled(), [])
            refuse()
            session.islander.retry()
        }
        assert.deepEqual(session.islander.takeSettled(), [
            { ticket: 1, promise: null, refused: '403' }
        ])
        assert.equal(session.islander.state().seeking[0]?.body, 'good')
    })

    test('gives up no value for losses, and none before the flush has appeared', () => {
        const session = Session.admitted()
        session.publish('a')
        for (let miss = 1; miss <= 5; miss++) {
            fail(session)
            session.islander.retry()
        }
        for (let refusal = 1; refusal <= 3; refusal++) {
            assert.deepEqual(session.islander.takeSettled(), [])
            session.islander.sent(session.islander.awaited ?? assert.fail(), null, '403')
            if (refusal < 3) {
                flush(session)
                session.islander.retry()
            }
        }
        assert.deepEqual(session.islander.takeSettled(), [])
        const { seeking } = session.islander.state()
        session.push(committed('3/0', seeking[0]?.cookie ?? ''))
        assert.deepEqual(session.settled(), ['1 at 3/0'])
    })
})
