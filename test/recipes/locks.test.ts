import assert from 'node:assert/strict'
import { once } from 'node:events'
import { describe, test } from 'node:test'
import type { ApplicationEntry } from '../../src/colleague/application.js'
import { type Lease, type LockCommand, type LockOutcome, Locks } from '../../src/recipes/index.js'
import { RecipeService } from './service.js'

type Service = RecipeService<{ locks: Locks }>

async function found(withJournal: boolean = false): Promise<Service> {
    const service = new RecipeService(() => ({ locks: new Locks() }), withJournal)
    await service.found('a', 'b', 'c')
    return service
}

/** Starts a use of the lock `x`; resolves when the routine runs. */
async function hold(service: Service, id: string, options: object = {}): Promise<{
    readonly lease: Lease, readonly end: () => void, readonly using: Promise<unknown>
}> {
    let end: () => void = () => {}
    const ended = new Promise<void>((resolve) => { end = resolve })
    let using: Promise<unknown> = Promise.resolve()
    const lease = await new Promise<Lease>((resolve, reject) => {
        using = service.at(id).locks.using('x', options, async (given) => {
            resolve(given)
            await ended
        })
        using.catch(reject)
    })
    return { lease, end, using }
}

/** Resolves when a member knows of this number of waiting requests. */
async function waiting(service: Service, id: string, count: number): Promise<void> {
    const { colleague, parts } = service.member(id)
    while (parts.locks.waiting('x') !== count) {
        await colleague.barrier()
    }
}

