import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Monotonic } from '../../src/index.js'
import { ExampleMembers, type Member } from './example-members.js'

/** A lease, from the side of its holder. */
interface Held {
    readonly token: string
    /** The instant of the request, by the clock of this process. */
    readonly endsAt: number
}

async function acquire(member: Member, name: string, ttlMs: number): Promise<Held | null> {
    const endsAt = performance.now() + ttlMs
    const response = await member.ask(`acquire/${name}?ttl=${ttlMs}`, { method: 'POST' })
    assert.ok([200, 409].includes(response.status), String(response.status))
    const { token } = response.status === 200 ? await response.json() as Held : { token: null }
    return token === null ? null : { token, endsAt }
}

/** Asks until the service gives the lease. */
async function surely(member: Member, name: string, ttlMs: number): Promise<Held> {
    for (;;) {
        const held = await acquire(member, name, ttlMs)
        if (held !== null) {
            return held
        }
    }
}

describe('the lock service', { timeout: 120_000 }, () => {
    test('gives a lease to one holder at a time, with rising tokens', async () => {
        await using members = new ExampleMembers('lock')
        const a = await members.start('a')
        const b = await members.start('b', a)
        const c = await members.start('c', a)
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

    test('ends no lease before the holder does, also if the leader is killed', async () => {
        await using members = new ExampleMembers('lock')
        const a = await members.start('a')
        const b = await members.start('b', a)
        const c = await members.start('c', a)
        let held = await surely(b, 'disk', 1500)
        await a.tolerates(1)
        await a.kill()
        for (const member of [c, b, c]) {
            const next = await surely(member, 'disk', 1500)
            // By its own clock, the former holder had given up the lease before.
            assert.ok(performance.now() >= held.endsAt)
            assert.ok(Monotonic.compare(next.token, held.token) > 0)
            held = next
        }
    })
})
