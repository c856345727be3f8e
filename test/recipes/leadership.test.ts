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
        test(`never have two leaders of the ${of}`, async () => {
            for (let seed = 1; seed <= SEEDS; seed++) {
                const found = await leadershipLife({ seed, of })
                assert.deepEqual({ ...found, overlaps: 0, fallingTokens: 0, leaderless: 0 }, found)
                assert.ok(found.terms >= 1)
            }
        })
    }

    test('have tokens that rise although processes pause', async () => {
        let overlaps = 0
        for (let seed = 1; seed <= SEEDS; seed++) {
            const found = await leadershipLife({ seed, of: 'lease', pauses: true })
            assert.deepEqual({ ...found, fallingTokens: 0, leaderless: 0 }, found)
            overlaps += found.overlaps
        }
        // The signal of a paused leader aborts after the pause.
        assert.ok(SEEDS < 10 || overlaps > 0)
    })
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
