import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { MOUNTS, type Mount, SIGNED } from './mounts.js'
import { behindNginx, whyNoNginx } from './nginx.js'
import { Republic } from './republic.js'
import { LARGE, values } from './values.js'

/** How many drawn values each publisher of a republic publishes. */
const COUNT = 20

/** Publishes values at the leader and at a follower, one after the other, then many at once. */
async function carry(mount: Mount, isSigned: boolean = false): Promise<void> {
    const republic = await Republic.found(mount, isSigned)
    try {
        const [leader, follower] = republic.members
        assert.ok(leader && follower)
        const [first, ...others] = LARGE
        const plan = [[leader, first, others], [follower, others[0], [first]]] as const
        const sent: string[] = []
        await Promise.all(plan.map(async ([member, large, rest]) => {
            const all = [...values(COUNT), ...rest]
            sent.push(...[large, ...all].map((value) => JSON.stringify(value)))
            await member.publish(large)
            await member.publishAll(all)
        }))
        const [log, ...logs] = await republic.logs()
        assert.deepEqual(logs, [log, log])
        const [expected, found] = [sent.sort(), [...(log ?? [])].sort()]
        const differs = expected.findIndex((text, index) => text !== found[index])
        assert.equal(found[differs]?.slice(0, 200), expected[differs]?.slice(0, 200))
        assert.equal(found.length, expected.length)
    } finally {
        republic.close()
    }
}

describe('a republic of three with default limits', () => {
    for (const [name, mount] of Object.entries(MOUNTS)) {
        test(`carries every value through ${name}`, () => carry(mount))
    }

    for (const [name, mount] of Object.entries(SIGNED)) {
        test(`carries every value under a key through ${name}`, () => carry(mount, true))
    }

    for (const [name, directives] of [
        ['nginx as shipped', ''],
        ['nginx with a limit of 16 KB', 'client_max_body_size 16k;'],
        ['nginx without buffers', 'proxy_request_buffering off; proxy_http_version 1.1;']
    ] as const) {
        test(`carries every value through ${name}`, async () => {
            const reason = whyNoNginx()
            if (reason !== null) {
                console.warn(reason)
                return
            }
            await carry(behindNginx(directives))
        })
    }
})
