import assert from 'node:assert/strict'
import { AsyncLocalStorage } from 'node:async_hooks'
import { describe, test } from 'node:test'
import { ApplicationCalls } from '../../src/colleague/application-calls.js'

const ASYNC = { apply: async () => {}, governed: () => {} }

function inside(calls: ApplicationCalls): boolean {
    try {
        calls.rejectInside('publish')
        return false
    } catch {
        return true
    }
}

describe('the calls of asynchronous applications', () => {
    test('share one storage, because each storage makes every promise slower', async (context) => {
        const { run } = AsyncLocalStorage.prototype
        const used = new Set<unknown>()
        context.after(() => { AsyncLocalStorage.prototype.run = run })
        AsyncLocalStorage.prototype.run = function (
            this: AsyncLocalStorage<unknown>, ...given: never[]
        ) {
            used.add(this)
            return run.apply(this, given as never)
        } as typeof run
        for (let count = 0; count < 5; count++) {
            await new ApplicationCalls(ASYNC).run(async () => {})
        }
        assert.equal(used.size, 1)
    })

    test('are told apart, also if one begins inside the other', async () => {
        const [one, other] = [new ApplicationCalls(ASYNC), new ApplicationCalls(ASYNC)]
        const seen: unknown[] = []
        let inner: unknown
        let endInner: () => void = () => {}
        await one.run(async () => {
            await null
            seen.push([inside(one), inside(other)])
            inner = other.run(async () => {
                await null
                seen.push([inside(one), inside(other)])
                await new Promise<void>((resolve) => { endInner = resolve })
                seen.push([inside(one), inside(other)])
                // A call that begins here is inside of no call that has ended.
                await one.run(async () => {
                    await null
                    seen.push([inside(one), inside(other)])
                })
                seen.push([inside(one), inside(other)])
            })
            await new Promise(setImmediate)
        })
        endInner()
        await inner
        seen.push([inside(one), inside(other)])
        assert.deepEqual(seen, [
            [true, false], [true, true], [false, true], [true, true], [false, true], [false, false]
        ])
    })
})
