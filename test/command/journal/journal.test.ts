import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync,
    writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { parseJournal } from '../../../src/command/journal/options.js'
import { recordLine } from '../../../src/command/journal/print.js'
import { FileJournal } from '../../../src/journal/file-journal.js'
import { fold } from '../../../src/member/fold-encoding.js'
import { kibitz, PROGRAM } from './run-journal.js'

let base = ''
let folder = ''

function envelope(number: number): string {
    return JSON.stringify({ module: 'kibitz', method: 'event', when: number, body: { number } })
}

async function write(through: number, snapshot: number | null = null): Promise<void> {
    const journal = new FileJournal(folder, { segmentSize: 4096 })
    const { last } = await journal.open('member-1')
    for (let number = last + 1; number <= through; number++) {
        journal.append(Buffer.from(envelope(number)))
        await (number % Math.max(10, through / 20) === 0 ? journal.flush() : null)
    }
    await journal.flush()
    await (snapshot === null ? null : journal.snapshot(snapshot, [Buffer.from('the state')]))
    await journal.close()
}

/** The contents of every file of the folder. */
function contents(): string {
    return readdirSync(folder).sort().map((name) =>
        `${name} ${readFileSync(join(folder, name)).toString('latin1')}`).join('\n')
}

beforeEach(() => {
    base = mkdtempSync(join(tmpdir(), 'kibitz-command-'))
    folder = join(base, 'one')
})

afterEach(() => {
    rmSync(base, { recursive: true })
})

