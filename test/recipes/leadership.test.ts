import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Leadership, type LeadershipOptions } from '../../src/recipes/index.js'
import { leadershipLife } from './leadership-life.js'
import { RecipeService } from './service.js'

const SEEDS = Number(process.env['KIBITZ_RECIPE_SEEDS'] ?? 10)

function service(options: LeadershipOptions): RecipeService<{ leadership: Leadership }> {
    return new RecipeService(() => ({ leadership: new Leadership(options) }))
}

describe('the lives of a leadership', { timeout: 3_600_000 }, () => {
    for (const of of ['republic', 'lease'] as const) {
        for (const pauses of [false, true]) {
            const name = pauses ? ', also if processes pause' : ''
            test(`never have two leaders of the ${of}${name}`, async () => {
                for (let seed = 1; seed <= SEEDS; seed++) {
                    const found = await leadershipLife({ seed, of, pauses })
                    const right = { overlaps: 0, fallingTokens: 0, leaderless: 0 }
                    assert.deepEqual({ ...found, ...right }, found, `seed ${seed}`)
                    assert.ok(found.terms >= 1)
                }
            })
        }
    }
})

describe('a leadership of three members', { timeout: 60_000 }, () => {
    test('goes with the leader of the republic', async () => {
        await using members = service({ ttl: 1000 })
        await members.found('a', 'b', 'c')
        const terms: { id: string, signal: AbortSignal, token: string }[] = []
        let arrive: () => void = () => {}
        const begin = (id: string): void => {
            const { leadership } = members.at(id)
            leadership.whileLeading(async (signal, token) => {
                terms.push({ id, signal, token })
                arrive()
                await new Promise<never>((_, reject) => {
                    signal.addEventListener('abort', () => reject(signal.reason))
                })
            }).catch(() => {})
        }
        const termOf = async (count: number): Promise<void> => {
            while (terms.length < count) {
                await new Promise<void>((resolve) => { arrive = resolve })
            }
        }
        for (const id of ['a', 'b', 'c']) {
            begin(id)
        }
        await termOf(1)
        const [leader, next] = members.leaderAndOthers()
        assert.ok(next !== undefined)
        assert.equal(terms[0]?.id, leader)
        assert.equal(members.at(leader).leadership.leader?.token, terms[0]?.token)
        await members.member(leader).colleague.cede(next)
        await termOf(2)
        assert.equal(terms[1]?.id, next)
        assert.equal(terms[0]?.signal.aborted, true)
        await members.crash(next)
        await termOf(3)
        assert.equal(terms[2]?.id, members.leaderAndOthers()[0])
        await members.member(terms[2]?.id ?? '').composition.stop()
        assert.equal(terms[2]?.signal.aborted, true)
    })

    test('has ended at the first read of the signal after a stop of the process', async () => {
        let stoppedMs = 0
        await using members = new RecipeService(() => ({ leadership: new Leadership() }), false,
            { now: () => performance.now() + stoppedMs })
        await members.found('a')
        const terms: boolean[] = []
        const token = await members.at('a').leadership.whileLeading((signal, given) => {
            const earlier = AbortSignal.any([signal, AbortSignal.timeout(60_000)])
            terms.push(signal.aborted)
            if (terms.length === 1) {
                stoppedMs = 10_000
                // In Node 20 and 22, this call throws an internal error of Node.
                AbortSignal.any([earlier])
                signal.throwIfAborted()
                assert.fail('The signal must be aborted.')
            }
            return given
        })
        assert.deepEqual(terms, [false, false])
        assert.notEqual(token, '')
    })

    test('goes on to the next member when the routine ends, with its result or error', async () => {
        await using members = service({ ttl: 1000, of: 'lease' })
        await members.found('a', 'b', 'c')
        const results = await Promise.allSettled(['a', 'b', 'c'].map((id) =>
            members.at(id).leadership.whileLeading((_, token) => {
                if (id === 'b') {
                    throw new RangeError('mine')
                }
                return token
            })))
        const [a, b, c] = results
        assert.ok(a?.status === 'fulfilled' && c?.status === 'fulfilled')
        assert.notEqual(a.value, c.value)
        assert.ok(b?.status === 'rejected' && b.reason instanceof RangeError)
    })

    test('ends with the signal of the caller, and refuses mistakes', async () => {
        await using members = service({ ttl: 1000, of: 'lease' })
        await members.found('a')
        const controller = new AbortController()
        const { leadership } = members.at('a')
        const leading = leadership.whileLeading((signal) => {
            controller.abort()
            assert.equal(signal.aborted, true)
            signal.throwIfAborted()
        }, { signal: controller.signal })
        await assert.rejects(leading, { code: 'aborted' })
        await assert.rejects(leadership.whileLeading(null as never), { code: 'invalid-argument' })
        await assert.rejects(new Leadership().whileLeading(() => {}),
            { code: 'invalid-argument' })
        assert.throws(() => new Leadership({ of: 'us' as never }), { code: 'invalid-argument' })
        assert.equal(new Leadership().leader, null)
    })
})
