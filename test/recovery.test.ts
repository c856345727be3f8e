import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Kibitzer, type KibitzerOptions, type Played } from '../src/index.js'
import { Island } from './kibitzer/island.js'
import { blank, Notebook, type Paper, settled } from './kibitzer/notebook.js'
import { collect, differences, type Output, Recording } from './kibitzer/recording.js'
import { RUNS } from './kibitzer/runs.js'

/** The inputs of every member of a run, as a journal would hold them. */
function record(run: (island: Island) => void): ReadonlyMap<string, readonly Uint8Array[]> {
    using island = new Island()
    run(island)
    return new Map(island.all.map(({ id, recording }) => [id, write(recording.played)]))
}

function write(played: readonly Played[]): readonly Uint8Array[] {
    return played.map((input) => Buffer.from(JSON.stringify(input)))
}

function parse(bytes: Uint8Array | undefined): Played {
    return JSON.parse(Buffer.from(bytes ?? '').toString()) as Played
}

/** A member that has come back from paper, at the hour of its last input. */
async function recover(id: string, paper: Paper, options: Partial<KibitzerOptions> = {}) {
    const journal = new Notebook(paper)
    const hour = paper.stable.length === 0 ? 0 : parse(paper.stable.at(-1)).when
    // The run was recorded without a journal, by members of no more patience than that.
    const patience = options.patience ?? options.timeout ?? 1000
    const given = { ...options, patience, id, journal, Date: { now: () => hour } }
    const kibitzer = new Kibitzer(given)
    const recording = new Recording(kibitzer)
    const recovered = await kibitzer.recover()
    await settled()
    return { kibitzer, journal, recording, recovered }
}

/** What one puts out that never died; and how much of it before so many inputs. */
function live(id: string, inputs: readonly Uint8Array[], before: number): [Output, Output] {
    const kibitzer = new Kibitzer({ id, Date: { now: () => 0 } })
    const recording = new Recording(kibitzer)
    for (const input of inputs.slice(0, before)) {
        kibitzer.replay(parse(input))
    }
    const first = recording.output
    const sooner = { ...first, log: [...first.log] }
    const communiques = first.communiques.length
    const dispatches = first.dispatches.length
    for (const input of inputs.slice(before)) {
        kibitzer.replay(parse(input))
    }
    const whole = recording.output
    return [sooner, {
        ...whole,
        communiques: whole.communiques.slice(communiques),
        dispatches: whole.dispatches.slice(dispatches)
    }]
}

/** Takes a snapshot so many inputs in, with an application that lags behind; the rest follows. */
async function interrupt(id: string, inputs: readonly Uint8Array[], at: number) {
    const paper: Paper = { stable: inputs.slice(0, at), snapshot: null }
    const { kibitzer, journal, recording } = await recover(id, paper)
    const { log } = recording
    const promise = log[Math.max(0, log.length - 4)]?.promise
    if (promise === undefined) {
        kibitzer.destroy()
        return null
    }
    const before = [...paper.stable]
    const state = Buffer.from(`the state as of ${promise}`)
    await kibitzer.snapshot(promise, [state.subarray(0, 3), state.subarray(3)])
    assert.equal(paper.stable.length, 0)
    kibitzer.destroy()
    await settled()
    assert.ok(journal.isClosed)
    paper.stable = inputs.slice(at)
    return { paper, promise, before, state: state.toString() }
}

/** The lines of a log behind an entry. */
function behind(log: readonly string[], promise: string): readonly string[] {
    const index = log.findIndex((line) => JSON.parse(line).promise === promise)
    assert.notEqual(index, -1)
    return log.slice(index + 1)
}

describe('a recovered member is byte for byte one that never died:', () => {
    for (const [name, run] of Object.entries(RUNS)) {
        test(name, async () => {
            for (const [id, inputs] of record(run)) {
                const paper: Paper = { stable: [...inputs], snapshot: null }
                const { kibitzer, recording, recovered } = await recover(id, paper)
                assert.equal(recovered.records, inputs.length)
                assert.equal(paper.stable.length, inputs.length + 1, 'one input, revive')
                const [, whole] = live(id, paper.stable, 0)
                assert.deepEqual(differences(whole, recording.output), [])
                kibitzer.destroy()
            }
        })

        test(`${name}, from a snapshot`, async () => {
            let snapshots = 0
            for (const [id, inputs] of record(run)) {
                for (const share of [0.1, 0.5, 0.9]) {
                    const found = await interrupt(id, inputs, Math.floor(inputs.length * share))
                    if (found === null) {
                        continue
                    }
                    snapshots++
                    const { paper, promise, before, state } = found
                    const { kibitzer, recording, recovered } = await recover(id, paper)
                    const all = [...before, ...paper.stable]
                    const [, whole] = live(id, all, before.length)
                    const rest = { ...whole, log: behind(whole.log, promise) }
                    assert.deepEqual(differences(rest, recording.output), [])
                    assert.equal(recovered.snapshot?.promise, promise)
                    const pieces = await collect(recovered.snapshot.state)
                    assert.equal(Buffer.concat(pieces).toString(), state)
                    kibitzer.destroy()
                }
            }
            assert.ok(snapshots > 0)
        })
    }
})

describe('a journal', () => {
    test('is nothing before anybody has written it', async () => {
        const { kibitzer, recovered, journal } = await recover('a', blank())
        assert.deepEqual(recovered, {
            recovered: false, exiled: false, records: 0, snapshot: null
        })
        assert.deepEqual(journal.methods, ['revive'])
        kibitzer.destroy()
    })
})
