import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Colleague, type ColleagueOptions, Kibitzer } from '../../src/index.js'
import '../support/silence.js'

/** An application that can hold back entries. */
class Slow {
    readonly applied: unknown[] = []
    busy = 0
    release: () => void = () => {}
    #gate: Promise<void> | null = null

    /** Holds back every entry until `release` is called. */
    hold(): void {
        this.#gate = new Promise((resolve) => {
            this.release = resolve
        })
    }

    async apply({ body }: { readonly body: unknown }): Promise<unknown> {
        this.busy++
        await this.#gate
        this.applied.push(body)
        this.busy--
        return body
    }

    snapshot(): string {
        return JSON.stringify(this.applied)
    }

    restore(): void {}
}

/** A Colleague with a transport that reaches no other member. */
async function made(application: Slow): Promise<Colleague<unknown, unknown>> {
    const options: ColleagueOptions = { islandName: 's', colleagueId: 'a', application }
    const colleague = new Colleague(options)
    await colleague.attach(() => ({
        properties: { at: 'a' },
        ask: () => Promise.reject(new Error('Nothing answers.')),
        close: () => Promise.resolve()
    }))
    return colleague
}

describe('the waits of a Colleague', () => {
    test('end if their signal aborts before the application has a state', async () => {
        const colleague = await made(new Slow())
        const controller = new AbortController()
        const { signal } = controller
        const waits = [
            colleague.publish(1, { signal }), colleague.publishAll([1], { signal }),
            colleague.barrier({ signal })
        ]
        controller.abort()
        for (const wait of waits) {
            await assert.rejects(wait, { code: 'aborted' })
        }
        colleague.destroy()
        await colleague.ended
    })

    test('end if their signal aborts while the application is slow', async () => {
        const application = new Slow()
        const colleague = await made(application)
        await colleague.bootstrap()
        application.hold()
        const controller = new AbortController()
        const { signal } = controller
        const waits = [
            colleague.publish(1, { signal }), colleague.publishAll([2], { signal }),
            colleague.barrier({ signal })
        ]
        while (application.busy === 0) {
            await new Promise(setImmediate)
        }
        controller.abort()
        for (const wait of waits) {
            await assert.rejects(wait, { code: 'aborted' })
        }
        application.release()
        await colleague.barrier()
        assert.deepEqual(application.applied, [1, 2])
        colleague.destroy()
        await colleague.ended
    })

    test('publish a copy of the value at the call', async () => {
        const application = new Slow()
        const colleague = await made(application)
        const value = { n: 1 }
        const values = [value]
        const publishes = [colleague.publish(value), colleague.publishAll(values)]
        value.n = 2
        values.push({ n: 3 })
        await assert.rejects(colleague.publish(new Map()), { code: 'invalid-argument' })
        await assert.rejects(colleague.publishAll([]), { code: 'invalid-argument' })
        await colleague.bootstrap()
        await Promise.all(publishes)
        assert.deepEqual(application.applied, [{ n: 1 }, { n: 1 }])
        colleague.destroy()
        await colleague.ended
    })

    test('have ended, and the last entry is applied, after `ended`', async () => {
        const application = new Slow()
        const colleague = await made(application)
        await colleague.bootstrap()
        application.hold()
        const publish = colleague.publish(1)
        while (application.busy === 0) {
            await new Promise(setImmediate)
        }
        colleague.destroy()
        let isOver = false
        const over = colleague.ended.then(() => {
            isOver = true
        })
        await assert.rejects(publish, { code: 'destroyed' })
        assert.equal((await colleague.health())?.isCurrent, false)
        assert.equal(isOver, false)
        application.release()
        await over
        assert.equal(application.busy, 0)
    })

    test('in requests end if their signal has aborted, with or without a free place', async () => {
        const colleague = await made(new Slow())
        const signal = AbortSignal.abort()
        const entering = colleague.requests.enter(() => assert.fail('It was served.'), { signal })
        await assert.rejects(entering, { code: 'aborted' })
        const work = 5 as never
        await assert.rejects(colleague.requests.enter(work), { code: 'invalid-argument' })
        colleague.destroy()
        await colleague.ended
    })
})

describe('a loop that awaits each publish', () => {
    for (const name of ['publish', 'publishAll', 'barrier'] as const) {
        test(`of a leader without co-voters lets other work run: ${name}`, async () => {
            const kibitzer = new Kibitzer({ id: 'a' })
            kibitzer.listen()
            kibitzer.bootstrap('r', null)
            let hasFired = false
            setImmediate(() => {
                hasFired = true
            })
            let count = 0
            for (; !hasFired && count < 100_000; count++) {
                await (name === 'barrier'
                    ? kibitzer.barrier()
                    : name === 'publish' ? kibitzer.publish(1) : kibitzer.publishAll([1]))
            }
            assert.ok(hasFired, `no other work ran during ${count} publishes`)
            kibitzer.destroy()
        })
    }
})
