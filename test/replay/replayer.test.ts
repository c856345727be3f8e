import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Played } from '../../src/index.js'
import type { ReplayedInput } from '../../src/replay/replay-pass.js'
import { Replayer, type ReplayStep } from '../../src/replay/replayer.js'
import type { ReplayedState } from '../../src/replay/replayed-member.js'
import { draw } from '../simulation/draw.js'
import { Trial } from '../simulation/trial.js'
import { OWN_RUNS, RUNS } from '../support/runs.js'
import { island, rejects, replayerOf, threeMembers, watch } from './testimonies.js'
import { digest, type Testimony, textOf } from './witness.js'

/** Compares the state after each input with the state of the member in the past. */
async function compare(testimony: Testimony): Promise<number> {
    const { id, states } = testimony
    const replayer = await replayerOf(testimony)
    assert.equal(replayer.id, id)
    for (const [index, state] of states.entries()) {
        const step = replayer.step()
        assert.equal(step?.number, index + 1)
        assert.equal(digest(textOf(step.state)), state, `${id}, input ${index + 1}`)
    }
    assert.equal(replayer.step(), null)
    return states.length
}

describe('the replayed state equals the state of the member, byte for byte, after every input of',
    () => {
        for (const [name, run] of Object.entries({ ...RUNS, ...OWN_RUNS })) {
            test(name, async () => {
                for (const testimony of island(run)) {
                    assert.ok(await compare(testimony) > 0)
                }
            })
        }

        // Seeds with elections, exile, leaving, ceding, moves, disks and several versions.
        for (const seed of [12, 31, 104]) {
            test(`seed ${seed} of the simulator`, async () => {
                const testimonies = watch(() => new Trial(draw(seed)).run())
                assert.ok(testimonies.length > 1)
                for (const testimony of testimonies) {
                    await compare(testimony)
                }
            })
        }
    })

