import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { Kibitzer } from '../../src/index.js'
import { FileJournal } from '../../src/journal/file-journal.js'
import { metricsOf } from '../../src/member/member-parts.js'
import { measure, type MeasuredState, readAll, Replayer } from '../../src/replay/index.js'
import { island, replayerOf } from '../replay/testimonies.js'
import type { Island } from '../support/island.js'
import { RUNS } from '../support/runs.js'
import '../support/silence.js'

async function fold(replayer: Replayer): Promise<MeasuredState> {
    let state = replayer.measured
    for await (const input of replayer.steps()) {
        state = measure(state, input)
    }
    return state
}

/** Measures every member of an island from its birth on. */
function measuredLives(land: Island): readonly Kibitzer[] {
    const members: Kibitzer[] = []
    const plain = land.land.bind(land)
    Object.assign(land, {
        land: (id: string) => {
            const kibitzer = plain(id)
            metricsOf(kibitzer).add(() => {})
            members.push(kibitzer)
            return kibitzer
        }
    })
    return members
}

async function end(kibitzer: Kibitzer): Promise<void> {
    const ended = new Promise((resolve) => {
        kibitzer.destruction.wait(resolve)
    })
    kibitzer.destroy()
    await ended
}

describe('the live fold', () => {
    for (const name of [
        'immigration, naturalization and growth to five, under load',
        'the death of the leader in the midst of everything',
        'lost calls, lost answers and crashes, seed 6',
        'lost calls, lost answers and crashes, seed 9'
    ]) {
        test(`has the state of the fold over the recording: ${name}`, async () => {
            let members: readonly Kibitzer[] = []
            const testimonies = island((land) => {
                members = measuredLives(land)
                RUNS[name]?.(land)
            })
            assert.equal(testimonies.length, members.length)
            let batches = 0
            for (const [index, testimony] of testimonies.entries()) {
                const member = members[index]
                assert.ok(member !== undefined)
                const { state } = metricsOf(member).moment()
                assert.deepEqual(state, await fold(await replayerOf(testimony)), member.id)
                batches += state.batches.count
            }
            assert.ok(batches > 10)
        })
    }

    test('has the state of the fold over the journal, also after a snapshot', async () => {
        const folder = mkdtempSync(join(tmpdir(), 'live-metrics-'))
        for (const life of [1, 2, 3]) {
            const kibitzer = new Kibitzer({ id: 'a', journal: new FileJournal(folder) })
            const metrics = metricsOf(kibitzer)
            metrics.add(() => {})
            const { recovered } = await kibitzer.recover()
            kibitzer.listen()
            if (!recovered) {
                kibitzer.bootstrap('r', {})
            }
            const { promise } = await kibitzer.publish({ life })
            await kibitzer.publishAll([1, 2, 3])
            const { snapshotAt } = metrics.moment().state
            if (life === 2) {
                await kibitzer.snapshot(promise, 'the state')
                assert.ok((metrics.moment().state.snapshotAt ?? 0) > 0)
                assert.equal(snapshotAt, null)
            }
            if (life === 3) {
                const ages = readAll(metrics.moment()).filter(({ name }) =>
                    name === 'kibitz.snapshot.age')
                assert.ok((ages[0]?.value ?? -1) >= 0)
            }
            await end(kibitzer)
            const { state } = metrics.moment()
            const replayed = await fold(await Replayer.from({ journal: folder }))
            // The snapshot of the second life stands for all earlier inputs.
            const isWhole = life !== 2
            assert.deepEqual(isWhole ? state : { ...replayed, inputs: 0 },
                isWhole ? replayed : { ...replayed, inputs: 0 })
            assert.equal(state.starts, life === 2 ? 2 : 1)
        }
        rmSync(folder, { recursive: true })
    })

    test('runs only while there is a listener', async () => {
        const kibitzer = new Kibitzer({ id: 'a' })
        const metrics = metricsOf(kibitzer)
        let calls = 0
        const leave = metrics.add(() => calls++)
        const leaveToo = metrics.add(() => calls++)
        kibitzer.listen()
        kibitzer.bootstrap('r', {})
        assert.ok(calls >= 4)
        leaveToo()
        const before = calls
        await kibitzer.publish(1)
        assert.ok(calls > before)
        leave()
        leave()
        const last = calls
        await kibitzer.publish(2)
        assert.equal(calls, last)
        kibitzer.destroy()
    })
})
