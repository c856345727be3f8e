import assert from 'node:assert/strict'
import { describe, test, type TestContext } from 'node:test'
import type { KibitzError } from '../../src/base/errors.js'
import { Colleague, Kibitzer } from '../../src/index.js'
import { CalledWait } from '../../src/member/wait-list.js'
import { Waits } from '../../src/member/waits.js'
import { Counter } from '../colleague/counter.js'

interface Line {
    readonly call: string
    readonly count: number
    readonly waitedMs: number
    readonly reason: string
}

/** Waits on mocked timers, with the lines that they write. */
function watched(context: TestContext): { waits: Waits, lines: Line[], errors: KibitzError[] } {
    context.mock.timers.enable({ apis: ['setTimeout', 'Date'] })
    const [lines, errors] = [[] as Line[], [] as KibitzError[]]
    const logger = { warn: (_label: string, line: object) => void lines.push(line as Line) }
    const waits = new Waits(() => Date.now(), logger, (kind) => `no leader for the ${kind}`)
    context.after(() => waits.close())
    return { waits, lines, errors }
}

describe('the waits of a member', () => {
    test('write one line for a thousand calls, and one each minute', (context) => {
        const { waits, lines } = watched(context)
        for (let count = 0; count < 1000; count++) {
            waits.enter('publish', undefined, () => {})
        }
        waits.enter('barrier', undefined, () => {})
        context.mock.timers.tick(4_999)
        assert.deepEqual(lines, [])
        context.mock.timers.tick(1)
        assert.deepEqual(lines, [
            { call: 'publish', count: 1000, waitedMs: 5000, reason: 'no leader for the publish' },
            { call: 'barrier', count: 1, waitedMs: 5000, reason: 'no leader for the barrier' }
        ])
        context.mock.timers.tick(59_999)
        assert.equal(lines.length, 2)
        context.mock.timers.tick(1)
        assert.deepEqual(lines.map(({ waitedMs }) => waitedMs), [5000, 5000, 65_000, 65_000])
    })

    test('write no line while no single call waits for five seconds', (context) => {
        const { waits, lines } = watched(context)
        let last = waits.enter('publish', undefined, () => {})
        for (let second = 0; second < 60; second++) {
            context.mock.timers.tick(1000)
            const next = waits.enter('publish', undefined, () => {})
            waits.leave(last)
            last = next
        }
        assert.deepEqual(lines, [])
    })

    test('share the start of the turn, unless a call has a limit', (context) => {
        const { waits, errors } = watched(context)
        const calls = Array.from({ length: 3 }, () => {
            return new CalledWait('publish', (error) => void errors.push(error))
        })
        const [first, second, limited] = calls as [CalledWait, CalledWait, CalledWait]
        waits.addInner(first, undefined, false)
        context.mock.timers.tick(20)
        waits.addInner(second, undefined, true)
        waits.addInner(limited, 100, true)
        assert.equal(second.since, first.since)
        assert.equal(limited.since, first.since + 20)
        context.mock.timers.tick(99)
        assert.equal(errors.length, 0)
        context.mock.timers.tick(1)
        assert.deepEqual(errors.map(({ code }) => code), ['timed-out'])
    })

    test('write a line for the next long wait', (context) => {
        const { waits, lines } = watched(context)
        for (let round = 1; round < 3; round++) {
            const wait = waits.enter('publish', undefined, () => {})
            context.mock.timers.tick(6000)
            waits.leave(wait)
            waits.leave(wait)
            assert.equal(lines.length, round)
        }
    })

    test('end each call at its limit, with the reason', (context) => {
        const { waits, errors } = watched(context)
        const expire = (error: KibitzError): void => void errors.push(error)
        for (const limit of [3000, 1000, 2000, 1000]) {
            waits.enter('publish', limit, expire)
        }
        context.mock.timers.tick(1000)
        assert.deepEqual(errors.map(({ code }) => code), ['timed-out', 'timed-out'])
        assert.equal(errors[0]?.message, 'The publish has waited for 1.0 s, its limit: no '
            + 'leader for the publish. The entry may still appear in the log; look there before '
            + 'you publish it again.')
        context.mock.timers.tick(2000)
        assert.equal(errors.length, 4)
        assert.deepEqual(waits.all(), [])
    })

    test('use one timer for all calls', (context) => {
        const { waits } = watched(context)
        const armed = context.mock.method(globalThis, 'setTimeout')
        for (let count = 0; count < 10_000; count++) {
            waits.enter('publish', 30_000, () => {})
        }
        assert.equal(armed.mock.callCount(), 1)
    })

    test('show the oldest call of each kind', (context) => {
        const { waits } = watched(context)
        const oldest = waits.enter('publish', 9000, () => {})
        context.mock.timers.tick(1000)
        waits.enter('publish', undefined, () => {})
        context.mock.timers.tick(1000)
        const [shown] = waits.all()
        assert.deepEqual({ ...shown, since: 0 }, {
            kind: 'publish', count: 2, since: 0, waitedMs: 2000, reason: 'no leader for the publish'
        })
        waits.leave(oldest)
        assert.equal(waits.all()[0]?.waitedMs, 1000)
    })
})

