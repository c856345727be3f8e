import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
    LIVE_METRICS, METRICS, type MetricSample, readAll, Replayer, series
} from '../../src/replay/index.js'
import { island, rejects, replayerOf, threeMembers } from '../replay/testimonies.js'

/** The values of a sample by name, and by name and attribute. */
function valuesOf(sample: MetricSample): Readonly<Record<string, number>> {
    return Object.fromEntries(readAll(sample).map(({ name, value, attributes }) =>
        [[name, ...Object.values(attributes)].join(' '), value]))
}

/** A sample with its values. */
type ValuedSample = MetricSample & { readonly values: Readonly<Record<string, number>> }

async function samplesOf(replayer: Replayer, stepMs: number): Promise<readonly ValuedSample[]> {
    const samples: ValuedSample[] = []
    for await (const sample of series(replayer, { stepMs })) {
        samples.push({ ...sample, values: valuesOf(sample) })
    }
    return samples
}

describe('the series of a recording', () => {
    test('has one sample for each interval with inputs, as of its end', async () => {
        const replayer = await replayerOf(threeMembers())
        const instants: number[] = []
        for await (const { played } of replayer.steps()) {
            instants.push(played.when)
        }
        const samples = await samplesOf(replayer, 500)
        const intervals = new Set(instants.map((when) => Math.floor(when / 500)))
        assert.equal(samples.length, intervals.size)
        for (const [index, { at, number, state, before }] of samples.entries()) {
            const isLast = index === samples.length - 1
            assert.equal(at, isLast ? instants.at(-1) : Math.ceil(at / 500) * 500)
            assert.equal(number, instants.filter((when) => isLast || when < at).length)
            assert.equal(state.when, instants[number - 1])
            assert.equal(before.inputs, samples[index - 1]?.number ?? 0)
        }
    })

    test('shows the loss of a leader and the next one', async () => {
        const samples = await samplesOf(await replayerOf(threeMembers()), 100)
        const roles = samples.map(({ values }) =>
            ['stranger', 'citizen', 'leader'].find((role) =>
                values[`kibitz.member.role ${role}`] === 1) ?? 'candidate')
        const settled = roles.filter((role) => role !== 'stranger' && role !== 'candidate')
        const changes = settled.filter((role, index) => role !== settled[index - 1])
        assert.deepEqual(changes, ['citizen', 'leader'])
        const last = samples.at(-1)?.values
        assert.equal(last?.['kibitz.collapses'], 1)
        assert.ok((last?.['kibitz.publisher.latency.count'] ?? 0) > 0)
        const ages = samples.map(({ values }) => values['kibitz.leader.age'] ?? 0)
        // The follower campaigns after a timeout; its last input comes up to a ping earlier.
        assert.ok(Math.max(...ages) >= 0.75, String(Math.max(...ages)))
        assert.ok(Math.max(...ages) < 3)
        assert.equal(last?.['kibitz.leader.age'], undefined)
        assert.ok((last?.['kibitz.quorum.age'] ?? 9) < 0.6)
    })

    test('shows the entries and bytes that a silent voter lacks', async () => {
        const [first] = island((land) => {
            land.settle('a', 'b', 'c')
            land.pass(500)
            land.fate = ({ from, to }) => (from === 'c' || to === 'c' ? 'lost' : null)
            land.kibitzer('a').publishAll(['x'.repeat(1000), 'y'.repeat(1000)])
            land.pass(700)
        })
        assert.ok(first !== undefined)
        const samples = await samplesOf(await replayerOf(first), 100)
        const lags = samples.map(({ values }) => values['kibitz.peer.lag.entries c'] ?? 0)
        const sizes = samples.map(({ values }) => values['kibitz.peer.lag.size c'] ?? 0)
        assert.equal(lags.at(-1), 2)
        assert.equal(lags[lags.indexOf(2) - 1], 0)
        assert.ok((sizes.at(-1) ?? 0) > 2000 && (sizes.at(-1) ?? 0) < 2400, String(sizes.at(-1)))
        assert.equal(samples.at(-1)?.values['kibitz.peer.lag.entries b'], 0)
    })

    test('counts on the age of the snapshot with which a recording begins', async () => {
        const testimony = threeMembers()
        const replayer = await replayerOf(testimony)
        const step = await replayer.seek(testimony.played.length >> 1)
        assert.ok(step !== null)
        const rest = await Replayer.from({
            state: step.state, recording: testimony.played.slice(step.number)
        })
        const [first] = await samplesOf(rest, 1000)
        const from = step.state.paxos.time.clock
        assert.equal(first?.values['kibitz.snapshot.age'], ((first?.at ?? 0) - from) / 1000)
        assert.equal((await samplesOf(replayer, 1000))[0]?.values['kibitz.snapshot.age'], undefined)
    })

    test('rejects a step that is no whole number of milliseconds', async () => {
        const replayer = await replayerOf(threeMembers())
        for (const stepMs of [0, 0.5, -1]) {
            await rejects(series(replayer, { stepMs }).next(), 'invalid-argument', /stepMs/)
        }
    })
})

test('every metric has a name, a unit and a description by the semantic conventions', () => {
    const names = [...METRICS, ...LIVE_METRICS].map(({ name }) => name)
    assert.equal(new Set(names).size, names.length)
    for (const { name, unit, description } of [...METRICS, ...LIVE_METRICS]) {
        assert.match(name, /^kibitz(?:\.[a-z]+)+$/)
        assert.match(unit, /^(?:1|s|By|\{[a-z]+\})$/)
        assert.match(description, /^[A-Z].*\.$/)
    }
})