describe('a replayer', () => {
    const testimony = threeMembers()
    const { length } = testimony.states

    function stateAt(number: number): string | undefined {
        return testimony.states[number - 1]
    }

    test('goes back to every earlier state', async () => {
        const replayer = await replayerOf(testimony)
        await replayer.seek(length)
        for (let number = length - 1; number >= 1; number--) {
            const step = replayer.back()
            assert.equal(step?.number, number)
            assert.equal(digest(textOf(step.state)), stateAt(number))
        }
        assert.equal(replayer.back(), null)
        assert.equal(replayer.back(), null)
        assert.equal(replayer.number, 0)
        assert.equal(replayer.step()?.number, 1)
    })

    for (const checkpointsAhead of [true, false]) {
        const how = checkpointsAhead ? 'with' : 'without'
        test(`seeks any input, ${how} checkpoints ahead`, async () => {
            const replayer = await replayerOf(testimony, { checkpointsAhead })
            for (let draw = 1; draw <= 200; draw++) {
                const number = 1 + (draw * 48_271) % length
                const step = await replayer.seek(number)
                assert.equal(step?.number, number)
                assert.equal(digest(textOf(step.state)), stateAt(number))
                const played = JSON.parse(testimony.played[number - 1] ?? '') as Played
                assert.deepEqual(
                    [step.played.method, step.played.when], [played.method, played.when])
            }
            assert.equal(await replayer.seek(0), null)
        })
    }

    test('has the same steps with checkpoints that barely fit', async () => {
        const replayer = await Replayer.from(
            { recording: testimony.played }, { checkpointsMax: 1 }
        )
        await replayer.seek(length)
        for (const number of [1, length >> 1, length - 1]) {
            const step = await replayer.seek(number)
            assert.equal(step === null ? '' : digest(textOf(step.state)), stateAt(number))
        }
    })

    test('seeks the last input at or before an instant', async () => {
        const replayer = await replayerOf(testimony)
        const instants = testimony.played.map((line) => (JSON.parse(line) as Played).when)
        for (const index of [0, 7, length >> 1, length - 1]) {
            const instant = instants[index] ?? 0
            const step = await replayer.seek(new Date(instant))
            assert.equal(step?.number, instants.lastIndexOf(instant) + 1)
        }
        assert.equal(await replayer.seek(new Date(0)), null)
        assert.equal(replayer.number, 0)
        assert.equal((await replayer.seek(new Date(8e15)))?.number, length)
    })

    test('leaves the entries of a step unchanged by later steps', async () => {
        const replayer = await replayerOf(testimony)
        const steps: ReplayedInput[] = []
        const counts: number[] = []
        for await (const step of replayer.steps()) {
            steps.push(step)
            counts.push(step.entries.length)
        }
        assert.deepEqual(steps.map(({ entries }) => entries.length), counts)
    })

    test('names the instant of the next input', async () => {
        const replayer = await replayerOf(testimony)
        const steps: ReplayedInput[] = []
        for await (const step of replayer.steps({ from: 2, to: 40 })) {
            steps.push(step)
        }
        assert.deepEqual(steps.map(({ nextAt }) => nextAt),
            [...steps.slice(1).map(({ played }) => played.when), null])
    })

    test('seeks the input that adds an entry to the log', async () => {
        const replayer = await replayerOf(testimony)
        const entries = new Map<string, number>()
        for await (const { number, entries: added } of replayer.steps()) {
            for (const { promise } of added) {
                entries.set(promise, number)
            }
        }
        assert.ok(entries.size > 200)
        const other = await replayerOf(testimony)
        for (const [promise, number] of entries) {
            const step = await other.seek(promise)
            assert.equal(step?.number, number, promise)
            assert.ok(step.entries.some((entry) => entry.promise === promise))
        }
        await rejects(other.seek('1/ffff'), 'invalid-argument', /No input of the recording adds/)
        await rejects(other.seek('ff/0'), 'invalid-argument', /No input of the recording adds/)
    })

    test('returns the input, its outcome and all effects', async () => {
        const replayer = await replayerOf(testimony)
        const steps: ReplayedInput[] = []
        for await (const step of replayer.steps()) {
            steps.push(step)
        }
        assert.equal(steps.length, length)
        assert.equal(replayer.number, 0)
        const methods = new Set(steps.map(({ played }) => played.method))
        assert.ok(['birth', 'join', 'receive', 'sent', 'publishAll', 'published', 'event']
            .every((method) => methods.has(method as Played['method'])))
        const all = <T>(what: (step: ReplayedInput) => readonly T[]): readonly T[] => {
            return steps.flatMap(what)
        }
        assert.ok(all(({ calls }) => calls).length > 10)
        assert.ok(all(({ dispatches }) => dispatches).length > 2)
        assert.ok(all(({ appointments }) => appointments).some(({ body }) => body === 'resubmit'))
        assert.equal(all(({ settled }) => settled).length, 120)
        const answer = steps.find(({ played }) => played.method === 'receive')?.outcome
        assert.ok(typeof answer === 'object' && answer !== null && 'method' in answer)
    })

    test('continues from a state, and finds that earlier entries are not there', async () => {
        const replayer = await replayerOf(testimony)
        const half = length >> 1
        const step = await replayer.seek(half) as ReplayStep
        const state = JSON.parse(textOf(step.state)) as ReplayedState
        const rest = await Replayer.from({ state, recording: testimony.played.slice(half) })
        assert.equal(textOf(rest.state), textOf(step.state))
        await rejects(rest.seek('1/0'), 'trimmed', /begins after the entry 1\/0/)
        const last = await rest.seek(rest.last)
        assert.equal(last === null ? '' : digest(textOf(last.state)), stateAt(length))
        const still = await Replayer.from({ state })
        assert.equal(still.step(), null)
        assert.equal(textOf(still.state), textOf(step.state))
    })
})
