import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import type { JoinedHistory } from '../../src/replay/joined-history.js'
import { LongWork } from '../../src/replay/long-work.js'
import { recordedOutcome, runVariant } from '../../src/variant/run-variant.js'
import { variantOf } from '../../src/variant/variant-of.js'
import { VariantWorld } from '../../src/variant/variant-world.js'
import type { Variant, VariantChange } from '../../src/variant/variant.js'
import { leaderKilled, publishSecrets } from '../inspect/republics.js'
import { settleSeats } from '../support/runs.js'
import { island, rejects, replayerOf } from '../replay/testimonies.js'
import type { Testimony } from '../replay/witness.js'
import { historyOf, isPublish, numberOf, promiseOf, tryVariant } from './histories.js'

/** The members know a dead leader after this time, in milliseconds. */
const TIMEOUT_MS = 1000

/** The continuation draws its own latencies, so instants may differ, in milliseconds. */
const TOLERANCE_MS = 20

/** Three members; b publishes the numbers from 0 to 9, one each 30 milliseconds. */
function spacedPublishes(): readonly Testimony[] {
    return island((land) => {
        settleSeats(land, ['a', 'b', 'c'])
        for (let value = 0; value < 10; value++) {
            land.kibitzer('b').publish({ value })
            land.pass(30)
        }
        land.level()
    })
}

describe('a changed publish', () => {
    const testimonies = spacedPublishes()
    const at = { member: 'b', number: numberOf(testimonies, 'b', isPublish) }

    async function published(kind: VariantChange): Promise<readonly unknown[]> {
        const { changed, recordings } = await tryVariant(await historyOf(testimonies),
            { at, change: kind })
        assert.ok(changed.publishes.every(({ promise }) => promise !== null))
        const inputs = recordings.find(({ id }) => id === 'b')?.inputs ?? []
        return inputs.filter(isPublish).map(({ body }) => Reflect.get(Object(body), 'value'))
    }

    test('is dropped, doubled, delayed or reordered', async () => {
        const rest = [2, 3, 4, 5, 6, 7, 8, 9]
        assert.deepEqual(await published({ kind: 'nothing' }), [0, 1, ...rest])
        assert.deepEqual(await published({ kind: 'drop' }), [1, ...rest])
        assert.deepEqual(await published({ kind: 'double' }), [0, 0, 1, ...rest])
        assert.deepEqual(await published({ kind: 'delay', ms: 500 }), [1, ...rest, 0])
    })

    test('waits for the next input if it is reordered', async () => {
        const history = await historyOf(testimonies)
        const { recordings, difference } = await tryVariant(history,
            { at, change: { kind: 'reorder' } })
        const [first, second] = recordings.find(({ id }) => id === 'b')?.inputs ?? []
        assert.notEqual(first?.method, 'publish')
        assert.deepEqual(second?.body, { value: 0 })
        assert.deepEqual(difference?.unchanged?.body, { value: 0 })
    })

    test('is not made by a crashed member', async () => {
        const { changed, unchanged, recordings, difference } = await tryVariant(
            await historyOf(testimonies), { at, change: { kind: 'crash', member: 'b', ms: 500 } }
        )
        const inputs = recordings.find(({ id }) => id === 'b')?.inputs ?? []
        assert.equal(inputs[0]?.method, 'revive')
        assert.equal(unchanged.publishes.length, 10)
        assert.equal(changed.publishes.length, 0)
        assert.deepEqual([difference?.member, difference?.index], ['b', 1])
        assert.deepEqual(difference?.unchanged?.body, { value: 0 })
    })
})

