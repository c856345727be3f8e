import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
    Kibitzer, KibitzError, type KibitzerOptions, type Played, type Publication
} from '../../src/index.js'
import { readPlayed } from '../../src/member/record-encoding.js'
import { REPLAY_VERSION } from '../../src/member/engine-version.js'
import { Island } from '../support/island.js'
import { blank, Notebook, type Paper, settled } from '../support/notebook.js'
import { collect, differences, type Output, Recording } from '../support/recording.js'
import { RUNS } from '../support/runs.js'
import '../support/silence.js'

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
    return readPlayed(bytes ?? Buffer.from(''), 1, () => {})
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

/** The output of a member without a crash: before an input, and from this input on. */
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

/** Takes a snapshot before an input, with an application that lags behind. */
async function interrupt(id: string, inputs: readonly Uint8Array[], at: number) {
    const paper: Paper = { stable: inputs.slice(0, at), snapshot: null }
    const { kibitzer, journal, recording } = await recover(id, paper)
    const { log } = recording
    const promise = log[Math.max(0, log.length - 4)]?.promise
    if (promise === undefined) {
        kibitzer.destroy()
        return null
    }
    const before = journal.records
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

describe('a recovered member equals a member without a crash, byte for byte:', () => {
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
                    const { kibitzer, journal, recording, recovered } = await recover(id, paper)
                    const all = [...before, ...journal.records]
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
    test('recovers no member while it is empty', async () => {
        const { kibitzer, recovered, journal } = await recover('a', blank())
        assert.deepEqual(recovered, {
            recovered: false, exiled: false, records: 0, snapshot: null
        })
        assert.deepEqual(journal.methods, ['birth', 'revive'])
        kibitzer.destroy()
    })

    test('reports the progress of a recovery', async () => {
        const [inputs = []] = record((island) => { island.found('a') }).values()
        const paper: Paper = { stable: [...inputs], snapshot: null }
        const kibitzer = new Kibitzer({ id: 'a', journal: new Notebook(paper) })
        const told: unknown[] = []
        await kibitzer.recover({ progress: (recovery) => told.push(recovery) })
        assert.deepEqual(told.at(-1), { records: inputs.length, of: inputs.length })
        kibitzer.destroy()
    })

    test('replays under its recorded options, and ends with the given options', async () => {
        const paper = blank()
        const first = await recover('a', paper, { parliamentSize: 3, timeout: 4000 })
        first.kibitzer.bootstrap('republic', null)
        first.kibitzer.publishAll(['x', 'y'])
        await settled()
        first.kibitzer.destroy()
        await settled()
        const { kibitzer, recording } = await recover('a', paper, { history: 5 })
        const { timeout, history, parliamentSize } = kibitzer.paxos.options
        assert.deepEqual([timeout, history, parliamentSize], [1000, 5, 5])
        const [, whole] = live('a', paper.stable, 0)
        assert.deepEqual(differences(whole, recording.output), [])
        kibitzer.destroy()
    })

    test('stores a large publishAll as records no larger than a batch', async () => {
        const { kibitzer, journal } = await recover('a', blank())
        kibitzer.listen()
        kibitzer.bootstrap('republic', null)
        const cursor = kibitzer.played.shifter()
        const nested = new Promise<Publication>((resolve) => {
            cursor.join((played) => played?.method === 'publishAll', () => {
                // A listener may publish at once, between the parts of the large publishAll.
                resolve(kibitzer.publish('after all that were there'))
            })
        })
        const all = kibitzer.publishAll(Array.from({ length: 2000 }, (_, value) => value))
        const one = kibitzer.publish('behind them')
        assert.equal((await all).length, 2000)
        assert.equal((await one).promise, '1/7d1')
        assert.equal((await nested).promise, '1/7d2')
        const batches = journal.played.filter(({ method }) => method === 'publishAll')
        assert.deepEqual(batches.map(({ body }) => (body as unknown[]).length),
            [512, 512, 512, 466])
        kibitzer.destroy()
    })
})

/** The error of a recovery from a journal with one more record. */
async function refusal(record: string, snapshot: Paper['snapshot'] = null) {
    const paper = blank()
    const { kibitzer } = await recover('a', paper)
    kibitzer.bootstrap('republic', null)
    await settled()
    kibitzer.destroy()
    await settled()
    paper.stable.push(Buffer.from(record))
    paper.snapshot = snapshot
    const before = [...paper.stable]
    const journal = new Notebook(paper)
    const again = new Kibitzer({ id: 'a', journal })
    const ended = new Promise((resolve) => { again.destruction.wait(resolve) })
    const error: unknown = await again.recover().then(() => null, (reason: unknown) => reason)
    assert.equal(await ended, error)
    assert.deepEqual([again.destroyed, journal.isClosed], [true, true])
    assert.deepEqual(paper.stable, before, 'nothing was written')
    return error as KibitzError
}

function framed(text: string): Uint8Array {
    const length = Buffer.alloc(4)
    length.writeUInt32BE(Buffer.byteLength(text))
    return Buffer.concat([length, Buffer.from(text)])
}

describe('Kibitzer.recover refuses', () => {
    for (const [what, text] of [
        ['a record that is no JSON', '{"module":'],
        ['a record that is no object', '7'],
        ['a record that is null', 'null'],
        ['another module', '{"module":"other","method":"join","when":1,"body":{}}'],
        ['an unknown method', '{"module":"kibitz","method":"toString","when":1,"body":{}}'],
        ['a time as a text', '{"module":"kibitz","method":"naturalize","when":"1","body":{}}'],
        ['a missing body', '{"module":"kibitz","method":"naturalize","when":1}'],
        ['an inapplicable input', '{"module":"kibitz","method":"receive","when":1,"body":null}']
    ] as const) {
        test(what, async () => {
            const { code, message } = await refusal(text)
            assert.equal(code, 'journal-damaged')
            assert.match(message, /^Record 6 of the journal is whole, but it /)
        })
    }

    test('another version of the engine', async () => {
        const body = { version: REPLAY_VERSION + 9, options: {} }
        const revive = { module: 'kibitz', method: 'revive', when: 1, body }
        assert.equal((await refusal(JSON.stringify(revive))).code, 'journal-version')
    })

    for (const [what, bytes] of [
        ['that ends too early', Buffer.from([0, 0])],
        ['with an impossible length of a part', Buffer.from([255, 255, 255, 255])],
        ['that is no JSON', framed('{')],
        ['of another version', framed('{"memory":{"version":7}}')],
        ['that holds no member', Buffer.concat([
            framed(`{"memory":{"version":1,"promise":"1/0","when":1,"engine":${REPLAY_VERSION},`
                + '"paxos":{"log":{}},"islander":{}}}'), framed('{"end":true}')])]
    ] as const) {
        test(`a snapshot ${what}`, async () => {
            const { code } = await refusal('{}', { through: 0, bytes })
            assert.equal(code, 'journal-damaged')
        })
    }

    test('a journal that does not open, and passes the error on', async () => {
        const journal = new Notebook()
        const reason = new KibitzError('journal-locked', 'Somebody else has it.')
        journal.open = () => Promise.reject(reason)
        const kibitzer = new Kibitzer({ id: 'a', journal })
        await assert.rejects(kibitzer.recover(), reason)
        assert.equal(kibitzer.destroyed, true)
        await assert.rejects(kibitzer.publish('x'), { code: 'destroyed' })
    })

    test('requests and publishes during the recovery, and does not record them', async () => {
        const [inputs = []] = record((island) => { island.found('a') }).values()
        const paper: Paper = { stable: [...inputs], snapshot: null }
        const journal = new Notebook(paper)
        const read = journal.read.bind(journal)
        const kibitzer = new Kibitzer({ id: 'a', journal })
        const answers: unknown[] = []
        journal.read = async function* (from) {
            yield* read(from)
            const entries = [{ id: 'a', cookie: '1', body: 'x' }]
            const body = { republic: 'republic', entries }
            assert.equal(kibitzer.paxos.republic, 'republic', 'it is half way back')
            answers.push(await kibitzer.request({ module: 'kibitz', method: 'enqueue', body }))
            assert.throws(() => kibitzer.publish('x'), { code: 'invalid-argument' })
        }
        await kibitzer.recover()
        await settled()
        assert.deepEqual(answers, [null])
        assert.equal(paper.stable.length, inputs.length + 1)
        kibitzer.destroy()
    })

    test('to continue once the Kibitzer is destroyed', async () => {
        const journal = new Notebook()
        const kibitzer = new Kibitzer({ id: 'a', journal })
        const recovering = kibitzer.recover()
        kibitzer.destroy()
        await assert.rejects(recovering, { code: 'destroyed' })
        await settled()
        assert.deepEqual([journal.isClosed, journal.methods], [true, []])
    })
})
