import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { WireCall } from '../../src/guard/envelope.js'
import { bent, deep, MEGABYTE, NONSENSE } from './hostile.js'
import { at, Island } from '../support/island.js'
import { differences, replay } from '../support/recording.js'
import { state } from '../support/refusal.js'

/** Three members with a history, so that every kind of call has been made. */
function settled(): Island {
    const island = new Island()
    island.settle('a', 'b', 'c')
    island.kibitzer('b').publish('x')
    island.level()
    return island
}

/** The last call of a method to a member. */
function lastCall(island: Island, method: WireCall['method'], to: string): WireCall {
    const passage = island.passages.findLast((each) => {
        return each.to === to && each.call.method === method
    })
    assert.ok(passage !== undefined)
    return passage.call
}

function rejections(island: Island, id: string): number {
    return Object.values(island.kibitzer(id).status().rejected).reduce((sum, n) => sum + n, 0)
}

/** Checks that a member rejects a call: the state and the recorded inputs stay the same. */
function assertTurnedAway(
    island: Island,
    id: string,
    call: unknown,
    expected: unknown = null
): void {
    const { kibitzer, recording } = island.resident(id)
    const [before, counted] = [state(kibitzer), rejections(island, id)]
    const played = recording.played.length
    let answer: unknown = 'none'
    kibitzer.request(call, (_error, result) => {
        answer = result
    })
    assert.deepEqual(answer, expected)
    assert.equal(state(kibitzer), before)
    assert.equal(recording.played.length, played)
    assert.equal(rejections(island, id), counted + 1)
}

/** The answer of a member to a call of another founding: the founding of the member, no more. */
function elsewhere(island: Island, id: string): unknown {
    const { republic, founding } = island.kibitzer(id).paxos
    return { method: 'unreachable', exiled: false, elsewhere: { id, republic, founding } }
}

/** Checks that the republic still commits entries, and that every recording replays. */
function assertUnharmed(island: Island): void {
    const expected = [...island.resident('a').recording.values, 'after']
    island.kibitzer('c').publish('after')
    island.level()
    for (const { kibitzer, recording } of island.residents) {
        assert.deepEqual(recording.values, expected)
        const replayed = replay({ id: kibitzer.id }, recording.played)
        assert.deepEqual(differences(recording.output, replayed), [])
    }
}

describe('a malformed call is rejected, counted, and changes no state:', () => {
    for (const [name, nonsense] of Object.entries(NONSENSE)) {
        test(name, () => {
            using island = settled()
            for (const { id } of island.residents) {
                assertTurnedAway(island, id, nonsense())
            }
            assertTurnedAway(island, 'a', { ...lastCall(island, 'enqueue', 'a'), body: nonsense() })
            assertUnharmed(island)
        })
    }

    test('undefined, null, and inherited properties', () => {
        using island = settled()
        assertTurnedAway(island, 'a', undefined)
        assertTurnedAway(island, 'a', null)
        assertTurnedAway(island, 'a', Object.create(lastCall(island, 'enqueue', 'a')))
        assertUnharmed(island)
    })

    for (const method of ['immigrate', 'enqueue', 'receive'] as const) {
        test(`${method} with an altered field`, () => {
            using island = settled()
            const id = method === 'receive' ? 'b' : 'a'
            for (const [name, call] of bent(lastCall(island, method, id))) {
                assert.doesNotThrow(() => assertTurnedAway(island, id, call()), name)
            }
            assertUnharmed(island)
        })
    }
})