describe('a continuation of a republic whose leader is killed', () => {
    const testimonies = leaderKilled()
    let history: JoinedHistory
    /** The publish of the value that the killed leader cannot send. */
    const last = numberOf(testimonies, 'a', ({ method, body }) =>
        method === 'publish' && JSON.stringify(body).includes('"last"'))
    before(async () => {
        history = await historyOf(testimonies)
    })

    test('follows the recording if nothing is changed', async () => {
        const tried = await tryVariant(history, { at: { member: 'a', number: last } })
        const recorded = await recordedOutcome(history, tried.variant)
        const { changed, unchanged, difference } = tried
        assert.equal(difference, null)
        assert.deepEqual(changed, unchanged)
        assert.ok(recorded.governments.length >= 3)
        for (const [index, { at, ...government }] of recorded.governments.entries()) {
            const { at: continuedAt = 0, ...continued } = changed.governments[index] ?? {}
            assert.deepEqual(continued, government)
            assert.ok(Math.abs(continuedAt - at) < TOLERANCE_MS, `${continuedAt}, not ${at}`)
        }
        const [gap] = recorded.gaps
        assert.equal(recorded.gaps.length, 1)
        assert.equal(changed.gaps.length, 1)
        assert.equal(changed.gaps[0]?.after, gap?.after)
        assert.ok(Math.abs((changed.gaps[0]?.to ?? 0) - (gap?.to ?? 0)) < TOLERANCE_MS)
        const settled = recorded.publishes.filter(({ promise }) => promise !== null)
        assert.ok(settled.length > 15)
        // The latencies are drawn, so the batches of two members may come in another order.
        for (const { member, ticket, promise } of settled) {
            assert.equal(promiseOf(changed, member, ticket)?.split('/')[0], promise?.split('/')[0])
        }
    })

    test('commits the last value of the leader in a whole network', async () => {
        // The recording lost the calls of the leader; the continuation has a whole network.
        const { changed } = await tryVariant(history, { at: { member: 'a', number: last } })
        assert.match(promiseOf(changed, 'a', 11) ?? '', /^[0-9a-f]+\/[0-9a-f]+$/)
    })

    test('crashes the leader: the others wait for a timeout, and elect', async () => {
        const at = { member: 'a', number: numberOf(testimonies, 'a', isPublish) }
        const { changed } = await tryVariant(history,
            { at, change: { kind: 'crash', member: 'a', ms: 60_000 } })
        const [gap] = changed.gaps
        assert.equal(gap?.before, 'a')
        assert.ok(gap.after === 'b' || gap.after === 'c')
        assert.ok(gap.to > 0.7 * TIMEOUT_MS && gap.to < 3 * TIMEOUT_MS, String(gap.to))
        assert.ok(changed.governments.every(({ leader }) => leader !== 'a'))
    })

    test('cuts a link', async () => {
        const at = { member: 'a', number: numberOf(testimonies, 'a', isPublish) }
        const { changed, recordings } = await tryVariant(history,
            { at, change: { kind: 'cut', members: ['b', 'a'], ms: 60_000 } })
        const inputs = recordings.find(({ id }) => id === 'b')?.inputs ?? []
        assert.ok(inputs.length > 0)
        assert.ok(inputs.every(({ method, body }) => method !== 'receive' || body.from.id !== 'a'))
        assert.equal(changed.governments[0]?.leader === 'a', false)
    })

    test('delays a timer', async () => {
        const number = numberOf(testimonies, 'b', ({ method, body }) =>
            method === 'event' && body.key === 'ping')
        const first = async (kind: VariantChange): Promise<number> => {
            const { recordings, variant } = await tryVariant(history,
                { at: { member: 'b', number }, change: kind })
            const inputs = recordings.find(({ id }) => id === 'b')?.inputs ?? []
            const ping = inputs.find(({ method, body }) =>
                method === 'event' && body.key === 'ping')
            return (ping?.when ?? 0) - variant.point.at
        }
        assert.equal(await first({ kind: 'nothing' }), 0)
        assert.equal(await first({ kind: 'delay', ms: 77 }), 77)
        assert.ok(await first({ kind: 'reorder' }) > 0)
    })

    test('two runs are equal, also after a way through JSON; another seed differs', async () => {
        const options = {
            at: { member: 'a', number: last }, durationMs: 3000,
            change: { kind: 'crash', member: 'a', ms: 2000 }
        } as const
        const variant = await variantOf(history, options)
        const { changed } = await runVariant(variant)
        const again = await runVariant(JSON.parse(JSON.stringify(variant)) as Variant)
        assert.deepEqual(again.changed, changed)
        const other = await runVariant(await variantOf(history, { ...options, seed: 2 }))
        assert.notEqual(other.changed.digest, changed.digest)
    })

    test('the inputs of a continuation replay to the same states', async () => {
        const variant = await variantOf(history, { at: { member: 'a', number: last } })
        const world = new VariantWorld(variant, { kind: 'crash', member: 'c', ms: 400 }, () => {})
        await world.run(new LongWork('The test', {}))
        assert.equal(world.processes.length, 4)
        for (const { id, inputs, member } of world.processes) {
            const begun = variant.members.find((each) => each.id === id)?.state ?? null
            const replayer = await replayerOf({
                id, start: begun === null ? null : JSON.stringify(begun), states: [],
                played: inputs.map((input) => JSON.stringify(input))
            })
            await replayer.seek(replayer.last)
            assert.equal(JSON.stringify(replayer.state), JSON.stringify(member.state()))
        }
    })

    test('a member without a recording stays silent', async () => {
        const others = await historyOf(testimonies.filter(({ id }) => id !== 'a'))
        const { variant, changed } = await tryVariant(others, { at: { member: 'b', number: 15 } })
        assert.deepEqual(variant.missing, ['a'])
        assert.equal(changed.gaps[0]?.before, null)
        assert.ok(changed.governments.every(({ leader }) => leader !== 'a'))
    })

    test('rejects impossible points, changes and variants, and changes nothing', async () => {
        const timer = numberOf(testimonies, 'b', ({ method }) => method === 'event')
        const at = { member: 'b', number: timer }
        const invalid = async (options: object, says: RegExp): Promise<void> =>
            await rejects(variantOf(history, { at, ...options }), 'invalid-argument', says)
        await invalid({ at: { member: 'x', number: 1 } }, /begins before an input/)
        await invalid({ at: { member: 'b', number: 99_999 } }, /begins before an input/)
        await invalid({ change: { kind: 'drop' } }, /A timer is always due once/)
        const birth = { member: 'b', number: 1 }
        await invalid({ at: birth, change: { kind: 'drop' } }, /start of a process/)
        await invalid({ change: { kind: 'crash', member: 'x', ms: 1 } }, /no recording of this/)
        await invalid({ change: { kind: 'cut', members: ['a', 'a'], ms: 1 } }, /two different/)
        await invalid({ change: { kind: 'delay', ms: 1e12 } }, /lasts 1 to/)
        await invalid({ change: { kind: 'explode' } }, /drop, delay, double, reorder, cut or crash/)
        await invalid({ durationMs: 1e12 }, /durationMs must be a whole/)
        const variant = await variantOf(history, { at, durationMs: 100 })
        const hostile = { member: 'b', number: 0, at: variant.point.at, input: {
            method: 'receive', body: { method: 'register', entries: 7 }
        } } as unknown as Variant['inputs'][number]
        await rejects(runVariant({ ...variant, inputs: [hostile] }), 'invalid-argument',
            /The input receive of the variant is not usable/)
        await rejects(runVariant({ ...variant, version: 2 } as unknown as Variant),
            'invalid-argument', /no variant of this version/)
        const members = variant.members.map((member) => ({ ...member, state: { paxos: 7 } }))
        await rejects(runVariant({ ...variant, members } as unknown as Variant),
            'journal-damaged', /no state of a member/)
        await rejects(runVariant(variant, { signal: AbortSignal.abort() }), 'aborted', /variant/)
    })
})

test('a call under way at the point arrives as recorded', async () => {
    const testimonies = island((land) => {
        settleSeats(land, ['a', 'b', 'c'])
        publishSecrets(land, 3)
        land.level()
    })
    const history = await historyOf(testimonies)
    const number = numberOf(testimonies, 'b', ({ method, body }) =>
        method === 'receive' && body.method === 'register' && body.entries.length > 1)
    const at = { member: 'b', number }
    const { variant, unchanged, changed, recordings } = await tryVariant(history,
        { at, change: { kind: 'drop' } })
    const arrival = variant.calls.flatMap(({ arrivals }) => arrivals)
        .find(({ member, number: input }) => member === 'b' && input === number)
    assert.equal(arrival?.at, variant.point.at)
    const inputs = recordings.find(({ id }) => id === 'b')?.inputs ?? []
    assert.ok(inputs.every(({ body }) => JSON.stringify(body) !== JSON.stringify(arrival?.body)))
    // The lost call costs time, and no value.
    assert.ok(unchanged.publishes.every(({ promise }) => promise !== null))
    assert.ok(changed.publishes.every(({ promise }) => promise !== null))
})
