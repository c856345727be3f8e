import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { KibitzErrorCode } from '../../src/index.js'
import type { ReplayProgress } from '../../src/replay/options.js'
import { Replayer } from '../../src/replay/replayer.js'
import type { ReplayedState } from '../../src/replay/replayed-member.js'
import { isRefusal } from '../support/refusal.js'
import { rejects, replayerOf, threeMembers } from './testimonies.js'
import { digest, textOf } from './witness.js'

describe('a recording that is not sound', () => {
    const birth = JSON.stringify({
        module: 'kibitz', method: 'birth', when: 1,
        body: { id: 'a', version: 6, options: { ping: 250, timeout: 1000 } }
    })

    function input(method: string, body: unknown): string {
        return JSON.stringify({ module: 'kibitz', method, when: 2, body })
    }

    test('is refused at the first step if it has no beginning', async () => {
        const recording = [input('leave', {})]
        await rejects(Replayer.from({ recording }), 'invalid-argument', /does not begin/)
        await rejects(Replayer.from({ recording: [] }), 'invalid-argument', /does not begin/)
        await rejects(Replayer.from({}), 'invalid-argument', /needs a journal/)
        await rejects(
            Replayer.from({ journal: 'a', recording }), 'invalid-argument', /pass journal alone/)
        const state = { paxos: { version: 9 }, islander: {} } as unknown as ReplayedState
        await rejects(Replayer.from({ state }), 'journal-damaged', /no state/)
    })

    const faults: readonly (readonly [string, string, KibitzErrorCode])[] = [
        ['no JSON', '{', 'journal-damaged'],
        ['no object', '7', 'journal-damaged'],
        ['a list', '[]', 'journal-damaged'],
        ['another module', '{"module":"x","method":"leave","when":1,"body":{}}',
            'journal-damaged'],
        ['no instant', '{"module":"kibitz","method":"leave","body":{}}', 'journal-damaged'],
        ['a body of another shape', input('sent', { cookie: 7 }), 'journal-damaged'],
        ['a revival without a body', input('revive', null), 'journal-damaged'],
        ['a revival of another version', input('revive', { version: 99 }), 'journal-version'],
        ['a second birth', birth, 'journal-damaged'],
        ['a value that nests too deep',
            input('publish', JSON.parse(`${'['.repeat(400)}${']'.repeat(400)}`)),
            'journal-damaged']
    ]
    for (const [name, line, code] of faults) {
        test(`is replayed up to ${name}`, async () => {
            const replayer = await Replayer.from({
                recording: [birth, input('bootstrap', { republic: 'r', properties: null }), line]
            })
            assert.equal(replayer.step()?.played.method, 'birth')
            assert.equal(replayer.step()?.entries[0]?.promise, '1/0')
            const before = textOf(replayer.state)
            for (const attempt of [1, 2]) {
                assert.throws(() => replayer.step(), isRefusal(code), `attempt ${attempt}`)
                assert.equal(replayer.number, 2)
                assert.equal(textOf(replayer.state), before)
            }
            await rejects(replayer.seek(3), code, /./)
            assert.equal(replayer.number, 2)
            assert.equal(replayer.back()?.number, 1)
        })
    }

    test('has no effect on prototypes', async () => {
        const hostile = '{"module":"kibitz","method":"publish","when":2,"body":'
            + '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}}'
        const replayer = await Replayer.from({
            recording: [birth, input('bootstrap', { republic: 'r', properties: null }), hostile]
        })
        await replayer.seek(3)
        assert.equal(({} as { polluted?: number }).polluted, undefined)
    })
})

/** A birth, and so many inputs that a pass over the inputs yields to other work. */
function longRecording([birth = '', ...others]: readonly string[]): readonly string[] {
    const event = JSON.stringify({
        module: 'kibitz', method: 'event', when: 2_000_000_000_000, body: {
            module: 'happenstance', method: 'event', now: 2_000_000_000_000, key: 'none',
            when: 2_000_000_000_000, body: 'none'
        }
    })
    return [birth, ...Array.from({ length: 80 * others.length }, () => event)]
}

describe('the work of a replayer', () => {
    const testimony = threeMembers()

    test('reports its progress, and ends with the signal where it was', async () => {
        const replayer = await replayerOf(testimony, { checkpointsAhead: false })
        await replayer.seek(3)
        const reports: number[] = []
        await replayer.seek(50, { progress: ({ done, of, unit }) => {
            reports.push(done)
            assert.deepEqual([of, unit], [46, 'inputs'])
        } })
        assert.equal(reports.at(-1), 46)
        const signal = AbortSignal.abort()
        await rejects(replayer.seek(5, { signal }), 'aborted', /The seek was aborted/)
        assert.equal(replayer.number, 50)
    })

    test('yields to other work, and can be aborted on the way', async () => {
        const long = longRecording(testimony.played)
        const replayer = await Replayer.from({ recording: long }, { checkpointsAhead: false })
        const controller = new AbortController()
        setImmediate(() => controller.abort())
        const { signal } = controller
        await rejects(replayer.seek(replayer.last, { signal }), 'aborted', /aborted/)
        assert.equal(replayer.number, 0)
    })

    test('passes all inputs at the opening, and later seeks make no pass', async () => {
        const reports: string[] = []
        const progress = ({ done, of, unit }: ReplayProgress): void => {
            reports.push(`${unit} ${done}/${of}`)
        }
        const replayer = await replayerOf(testimony, { progress })
        const { last } = replayer
        assert.equal(reports.at(-1), `inputs ${last}/${last}`)
        assert.equal(replayer.number, 0)
        reports.length = 0
        for (const target of [last, 50, new Date(0)]) {
            await replayer.seek(target, { progress })
        }
        assert.deepEqual(reports, [])
    })

    test('can be aborted at the opening', async () => {
        const recording = longRecording(testimony.played)
        const controller = new AbortController()
        const { signal } = controller
        const progress = ({ unit }: ReplayProgress): void => {
            if (unit === 'inputs') {
                controller.abort()
            }
        }
        const opening = Replayer.from({ recording }, { signal, progress })
        await rejects(opening, 'aborted', /reading of the recording was aborted/)
    })

    test('finds the damage at the opening, if the damage ends the recording', async () => {
        const recording = [...testimony.played.slice(0, 40), 'damaged']
        const replayer = await Replayer.from({ recording }, { untilDamage: true })
        assert.deepEqual([replayer.last, replayer.damage?.code], [40, 'journal-damaged'])
        await replayer.seek(40)
        assert.equal(replayer.step(), null)
    })

    test('is refused while a seek is under way', async () => {
        const replayer = await replayerOf(testimony)
        const seeking = replayer.seek(replayer.last)
        assert.throws(() => replayer.step(), isRefusal('invalid-argument'))
        assert.throws(() => replayer.back(), isRefusal('invalid-argument'))
        await rejects(replayer.seek(1), 'invalid-argument', /await seek first/)
        await seeking
        for (const target of [-1, 0.5, Number.NaN, replayer.last + 1, new Date(Number.NaN), 'x']) {
            await rejects(replayer.seek(target), 'invalid-argument', /./)
        }
        assert.equal(replayer.number, replayer.last)
    })

    test('passes over a range without moving the replayer', async () => {
        const replayer = await replayerOf(testimony)
        const numbers: number[] = []
        for await (const { number, member } of replayer.steps({ from: 20, to: 25 })) {
            numbers.push(number)
            assert.equal(digest(textOf(member.state())), testimony.states[number - 1])
        }
        assert.deepEqual(numbers, [20, 21, 22, 23, 24, 25])
        assert.equal(replayer.number, 0)
    })
})
