import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { HeldLease } from '../../src/recipes/held-lease.js'
import { WoundHost } from './wound-host.js'

/** A lease until 800 on the clock, without an answer to its extensions. */
function leaseOn({ host }: WoundHost): HeldLease {
    return new HeldLease('x', '1/0', 0, { ttl: 900, margin: 100 }, host, () =>
        new Promise(() => {}))
}

describe('the signal of a lease, before its timer runs', () => {
    test('is aborted at the first read after the end of the lease', () => {
        const clock = new WoundHost()
        const { signal } = leaseOn(clock)
        const calls: boolean[] = []
        signal.addEventListener('abort', () => calls.push(signal.aborted))
        clock.stall(799)
        assert.equal(signal.aborted, false)
        signal.throwIfAborted()
        clock.stall(1)
        assert.deepEqual(calls, [])
        assert.equal(signal.aborted, true)
        assert.deepEqual(calls, [true])
        assert.equal(signal.reason.code, 'timed-out')
    })

    test('throws, and has a reason, at the first read', () => {
        for (const read of [
            (signal: AbortSignal): unknown => signal.reason,
            (signal: AbortSignal): unknown => {
                const other = AbortSignal.any([signal])
                return signal.aborted && other.reason
            },
            (signal: AbortSignal): unknown => {
                try {
                    return signal.throwIfAborted()
                } catch (error) {
                    return error
                }
            }
        ]) {
            const clock = new WoundHost()
            const { signal } = leaseOn(clock)
            clock.stall(5000)
            assert.equal((read(signal) as { readonly code: string }).code, 'timed-out')
        }
    })

    test('is the reason of a fetch that begins after the end of the lease', async () => {
        const clock = new WoundHost()
        const { signal } = leaseOn(clock)
        clock.stall(5000)
        await assert.rejects(fetch('http://127.0.0.1:1/', { signal }), { code: 'timed-out' })
    })

    test('stays aborted if the extension appears later', async () => {
        const clock = new WoundHost()
        let isExtended: (isValid: boolean) => void = () => {}
        const lease = new HeldLease('x', '1/0', 0, { ttl: 900, margin: 100 }, clock.host, () =>
            new Promise((resolve) => { isExtended = resolve }))
        await clock.pass(301)
        clock.stall(600)
        assert.equal(lease.signal.aborted, true)
        isExtended(true)
        await clock.pass(100)
        assert.equal(lease.signal.aborted, true)
        assert.equal(lease.remainingMs, 0)
    })
})