/** A Colleague that reaches no other member. */
async function alone(
    options: { readonly publishTimeout?: number }
): Promise<Colleague<unknown, number>> {
    const colleague = new Colleague<unknown, number>({
        islandName: 'orders', colleagueId: 'a', application: new Counter(), logger: false,
        ...options
    })
    await colleague.attach(() => ({
        properties: { at: 'a' },
        ask: () => Promise.reject(new Error('no answer')),
        close: () => Promise.resolve()
    }))
    return colleague
}

describe('the limit of a call', () => {
    test('ends publish, publishAll and barrier of a Kibitzer', async () => {
        const kibitzer = new Kibitzer({ id: 'a', logger: false })
        kibitzer.listen()
        const calls = [
            kibitzer.publish(1, { timeout: 20 }),
            kibitzer.publishAll([1, 2], { timeout: 20 }),
            kibitzer.barrier({ timeout: 20 })
        ]
        assert.deepEqual(kibitzer.status().waits.map(({ kind, count }) => [kind, count]), [
            ['publish', 2], ['barrier', 1]
        ])
        for (const call of calls) {
            await assert.rejects(call, {
                code: 'timed-out', message: /limit: this member is not admitted to a republic/
            })
        }
        assert.deepEqual(kibitzer.status().waits, [])
        assert.equal(kibitzer.status().pending, 4)
        kibitzer.bootstrap('orders', null)
        await kibitzer.barrier({ timeout: 60_000 })
        assert.equal(kibitzer.status().pending, 0)
        kibitzer.destroy()
    })

    test('of a publish and a barrier of a Colleague is publishTimeout', async () => {
        const colleague = await alone({ publishTimeout: 20 })
        const calls = [
            colleague.publish({ add: 1 }), colleague.publishAll([{ add: 1 }]), colleague.barrier()
        ]
        for (const call of calls) {
            await assert.rejects(call, { code: 'timed-out' })
        }
        await colleague.bootstrap()
        assert.equal((await colleague.publish({ add: 1 }, { timeout: 60_000 })).result, 1)
        assert.deepEqual((await colleague.health())?.waits, [])
        colleague.destroy()
        await colleague.ended
    })

    test('of a publish does not make the Kibitzer count a call twice', async () => {
        const colleague = await alone({})
        const publishing = colleague.publish({ add: 1 })
        const { waits } = colleague.kibitzer
        assert.deepEqual(waits.all().map(({ kind, count }) => [kind, count]), [['publish', 1]])
        await colleague.bootstrap()
        await publishing
        assert.deepEqual(waits.all(), [])
        colleague.destroy()
        await colleague.ended
    })

    test('ends join and start, with the missing step', async () => {
        const colleague = await alone({})
        const through = ['127.0.0.1:1']
        await assert.rejects(colleague.join({ through, timeout: 40 }), {
            code: 'timed-out', message: /^The join has waited for .* call join again\.$/
        })
        const attach = (): never => assert.fail('a transport is attached already')
        const starting = colleague.start({ through, founders: ['a', 'b'], timeout: 400, attach })
        await assert.rejects(starting, {
            code: 'timed-out', message: /limit: waits for .*no answer.* call start again\.$/
        })
        colleague.destroy()
        await colleague.ended
    })

    test('must be a number of milliseconds', async () => {
        const kibitzer = new Kibitzer({ id: 'a' })
        assert.throws(() => kibitzer.publish(1, { timeout: 0 }), { code: 'invalid-argument' })
        const colleague = await alone({})
        await assert.rejects(colleague.publish(1, { timeout: -1 }), { code: 'invalid-argument' })
        colleague.destroy()
    })
})