describe('kibitz journal', () => {
    test('verify reports the contents of an undamaged journal', async () => {
        await write(100, 60)
        const before = contents()
        const { code, out, said } = await kibitz('verify', folder)
        assert.equal(code, 0, said)
        assert.match(out, /^owner {5}member-1$/m)
        assert.match(out, /^records {3}40, from 61 to 100$/m)
        assert.match(out, /^snapshot {2}through record 60, 265 B$/m)
        assert.match(out, /^end {7}closed$/m)
        assert.match(out, /The journal is undamaged\.\n$/)
        assert.match(said, /100 %, \d+ B of \d+ B\n$/)
        const stat = await kibitz('stat', folder)
        assert.equal(stat.out, out.replace('The journal is undamaged.\n', ''))
        assert.equal(contents(), before)
    })

    test('shows and exports records and the state', async () => {
        await write(30, 10)
        const { out } = await kibitz('show', '--from', '12', '--to', '13', folder)
        assert.equal(out, [12, 13].map((number) =>
            `${JSON.stringify({ record: number, ...JSON.parse(envelope(number)) })}\n`).join(''))
        const file = join(base, 'tape')
        assert.deepEqual(await kibitz('export', folder, file),
            { ...await kibitz('export', folder, file), out: '', code: 0 })
        const tape = Array.from({ length: 20 }, (_, index) => `${envelope(index + 11)}\n`).join('')
        assert.equal(readFileSync(file, 'utf8'), tape)
        assert.equal((await kibitz('export', folder)).out, tape)
        assert.equal((await kibitz('export', '--state', folder)).out, 'the state')
        assert.ok(!existsSync(`${file}.part`))
    })

    test('shows and exports each input of a fold', async () => {
        const journal = new FileJournal(folder)
        await journal.open('member-1')
        const texts = [1, 2, 3].map(envelope)
        for (const record of [Buffer.from('{}'), fold(texts), Buffer.of(0, 1)]) {
            journal.append(record)
        }
        await journal.close()
        const { out } = await kibitz('show', '--from', '2', folder)
        const lines = texts.map((text, at) =>
            JSON.stringify({ record: 2 + at, ...JSON.parse(text) }))
        assert.deepEqual(out.split('\n'), [...lines, '{"record":5,"base64":"AAE="}', ''])
        const tape = await kibitz('export', '--to', '3', folder)
        assert.deepEqual(tape.out.split('\n'), ['{}', ...texts.slice(0, 2), ''])
    })

    test('prints any record as a line of JSON', () => {
        assert.equal(recordLine(1, Buffer.from('{"a":\n1}')), '{"record":1,"a":1}')
        assert.equal(recordLine(2, Buffer.from('[1]')), '{"record":2,"value":[1]}')
        assert.equal(recordLine(3, Buffer.from([255, 10])), '{"record":3,"base64":"/wo="}')
    })

    test('reports damage and the remedy, with exit code 1', async () => {
        await write(100)
        const [first = ''] = readdirSync(folder).sort()
        const path = join(folder, first)
        const bytes = readFileSync(path)
        bytes.writeUInt8(bytes.readUInt8(1000) ^ 1, 1000)
        writeFileSync(path, bytes)
        for (const verb of ['verify', 'stat', 'show', 'export']) {
            const { code, out, said } = await kibitz(verb, folder)
            assert.deepEqual([code, out], [1, ''])
            assert.match(said, /kibitz: The journal .* is damaged: in 0+1\.journal, at byte \d+, /)
            assert.match(said, /with an empty folder AND a new id/)
        }
    })

    test('reads the journal of a running member without a change', async () => {
        await write(50)
        const journal = new FileJournal(folder)
        await journal.open('member-1')
        try {
            journal.append(Buffer.from(envelope(51)))
            await journal.flush()
            const before = readdirSync(folder).sort().join(' ')
            const { code, out } = await kibitz('verify', folder)
            assert.equal(code, 0)
            assert.match(out, /^records {3}51, from 1 to 51$/m)
            assert.match(out, new RegExp(`^end {7}open, held by process ${process.pid}$`, 'm'))
            assert.equal(readdirSync(folder).sort().join(' '), before)
            const { code: adopted, said } = await kibitz('adopt', '--only-copy', folder)
            assert.deepEqual([adopted, said.includes('is no copy')], [0, false])
        } finally {
            await journal.close()
        }
    })

    test('announces the removal of a torn write, and changes nothing', async () => {
        const journal = new FileJournal(folder)
        await journal.open('member-1')
        journal.append(Buffer.alloc(1000, 'x'))
        await journal.flush()
        // The copy is the folder as a killed process leaves it.
        const [segment = ''] = readdirSync(folder).filter((name) => name.endsWith('.journal'))
        const copy = join(base, 'copy')
        cpSync(folder, copy, { recursive: true, filter: (path) => !/hold\./.test(path) })
        await journal.close()
        truncateSync(join(copy, segment), 700)
        const { code, out } = await kibitz('verify', copy)
        assert.equal(code, 0)
        assert.match(out, /^records {3}none$/m)
        assert.match(out, /the next start removes 444 bytes of an unacknowledged write/)
        assert.match(out, /a COPY/)
    })

    test('adopts a copy if the user passes --only-copy', async () => {
        await write(20)
        const copy = join(base, 'copy')
        cpSync(folder, copy, { recursive: true })
        rmSync(folder, { recursive: true })
        folder = copy
        await assert.rejects(write(21), { code: 'journal-foreign' })
        const refused = await kibitz('adopt', copy)
        assert.equal(refused.code, 2)
        assert.match(refused.said, /Pass --only-copy if the original had stopped/)
        await assert.rejects(write(21), { code: 'journal-foreign' })
        const { code, out } = await kibitz('adopt', '--only-copy', copy)
        assert.deepEqual([code, out], [0, `${copy} is now the journal of member-1.\n`])
        await write(21)
        assert.match((await kibitz('adopt', '--only-copy', copy)).out, /is no copy/)
    })

    test('explains why a folder or a file cannot be used', async () => {
        await write(1)
        const file = join(base, 'file')
        writeFileSync(file, '')
        const cases: readonly [readonly string[], RegExp][] = [
            [['verify', join(base, 'nowhere')],
                /^kibitz: The folder .*nowhere does not exist\.\n$/],
            [['verify', file], /is no folder\. Name the folder of a journal\.\n$/],
            [['verify', base], /is no journal, but contains journals: .*one\.\n$/],
            [['stat', join(base, '..')], /is no journal/],
            [['export', '--state', folder], /has no snapshot, so no state to export\.\n$/],
            [['export', folder, join(base, 'no', 'where')], /ENOENT.*where/]
        ]
        for (const [args, message] of cases) {
            const { code, out, said } = await kibitz(...args)
            assert.match(said, message)
            assert.deepEqual([code, out], [1, ''], said)
        }
    })

    test('explains wrong arguments', async () => {
        const cases: readonly [readonly string[], RegExp][] = [
            [[], /^Choose one of: verify, show, stat, .*, metrics, follow, adopt, refound/],
            [['check', folder], /^There is no journal command check\.$/],
            [['verify'], /^Name the folder of the journal to verify\.$/],
            [['verify', folder, 'other'], /^verify takes one folder, not also other\.$/],
            [['export', folder, 'file', 'other'], /^export takes one folder, not also other\.$/],
            [['show', '--from', '0', folder], /^--from takes the number of a record, not 0\.$/],
            [['stat', '--to', '1', folder], /^stat does not take --to\.$/],
            [['show', '--all', folder], /^Unknown option '--all'\.$/]
        ]
        for (const [args, message] of cases) {
            assert.throws(() => parseJournal(args), { name: 'UsageError', message })
        }
        const wrong = await kibitz()
        assert.match(wrong.said, /^kibitz: Choose one of: .* See kibitz journal --help\.\n$/)
        assert.equal(wrong.code, 2)
        const help = await kibitz('--help')
        assert.match(help.out, /adopt DIR/)
        assert.equal(help.code, 0)
    })

    test('ends without an error if the reader closes the pipe, and at once by SIGINT', async () => {
        await write(20_000)
        const reader = spawn(process.execPath, [PROGRAM, 'journal', 'show', folder])
        let said = ''
        reader.stderr.on('data', (text) => {
            said += String(text)
        })
        reader.stdout.once('data', () => reader.stdout.destroy())
        assert.deepEqual(await once(reader, 'close'), [0, null], said)
        const slow = spawn(process.execPath, [PROGRAM, 'journal', 'show', folder])
        // The full pipe blocks the command, so the command cannot end by itself.
        await once(slow.stdout, 'readable')
        slow.kill('SIGINT')
        assert.deepEqual(await once(slow, 'exit'), [130, null])
        slow.stdout.destroy()
    })
})
