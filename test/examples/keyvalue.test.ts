import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ExampleMembers, type Member } from './example-members.js'

function put(member: Member, key: string, value: unknown): Promise<Response> {
    return member.ask(key, { method: 'PUT', body: JSON.stringify(value) })
}

async function get(member: Member, path: string): Promise<unknown> {
    const { value } = await (await member.ask(path)).json() as { readonly value: unknown }
    return value
}

/** Puts a value, and asserts that the service acknowledges the value. */
async function putSurely(member: Member, key: string, value: unknown): Promise<void> {
    const response = await put(member, key, value)
    assert.equal(response.status, 200)
}

describe('the key-value service', { timeout: 120_000 }, () => {
    test('keeps every acknowledged value if a member is killed', async () => {
        await using members = new ExampleMembers('keyvalue')
        const a = await members.start('a')
        await putSurely(a, 'before', 'b and c came')
        const b = await members.start('b', a)
        const c = await members.start('c', b)
        // The newcomer has received the value with the state.
        assert.equal(await get(c, 'before'), 'b and c came')
        await putSurely(b, 'colour', 'green')
        assert.equal(await get(c, 'colour'), 'green')
        assert.equal((await put(c, 'colour', null)).status, 200)
        assert.equal(await get(a, 'colour'), null)
        await putSurely(c, 'colour', 'blue')
        await a.tolerates(1)
        await a.kill()
        // The barrier waits for the next leader, so the clients wait too.
        assert.equal(await get(b, 'colour'), 'blue')
        assert.equal(await get(c, 'colour?stale'), 'blue')
        await putSurely(b, 'after', 'a is gone')
        const again = await members.start('a', c, b)
        assert.equal(await get(again, 'after'), 'a is gone')
        assert.equal(await get(again, 'before'), 'b and c came')
    })

    test('shows its health, and refuses an unknown method', async () => {
        await using members = new ExampleMembers('keyvalue')
        const a = await members.start('a')
        const { islandName, colleagueId, role, tolerance } = await a.health()
        assert.deepEqual([islandName, colleagueId, role], ['keyvalue', 'a', 'leader'])
        assert.equal((tolerance as { readonly text: string }).text,
            '5 configured, 1 voting, tolerates 0')
        assert.equal((await a.ask('key', { method: 'PUT', body: '{' })).status, 400)
        assert.equal((await a.ask('key', { method: 'DELETE' })).status, 405)
        assert.equal(await get(a, 'key'), null)
    })
})
