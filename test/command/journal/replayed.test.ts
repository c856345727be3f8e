import assert from 'node:assert/strict'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { end, foundRecorded } from '../../support/recorded-pair.js'
import { Kibitzer } from '../../../src/index.js'
import { FileJournal } from '../../../src/journal/file-journal.js'
import { kibitz } from './run-journal.js'
import '../../support/silence.js'

describe('kibitz journal, of two members', () => {
    const base = mkdtempSync(join(tmpdir(), 'replayed-'))
    const folder = (id: string): string => join(base, id)
    let promise = ''

    before(async () => {
        const [a, b] = await foundRecorded('r', base)
        await a.publish({ text: 'first' })
        promise = (await b.publish({ text: '\u001b[31m red \u202e bidi\nline' })).promise
        await Promise.all([a, b].map(end))
    })
    after(() => rmSync(base, { recursive: true }))

    test('log prints each entry with its record, and no control characters', async () => {
        const { code, out, said } = await kibitz('log', folder('a'))
        assert.deepEqual([code, said], [0, ''])
        const lines = out.trimEnd().split('\n')
        assert.ok(/^[\x20-\x7e]*$/.test(lines.join('')))
        const entries = lines.map((line) => JSON.parse(line) as {
            record: number, promise: string, method: string, body: { body?: unknown }
        })
        assert.equal(entries[0]?.promise, '1/0')
        const last = entries.find((entry) => entry.promise === promise)
        assert.deepEqual(last?.body.body, { text: '\u001b[31m red \u202e bidi\nline' })
        const part = await kibitz('log', '--from', String(last?.record), folder('a'))
        assert.equal((JSON.parse(part.out.split('\n')[0] ?? '') as { promise: string }).promise,
            promise)
    })

    test('replay prints the member as of a record', async () => {
        const status = await kibitz('replay', folder('a'))
        const { role, id } = JSON.parse(status.out) as { role: string, id: string }
        assert.deepEqual([status.code, role, id], [0, 'leader', 'a'])
        const first = await kibitz('replay', '--to', '1', folder('a'))
        assert.equal((JSON.parse(first.out) as { role: string }).role, 'stranger')
        const government = await kibitz('replay', '--print', 'government', folder('b'))
        const { majority } = JSON.parse(government.out) as { majority: readonly string[] }
        assert.deepEqual(majority, ['a'])
        const state = await kibitz('replay', '--to', '2', '--print', 'state', folder('a'))
        const { paxos } = JSON.parse(state.out) as { paxos: { version: number } }
        assert.equal(paxos.version, 1)
        const beyond = await kibitz('replay', '--to', '9999', folder('a'))
        assert.equal(beyond.code, 1)
        assert.match(beyond.said, /holds the records 1 to \d+, not 9999/)
    })

    test('metrics prints a line for each step with inputs', async () => {
        const { code, out, said } = await kibitz('metrics', '--step', '24h', folder('a'))
        assert.deepEqual([code, said], [0, ''])
        const [heading = '', ...lines] = out.trimEnd().split('\n')
        assert.match(heading, /^time +role +government +since +contact +lag +entries\/s /)
        assert.match(lines.at(-1) ?? '', /^\d{4}-\d\d-\d\dT[\d:.]+Z +leader +2\/0 +\d+\.\ds +\d/)
        const fine = await kibitz('metrics', '--step', '1ms', folder('a'))
        assert.ok(fine.out.split('\n').length > out.split('\n').length)
        const wrong = await kibitz('metrics', '--step', '1week', folder('a'))
        assert.equal(wrong.code, 2)
        assert.match(wrong.said, /--step takes a time such as 100ms, 1s, 5m or 1h/)
    })

    test('metrics --csv prints every value of every metric', async () => {
        const { code, out } = await kibitz('metrics', '--step', '24h', '--csv', folder('a'))
        assert.equal(code, 0)
        const [heading, ...lines] = out.trimEnd().split('\n').map((line) => line.split(','))
        assert.deepEqual(heading, ['time', 'record', 'metric', 'unit', 'attributes', 'value'])
        const last = lines.at(-1)?.[1]
        const values = Object.fromEntries(lines.filter(([, record]) => record === last)
            .map(([, , name, , attributes, value]) => [[name, attributes].join(' '), value]))
        assert.equal(values['kibitz.member.role kibitz.role=leader'], '1')
        assert.equal(values['kibitz.publisher.publishes '], '1')
        assert.equal(values['kibitz.peer.failures kibitz.peer=b'], undefined)
        assert.ok(Number(values['kibitz.log.entries ']) >= 4)
        const later = await kibitz('metrics', '--step', '24h', '--csv', '--from', '9999',
            folder('a'))
        assert.equal(later.out, 'time,record,metric,unit,attributes,value\n')
    })

    test('why explains the way of an entry', async () => {
        const { code, out } = await kibitz('why', folder('a'), folder('b'), promise)
        assert.equal(code, 0)
        assert.ok(/^[\x20-\x7e\n]*$/.test(out))
        assert.match(out, new RegExp(`^${promise} follows `))
        assert.match(out, /^sent to the leader +b +record \d+ +publish/m)
        assert.match(out, /^taken +a +record \d+ +enqueue/m)
        assert.match(out, /^sent to a member +a +record \d+ +(?:enqueue|sent|stable)/m)
        assert.match(out, /^held +b +record \d+ +receive/m)
        assert.match(out, /^in the log +a +record/m)
        assert.match(out, /^in the log +b +record/m)
        const absent = await kibitz('why', folder('a'), 'ff/1')
        assert.equal(absent.code, 1)
        assert.match(absent.said, /No recorded member adds the entry ff\/1/)
    })

    test('diff finds the first difference of two logs', async () => {
        const same = await kibitz('diff', folder('a'), folder('b'))
        assert.equal(same.code, 0, same.out)
        assert.match(same.out, /^The logs agree in \d+ entries/)
        const other = join(base, 'other')
        const kibitzer = new Kibitzer({ id: 'a', journal: new FileJournal(other) })
        await kibitzer.recover()
        kibitzer.listen()
        kibitzer.bootstrap('r', { memory: 'elsewhere' })
        const ended = new Promise((resolve) => {
            kibitzer.destruction.wait(resolve)
        })
        kibitzer.destroy()
        await ended
        const different = await kibitz('diff', folder('a'), other)
        assert.equal(different.code, 1)
        assert.match(different.out, /^The logs differ after 0 equal entries/)
        assert.match(different.out, /elsewhere/)
    })

    test('show prints only the records that fulfil the conditions', async () => {
        async function methods(where: string): Promise<readonly string[]> {
            const { code, out } = await kibitz('show', '--where', where, folder('a'))
            assert.equal(code, 0)
            return out.split('\n').filter((line) => line !== '').map((line) => {
                const { method, body } = JSON.parse(line) as {
                    method: string, body: { from?: { id: string }, method?: string }
                }
                return `${method} ${body.from?.id ?? ''} ${body.method ?? ''}`
            })
        }
        assert.deepEqual([...new Set(await methods('method=sent'))], ['sent  '])
        assert.deepEqual(await methods('method=birth,id=a'), ['birth  '])
        assert.deepEqual(await methods('method=birth,id=b'), [])
        assert.deepEqual(await methods('method=enqueue,body.entries.0.id=b'), ['enqueue  '])
        assert.deepEqual(await methods('__proto__=x'), [])
        const wrong = await kibitz('show', '--where', 'receive', folder('a'))
        assert.equal(wrong.code, 2)
        assert.match(wrong.said, /--where takes conditions such as/)
    })

    test('wrong usage is refused before any folder is read', async () => {
        for (const [args, says] of [
            [['why', folder('a')], /why takes an entry/],
            [['diff', folder('a')], /diff takes two folders/],
            [['replay', '--print', 'all', folder('a')], /--print takes status, government, state/],
            [['log', '--print', 'state', folder('a')], /log does not take --print/],
            [['log', folder('a'), folder('b')], /log takes one folder/]
        ] as const) {
            const { code, said } = await kibitz(...args)
            assert.equal(code, 2)
            assert.match(said, says)
        }
        const { code } = await kibitz('log', join(base, 'absent'))
        assert.equal(code, 1)
    })

    test('a copy of a folder is replayed, too', async () => {
        const copy = join(base, 'copy')
        cpSync(folder('b'), copy, { recursive: true })
        assert.equal((await kibitz('diff', folder('b'), copy)).code, 0)
    })
})
