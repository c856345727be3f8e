import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import type { ApplicationEntry } from '../../src/colleague/application.js'
import { type RateCommand, RateLimit, type RateOutcome } from '../../src/recipes/index.js'
import { fromLines, toLines } from '../../src/recipes/lines.js'
import type { PartHost } from '../../src/recipes/part.js'
import { RateTable } from '../../src/recipes/rate-table.js'
import { chunksOf } from './chunks-of.js'
import { type RateFindings, rateLife } from './rate-life.js'
import { RecipeService } from './service.js'

/** `KIBITZ_RECIPE_SEEDS` lives of each kind; 10 in `npm test`. */
const SEEDS = Number(process.env['KIBITZ_RECIPE_SEEDS'] ?? 10)

const LIMIT = 4
const PER = 40

const commands = fc.array(fc.record({
    key: fc.constantFrom('p', 'q', 'r', 's', 't', 'u', '__proto__'),
    cost: fc.integer({ min: 1, max: LIMIT }),
    at: fc.integer({ min: 0, max: 300 })
}), { maxLength: 60 })

/** The buckets, each with all its permits, in tenths of a permit: one comes back in each ms. */
class Model {
    time = 0
    readonly #tenths = new Map<string, number>()

    take(key: string, cost: number, at: number): [isTaken: boolean, remaining: number] {
        for (; this.time < at; this.time++) {
            for (const [name, tenths] of this.#tenths) {
                this.#tenths.set(name, Math.min(tenths + 1, LIMIT * 10))
            }
        }
        const tenths = this.#tenths.get(key) ?? LIMIT * 10
        const isTaken = tenths >= cost * 10
        const left = isTaken ? tenths - cost * 10 : tenths
        this.#tenths.set(key, left)
        return [isTaken, Math.floor(left / 10)]
    }
}

function entryOf(body: RateCommand, index: number): ApplicationEntry<RateCommand> {
    return { promise: `1/${index + 1}`, publisher: 'a', immigrated: '1/0', body }
}

describe('the state of a rate limit', () => {
    test('agrees with a model, also after a snapshot at any step', async () => {
        await fc.assert(fc.asyncProperty(commands, fc.nat(60), async (taken, cut) => {
            const model = new Model()
            let table = new RateTable()
            for (const [index, some] of taken.entries()) {
                if (index === cut) {
                    const copy = new RateTable()
                    await copy.restore(fromLines(chunksOf(table.snapshot())))
                    assert.equal([...toLines(copy.snapshot())].join(''),
                        [...toLines(table.snapshot())].join(''))
                    table = copy
                }
                const body = { ...some, limit: LIMIT, per: PER, keysMax: 100 }
                table.validate(body)
                const { state, remaining, retryAfterMs } = table.apply(entryOf(body, index))
                assert.deepEqual([state === 'taken', remaining],
                    model.take(some.key, some.cost, some.at))
                assert.equal(table.time, model.time)
                const later = { ...body, at: table.time + retryAfterMs }
                assert.equal(table.outcomeOf(later).state === 'taken' || state === 'taken', true)
                const early = { ...body, at: table.time + retryAfterMs - 1 }
                assert.equal(state === 'refused' && table.outcomeOf(early).state === 'taken', false)
            }
        }), { numRuns: 300 })
    })

    test('forgets full buckets, and refuses more keys than the bound', () => {
        const table = new RateTable()
        const take = (key: string, at: number): RateOutcome['state'] => table.apply(
            entryOf({ key, cost: 1, limit: 1, per: 10, at, keysMax: 3 }, 0)).state
        assert.deepEqual(['p', 'q', 'r', 's'].map((key) => take(key, 0)),
            ['taken', 'taken', 'taken', 'full'])
        assert.equal(take('s', 9), 'full')
        assert.equal(take('p', 9), 'refused')
        assert.equal(take('s', 10), 'taken')
        assert.equal(table.count, 1)
    })
})

/** A rate limit whose estimates count twice the time. */
class HastyRateLimit extends RateLimit {
    override apply(entry: ApplicationEntry<RateCommand>): RateOutcome {
        const { body } = entry
        return super.apply({ ...entry, body: { ...body, at: body.at * 2 } })
    }
}

describe('the lives of a rate limit', { timeout: 3_600_000 }, () => {
    const lives = async (options: Partial<Parameters<typeof rateLife>[0]>): Promise<
        RateFindings[]
    > => {
        const found: RateFindings[] = []
        for (let seed = 1; seed <= SEEDS; seed++) {
            found.push(await rateLife({ seed, ...options }))
        }
        return found
    }

    for (const pauses of [false, true]) {
        test(`never exceed the rate, ${pauses ? 'with' : 'without'} pauses`, async () => {
            for (const life of await lives({ pauses })) {
                assert.deepEqual({ ...life, excesses: 0, withheld: 0 }, life)
                // The slowest clock would allow 10 + 19,000 / 200 permits.
                assert.ok(life.allowed > 60 && life.attempts > life.allowed, JSON.stringify(life))
            }
        })
    }

    test('show a time that runs too fast', async () => {
        const found = await lives({ make: (rate) => new HastyRateLimit(rate) })
        assert.ok(found.every(({ excesses }) => excesses > 0), JSON.stringify(found))
    })

    test('show a clock whose rate differs by half', async () => {
        const found = await lives({ rates: [1.5, 1, 1] })
        assert.ok(found.every(({ excesses }) => excesses > 0), JSON.stringify(found))
    })
})

