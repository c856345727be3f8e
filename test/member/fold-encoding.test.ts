import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { deflateRawSync, inflateRawSync } from 'node:zlib'
import { Kibitzer, KibitzError } from '../../src/index.js'
import { fold, isFold, unfold } from '../../src/member/fold-encoding.js'
import { inputsOf } from '../../src/member/record-encoding.js'
import { Island } from '../support/island.js'
import { blank, Notebook, settled } from '../support/notebook.js'
import { RUNS } from '../support/runs.js'
import '../support/silence.js'

/** The inputs of every member of every run, as texts. */
function tapes(): readonly (readonly [id: string, texts: readonly string[]])[] {
    return Object.values(RUNS).flatMap((run) => {
        using island = new Island()
        run(island)
        return island.all.map(({ id, recording }) =>
            [id, recording.played.map((played) => JSON.stringify(played))] as const)
    })
}

/** A member that has recovered from records, at the start of 1970. */
async function recovered(id: string, records: readonly Uint8Array[]): Promise<Kibitzer> {
    const journal = new Notebook({ ...blank(), stable: [...records] })
    const kibitzer = new Kibitzer({ id, journal, patience: 1000, Date: { now: () => 0 } })
    await kibitzer.recover()
    await settled()
    return kibitzer
}

describe('a fold', () => {
    test('returns the same texts, whatever numbers they have', () => {
        const texts = [
            '{}', '{"a":0}', '{"a":00,"b":-1,"c":1.05,"d":1e21,"e":"007 12 0"}', '{"a":9}',
            '{"a":123456789012345}', '{"a":1234567890123456}', '{"a":1}', '{"a":"\\n\\u0001 ü 💥"}',
            '{"a":999999999999999}', '{"a":0}', '{"0":{"1":[2,3,4]}}', '{"0":{"1":[4,3,2]}}',
            '{"a":"1f","b":"20","c":"0a","d":"A","e":"fffffffffffff"}', '{"a":"ffffffffffff"}',
            '{"a":"0"}', '{"a":"x\\"1a"}', '{"a":"x\\"1b","b":"","c":"\\\\12"}'
        ]
        const record = fold(texts)
        assert.ok(isFold(record))
        assert.deepEqual(unfold(record), texts)
    })

    test('returns every recorded input, and is much smaller', () => {
        for (const [id, texts] of tapes()) {
            assert.deepEqual(unfold(fold(texts)), texts, id)
        }
        const pings = Array.from({ length: 500 }, (_, at) => JSON.stringify({
            module: 'kibitz', method: 'event', when: 1_796_011_324_299 + at * 250 + at % 3,
            body: { now: 1_796_011_324_299 + at * 250, key: 'ping', body: 'ping' }
        }))
        assert.ok(fold(pings).length < pings.join('').length / 100)
    })

    test('of any length has the bytes that zlib makes with all its memory', () => {
        for (let length = 1; length < 40_000; length = Math.ceil(length * 1.5)) {
            const texts = Array.from({ length }, (_, at) => `{"a":${at * at % 977},"b":"${at}"}`)
            const record = fold(texts)
            const lines = inflateRawSync(record.subarray(1))
            const usual = deflateRawSync(lines, { level: 9 })
            assert.equal(Buffer.compare(record.subarray(1), usual), 0, `${length} texts`)
        }
    })

    test('stands in a journal for the same inputs in single records', async () => {
        for (const [id, texts] of tapes().slice(0, 12)) {
            const plain = texts.map((text) => Buffer.from(text))
            const half = texts.length >> 1
            const folds = [
                ...plain.slice(0, 1), fold(texts.slice(1, half)), fold(texts.slice(half))
            ]
            const [one, other] = [await recovered(id, plain), await recovered(id, folds)]
            assert.deepEqual(other.paxos.state(), one.paxos.state())
            one.destroy()
            other.destroy()
        }
    })

    test('is refused if it is damaged', () => {
        const record = fold(['{"module":"kibitz","method":"naturalize","when":1,"body":{}}'])
        const isDamaged = (error: unknown): boolean =>
            error instanceof KibitzError && error.code === 'journal-damaged'
        assert.equal(inputsOf(record, 1)[0]?.method, 'naturalize')
        assert.throws(() => inputsOf(record.subarray(0, 9), 1), isDamaged)
        assert.throws(() => inputsOf(Buffer.of(0), 1), isDamaged)
        assert.throws(() => inputsOf(fold(['{"when":1}']), 1), isDamaged)
    })
})