describe('locks of three members', { timeout: 60_000 }, () => {
    test('give the lock in the order of arrival, with tokens that rise', async () => {
        await using service = await found()
        const first = await hold(service, 'a')
        const order: string[] = []
        const tokens: string[] = [first.lease.token]
        const uses: Promise<void>[] = []
        for (const [index, id] of ['c', 'b', 'a', 'c'].entries()) {
            uses.push(service.at(id).locks.using('x', {}, ({ token }) => {
                order.push(id)
                tokens.push(token)
            }))
            await waiting(service, id, index + 1)
        }
        first.end()
        await Promise.all(uses)
        assert.deepEqual(order, ['c', 'b', 'a', 'c'])
        assert.equal(new Set(tokens).size, 5)
    })

    test('need no extension if the same process has released the lock', async () => {
        const commands: string[] = []
        class CountedLocks extends Locks {
            override apply(entry: ApplicationEntry<LockCommand>): LockOutcome {
                commands.push(entry.body.do)
                return super.apply(entry)
            }
        }
        await using service = new RecipeService((id) =>
            ({ locks: id === 'a' ? new CountedLocks() : new Locks() }))
        await service.found('a', 'b', 'c')
        const { end, using } = await hold(service, 'a')
        const next = Array.from({ length: 5 }, () =>
            service.at('a').locks.using('x', {}, ({ remainingMs }) => remainingMs))
        await waiting(service, 'a', 5)
        end()
        await using
        for (const remainingMs of await Promise.all(next)) {
            assert.ok(remainingMs > 0 && remainingMs <= 8000)
        }
        assert.equal(commands.includes('extend'), false)
        // The grant by another process is known late: the holder extends the lease first.
        const other = await hold(service, 'b')
        const last = service.at('a').locks.using('x', {}, () => 1)
        await waiting(service, 'b', 1)
        other.end()
        assert.equal(await last, 1)
        assert.equal(commands.includes('extend'), true)
    })

    test('publish nothing after a refused request', async () => {
        await using service = await found()
        const { end } = await hold(service, 'a')
        const { colleague, parts } = service.member('b')
        await assert.rejects(parts.locks.using('x', { wait: false }, () => 1), { code: 'refused' })
        assert.equal((await colleague.health()).pending, 0)
        end()
    })

    test('settle with the result or the error of the routine', async () => {
        await using service = await found()
        const { locks } = service.at('b')
        assert.equal(await locks.using('x', null, ({ name }) => name), 'x')
        const failing = locks.using('x', null, () => Promise.reject(new RangeError('mine')))
        await assert.rejects(failing, RangeError)
        assert.equal(await locks.using('x', { wait: false }, () => 2), 2)
    })

    test('end the lease in time if the member is cut off, and do not wait', async () => {
        await using service = await found()
        const [, other, third] = service.leaderAndOthers()
        assert.ok(other !== undefined && third !== undefined)
        const { lease, using, end } = await hold(service, other, { ttl: 1500 })
        const next = service.at(third).locks.using('x', { ttl: 1500 }, ({ token }) => {
            assert.ok(lease.signal.aborted)
            return token
        })
        await waiting(service, third, 1)
        service.network.isolate(other)
        await once(lease.signal, 'abort')
        assert.equal(lease.signal.reason.code, 'timed-out')
        assert.equal(lease.remainingMs, 0)
        end()
        // The release cannot reach the log, and the use ends all the same.
        await using
        assert.notEqual(await next, lease.token)
    })

    test('end the leases of an earlier process at once', async () => {
        await using service = await found(true)
        const [, other, third] = service.leaderAndOthers()
        assert.ok(other !== undefined && third !== undefined)
        const { lease, using } = await hold(service, other, { ttl: 600_000 })
        using.catch(() => {})
        await service.crash(other)
        assert.equal(lease.signal.aborted, true)
        const next = service.at(third).locks.using('x', {}, ({ token }) => token)
        await waiting(service, third, 1)
        await service.start(other)
        assert.notEqual(await next, lease.token)
    })

    test('pass the lock on after a crash of the holder', async () => {
        await using service = await found()
        const [leader, other, third] = service.leaderAndOthers()
        assert.ok(other !== undefined && third !== undefined)
        const { using } = await hold(service, leader, { ttl: 500 })
        using.catch(() => {})
        await service.crash(leader)
        assert.equal(await service.at(third).locks.using('x', {}, () => 'later'), 'later')
    })

    test('withdraw a request at its limit, at its signal and at a stop', async () => {
        await using service = await found()
        const { end } = await hold(service, 'a')
        const { locks } = service.at('b')
        const never = (): never => assert.fail('The routine must not run.')
        await assert.rejects(locks.using('x', { wait: false }, never), { code: 'refused' })
        await assert.rejects(locks.using('x', { timeout: 50 }, never), { code: 'timed-out' })
        await assert.rejects(locks.using('x', { permits: 2 }, never),
            { code: 'invalid-argument' })
        const controller = new AbortController()
        const aborting = locks.using('x', { signal: controller.signal }, never)
        await waiting(service, 'a', 1)
        controller.abort()
        await assert.rejects(aborting, { code: 'aborted' })
        await waiting(service, 'a', 0)
        const stopping = locks.using('x', {}, never)
        await waiting(service, 'a', 1)
        await Promise.all([
            assert.rejects(stopping, { code: 'aborted' }), service.member('b').composition.stop()
        ])
        await assert.rejects(locks.using('x', {}, never), { code: 'aborted' })
        end()
        assert.equal(await service.at('c').locks.using('x', {}, () => 1), 1)
    })

    test('release at a stop after the routine has ended', async () => {
        await using service = await found()
        const { lease, end } = await hold(service, 'a', { ttl: 600_000 })
        const stopping = service.member('a').composition.stop()
        assert.equal(lease.signal.aborted, true)
        const next = service.at('b').locks.using('x', {}, () => 'next')
        end()
        await stopping
        assert.equal(await next, 'next')
    })

    test('refuse mistakes', async () => {
        const locks = new Locks()
        await assert.rejects(locks.using('x', {}, () => 1),
            { code: 'invalid-argument', message: /belongs to no composition/ })
        for (const options of [{ ttl: 99 }, { ttl: 100, margin: 50 }, { tll: 1000 }]) {
            await assert.rejects(locks.using('x', options as object, () => 1),
                { code: 'invalid-argument' })
        }
        await assert.rejects(locks.using('', {}, () => 1), { code: 'invalid-argument' })
        assert.throws(() => new Locks({ locksMax: 0 }), { code: 'invalid-argument' })
    })
})