describe('a call for another member is rejected, counted, and changes no state:', () => {
    for (const method of ['immigrate', 'enqueue', 'receive'] as const) {
        test(`${method} in another republic`, () => {
            using island = settled()
            const id = method === 'receive' ? 'b' : 'a'
            const call = lastCall(island, method, id)
            for (const republic of ['another', 7, '', '__proto__']) {
                const body = { ...call.body, republic }
                const expected = method === 'immigrate' ? null : elsewhere(island, id)
                assertTurnedAway(island, id, { ...call, body }, expected)
            }
            const stranger = island.land('stranger')
            assertTurnedAway(island, 'stranger', call)
            assert.equal(stranger.status().rejected['other-republic'], 1)
            island.crash('stranger')
            assertUnharmed(island)
        })
    }

    test('receive under another founding, or for another incarnation', () => {
        using island = settled()
        const { kibitzer, recording } = island.resident('b')
        const call = lastCall(island, 'receive', 'b')
        const before = state(kibitzer)
        for (const change of [
            { founding: 'another' },
            { to: { id: 'b', immigrated: '1/0' } },
            { to: { id: 'a', immigrated: '1/0' } },
            { to: { id: 'nobody', immigrated: 'ff/0' } }
        ]) {
            kibitzer.request({ ...call, body: { ...call.body, ...change } }, (_error, answer) => {
                const isOther = 'founding' in change
                const plain = { method: 'unreachable', exiled: false }
                assert.deepEqual(answer, isOther ? elsewhere(island, 'b') : plain)
            })
        }
        assert.equal(state(kibitzer), before)
        assert.deepEqual(kibitzer.status().rejected, { 'other-incarnation': 4 })
        assert.equal(recording.played.at(-1)?.method, 'receive')
        assertUnharmed(island)
    })

    test('entries whose publisher is no citizen, or has another incarnation', () => {
        using island = settled()
        const { kibitzer } = island.resident('a')
        const before = state(kibitzer)
        for (const entry of [
            { id: 'outsider', cookie: '1', body: 'x' },
            { id: 'constructor', cookie: '1', body: 'x' },
            { id: 'b', cookie: 'ff', immigrated: '1/0', body: 'x' },
            { id: 'b', cookie: '1', immigrated: '2/0', body: 'a cookie that was taken' }
        ]) {
            const body = { republic: 'republic', entries: [entry] }
            kibitzer.request({ module: 'kibitz', method: 'enqueue', body }, (_error, answer) => {
                assert.equal(answer, null)
            })
        }
        assert.equal(state(kibitzer), before)
        assertUnharmed(island)
    })

    test('an immigration under the id of another citizen', () => {
        using island = settled()
        const { kibitzer } = island.resident('a')
        const before = state(kibitzer)
        const from = { republic: 'republic', id: 'b', cookie: 'x', properties: at('x') }
        const body = { ...from, hops: 0, versions: [1, 2] }
        kibitzer.request({ module: 'kibitz', method: 'immigrate', body }, (_error, answer) => {
            assert.equal((answer as { enqueued: boolean }).enqueued, false)
        })
        // The leader notes the request: the citizen may have lost its disk. An answer ends that.
        const noted = state(kibitzer).replace('"returning":["b"]', '"returning":[]')
        assert.equal(noted, before)
        assertUnharmed(island)
        assert.deepEqual(kibitzer.paxos.inspect().returning, [])
    })
})

describe('a malformed answer counts as a missing answer:', () => {
    const answers = {
        ...NONSENSE,
        'an answer of another method': () => ({ method: 'exile', exiled: true }),
        'a receipt __proto__': () => JSON.parse('{"__proto__": "1/1", "1": 7}'),
        'a promise that is a megabyte': () => ({ method: 'unreachable', exiled: MEGABYTE }),
        'an outcome 200,000 deep': () => ({ enqueued: deep() })
    }
    for (const [name, nonsense] of Object.entries(answers)) {
        test(name, () => {
            using island = settled()
            const { kibitzer, recording } = island.resident('a')
            let bad = 0
            island.fate = ({ from }) => {
                const isBad = from === 'a' && bad === 0
                bad += isBad ? 1 : 0
                return isBad ? { answer: nonsense() } : null
            }
            kibitzer.publish('x')
            island.until(() => rejections(island, 'a') === 1)
            const sent = recording.played.findLast(({ method }) => method === 'sent')
            assert.ok(sent?.method === 'sent')
            assert.deepEqual(Object.values(sent.body.responses), [null])
            island.level()
            assertUnharmed(island)
        })
    }

    test('to a publish and to a join, repeatedly', async () => {
        using island = settled()
        const newcomer = island.land('d')
        island.fate = ({ call }) => (call.method === 'receive' ? null : { answer: deep() })
        const answers: unknown[] = []
        newcomer.join('republic', at('a'), at('d'), (_error, taken) => answers.push(taken))
        const published = island.kibitzer('b').publish('late')
        island.pass(10_000)
        assert.deepEqual(answers, [false])
        assert.equal(rejections(island, 'd'), 1)
        assert.ok(rejections(island, 'b') > 1 && rejections(island, 'b') < 20)
        island.fate = () => null
        island.crash('d')
        island.level()
        assertUnharmed(island)
        await published
    })
})

describe('garbage from a transport changes no state:', () => {
    for (const [name, garbage] of Object.entries({
        'text': 'garbage',
        'an empty object': {},
        'an answer to nothing': invocation('ffff'),
        'an answer under the cookie __proto__': invocation('__proto__'),
        'an answer under the cookie constructor': invocation('constructor'),
        'an answer under no cookie': invocation(undefined),
        'an answer that came before': invocation('1'),
        'an answer under a cookie that is a megabyte': invocation(MEGABYTE)
    })) {
        test(name, () => {
            using island = settled()
            const { kibitzer } = island.resident('a')
            const before = state(kibitzer)
            kibitzer.write.push(garbage as never)
            assert.equal(state(kibitzer), before)
            assertUnharmed(island)
        })
    }

    test('the end of the stream, after which the retries stay bounded', () => {
        using island = settled()
        const { kibitzer, recording } = island.resident('b')
        kibitzer.write.push(null)
        kibitzer.publish('never')
        const before = recording.played.length
        island.pass(10_000)
        assert.ok(recording.played.length - before < 400, `${recording.played.length - before}`)
        assert.equal(kibitzer.destroyed, false)
        kibitzer.destroy()
    })
})

function invocation(cookie: unknown): unknown {
    return { module: 'conduit/procedure', method: 'invocation', cookie, body: { enqueued: true } }
}
