import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Monotonic } from '../../src/index.js'
import { Household, type Member } from './household.js'

/** A lease, as its holder sees it. */
interface Held {
    readonly token: string
    /** From when it was asked for, by the clock of this process. */
    readonly endsAt: number
}

async function acquire(member: Member, name: string, ttlMs: number): Promise<Held | null> {
    const endsAt = performance.now() + ttlMs
    const response = await member.ask(`acquire/${name}?ttl=${ttlMs}`, { method: 'POST' })
    assert.ok([200, 409].includes(response.status), String(response.status))
    const { token } = response.status === 200 ? await response.json() as Held : { token: null }
    return token === null ? null : { token, endsAt }
}

/** Asks until it has the lease. */
async function surely(member: Member, name: string, ttlMs: number): Promise<Held> {
    for (;;) {
        const held = await acquire(member, name, ttlMs)
        if (held !== null) {
            return held
        }
    }
}

describe('the lock service', { timeout: 120_000 }, () => {
    test('gives a lease to one at a time, with tokens that rise', async () => {
        await using household = new Household('lock')
        const a = await household.start('a')
        const b = await household.start('b', a)
        const c = await household.start('c', a)
        const first = await acquire(a, 'disk', 60_000)
        assert.ok(first !== null)
        assert.equal(await acquire(b, 'disk', 60_000), null)
        const { status } = await b.ask(`release/disk?token=${first.token}`)
        assert.equal(status, 200)
        const second = await acquire(c, 'disk', 60_000)
        assert.ok(second !== null && Monotonic.compare(second.token, first.token) > 0)
        assert.equal((await a.ask(`release/disk?token=${first.token}`)).status, 409)
        const renewed = await a.ask(`renew/disk?token=${second.token}&ttl=100`)
        assert.equal(renewed.status, 200)
        assert.equal((await a.ask('frobnicate/disk')).status, 400)
    })

    test('ends no lease before its holder knows, also when its leader dies', async () => {
        await using household = new Household('lock')
        const a = await household.start('a')
        const b = await household.start('b', a)
        const c = await household.start('c', a)
        let held = await surely(b, 'disk', 1500)
        await a.tolerates(1)
        await a.kill()
        for (const member of [c, b, c]) {
            const next = await surely(member, 'disk', 1500)
            // The one who held it had given it up by then, by its own clock.
            assert.ok(performance.now() >= held.endsAt)
            assert.ok(Monotonic.compare(next.token, held.token) > 0)
            held = next
        }
    })
})