describe('two members that start apart', () => {
    /** The permits of two members within one instant, the second of them started earlier. */
    async function permitsAfter(apartMs: number): Promise<number> {
        let entries = 0
        const parts = [1, 2].map(() => new RateLimit({ limit: 20, per: 2000 }))
        for (const [index, part] of parts.entries()) {
            let clock = 0
            const publish = (body: unknown): Promise<unknown> => {
                const entry = entryOf(body as RateCommand, entries++)
                return Promise.resolve({ result: parts.map((each) => each.apply(entry))[index] })
            }
            part.attach({ now: () => clock, publish } as unknown as PartHost)
            clock = 5000 + index * apartMs
        }
        const takes = [...Array(25).fill(parts[0]), ...Array(25).fill(parts[1])] as RateLimit[]
        let permits = 0
        for (const part of takes) {
            permits += (await part.take('x')).isAllowed ? 1 : 0
        }
        return permits
    }

    test('give the permits of the time between their starts once more', async () => {
        assert.equal(await permitsAfter(0), 20)
        assert.equal(await permitsAfter(200), 22)
        assert.equal(await permitsAfter(60_000), 40)
    })
})

describe('a rate limit of three members', { timeout: 60_000 }, () => {
    test('counts the permits of all members together', async () => {
        await using service = new RecipeService(() => ({
            logins: new RateLimit({ limit: 10, per: 3_600_000 })
        }))
        await service.found('a', 'b', 'c')
        const answers = await Promise.all(['a', 'b', 'c'].flatMap((id) =>
            Array.from({ length: 8 }, () => service.at(id).logins.take('ann'))))
        assert.equal(answers.filter(({ isAllowed }) => isAllowed).length, 10)
        const refused = answers.find(({ isAllowed }) => !isAllowed)
        assert.ok(refused !== undefined && refused.retryAfterMs > 0 && refused.remaining === 0)
        assert.ok(refused.retryAfterMs <= 360_000, `${refused.retryAfterMs}`)
        const { logins } = service.at('b')
        assert.deepEqual(await logins.take('bob', { cost: 4 }),
            { isAllowed: true, remaining: 6, retryAfterMs: 0 })
        assert.equal(logins.remaining('bob'), 6)
        assert.equal(logins.remaining('carl'), 10)
        assert.equal(logins.count, 2)
        assert.equal((await logins.take('bob', { cost: 7 })).isAllowed, false)
        await assert.rejects(logins.take('bob', { cost: 11 }), { code: 'invalid-argument' })
        await assert.rejects(logins.take(''), { code: 'invalid-argument' })
    })

    test('answers a known refusal without an entry', async () => {
        await using service = new RecipeService(() => ({
            logins: new RateLimit({ limit: 2, per: 3_600_000 })
        }))
        await service.found('a')
        const { parts: { logins }, colleague } = service.member('a')
        await logins.take('x', { cost: 2 })
        const before = colleague.kibitzer.status().committed
        assert.equal((await logins.take('x')).isAllowed, false)
        assert.equal(colleague.kibitzer.status().committed, before)
    })

    test('gives permits back in time', async () => {
        await using service = new RecipeService(() => ({
            logins: new RateLimit({ limit: 2, per: 200 })
        }))
        await service.found('a')
        const { logins } = service.at('a')
        const startedAt = performance.now()
        await logins.take('x', { cost: 2 })
        let answer = await logins.take('x')
        while (!answer.isAllowed) {
            const { retryAfterMs } = answer
            assert.ok(retryAfterMs >= 1 && retryAfterMs <= 100, `${retryAfterMs}`)
            await new Promise(setImmediate)
            answer = await logins.take('x')
        }
        assert.ok(performance.now() - startedAt >= 98)
    })

    test('keeps its state and its time over a restart', async () => {
        await using service = new RecipeService(() => ({
            logins: new RateLimit({ limit: 3, per: 3_600_000, keysMax: 1 })
        }), true)
        await service.found('a')
        assert.equal((await service.at('a').logins.take('x', { cost: 3 })).isAllowed, true)
        await service.crash('a')
        await service.start('a')
        const { logins } = service.at('a')
        assert.equal((await logins.take('x')).isAllowed, false)
        await assert.rejects(logins.take('y'), { code: 'overloaded' })
    })

    test('refuses mistakes', async () => {
        const wrong = { code: 'invalid-argument' }
        assert.throws(() => new RateLimit({ limit: 1 } as never), wrong)
        assert.throws(() => new RateLimit({ limit: 0, per: 1 }), wrong)
        await assert.rejects(new RateLimit({ limit: 1, per: 1 }).take('x'), wrong)
        assert.equal(new RateLimit({ limit: 5, per: 1 }).remaining('x'), 5)
    })
})
