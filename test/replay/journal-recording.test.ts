import assert from 'node:assert/strict'
import { appendFileSync, cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync,
    truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, afterEach, before, describe, test } from 'node:test'
import { Kibitzer, type KibitzerOptions } from '../../src/index.js'
import { FileJournal } from '../../src/journal/file-journal.js'
import { readFolder } from '../../src/replay/journal-recording.js'
import type { ReplayProgress } from '../../src/replay/options.js'
import { Replayer } from '../../src/replay/replayer.js'
import { MemoryNetwork } from '../../src/transport/memory.js'
import { isRefusal } from '../support/refusal.js'
import { digest, textOf, Witness } from './witness.js'
import '../support/silence.js'

let base = ''

before(() => {
    base = mkdtempSync(join(tmpdir(), 'replay-'))
})
after(() => rmSync(base, { recursive: true }))

/** Every file of a folder with its bytes, its size and the time of its last change. */
function contentOf(folder: string): readonly unknown[] {
    return readdirSync(folder).sort().map((name) => {
        const path = join(folder, name)
        return [name, statSync(path).mtimeMs, digest(readFileSync(path, 'base64'))]
    })
}

/** Members with journals in one process. */
class Republic {
    readonly network = new MemoryNetwork()
    readonly witness = new Witness()

    folder(id: string): string {
        return join(base, id)
    }

    async start(id: string, options: Partial<KibitzerOptions> = {}): Promise<Kibitzer> {
        const journal = new FileJournal(this.folder(id), { segmentSize: 32 * 1024 })
        const kibitzer = new Kibitzer({ ...options, id, journal })
        await kibitzer.recover()
        this.network.attach(kibitzer)
        kibitzer.listen()
        return kibitzer
    }

    async stop(kibitzer: Kibitzer): Promise<void> {
        const ended = new Promise((resolve) => {
            kibitzer.destruction.wait(resolve)
        })
        kibitzer.destroy()
        await ended
    }

    /** Compares the journal of a member with the states of its processes. */
    async compare(id: string): Promise<Replayer> {
        const replayer = await Replayer.from({ journal: this.folder(id) })
        const states = this.witness.testimonies
            .flatMap((testimony) => (testimony.id === id ? testimony.states : []))
        assert.ok(replayer.last > replayer.first)
        let place: number | null = null
        for (let step = replayer.step(); step !== null; step = replayer.step()) {
            const state = digest(textOf(step.state))
            // A record before the snapshot may hold many folded inputs.
            place = place === null ? states.indexOf(state, step.number - 1) : place + 1
            assert.equal(state, states[place])
        }
        assert.equal(replayer.number, replayer.last)
        return replayer
    }
}

async function publish(kibitzer: Kibitzer, count: number): Promise<string> {
    let last = ''
    for (let value = 0; value < count; value++) {
        last = (await kibitzer.publish({ value, text: 'ü\u2028' })).promise
    }
    return last
}

test('the recording of a journal keeps each record of a long segment', async () => {
    const folder = join(base, 'long')
    // The records take three megabytes, more than the journal reads at a time.
    const wide = (number: number): Buffer => Buffer.alloc(100_000, `${number}.`)
    const journal = new FileJournal(folder)
    await journal.open('a')
    for (let number = 1; number <= 30; number++) {
        journal.append(wide(number))
        await journal.flush()
    }
    await journal.close()
    const reading = { sizeMax: 2 ** 30, onBytes: () => {}, check: () => {} }
    const { inputs } = await readFolder(folder, reading)
    assert.equal(inputs.length, 30)
    assert.deepEqual([...inputs], Array.from(inputs, (_, index) => wide(index + 1)))
})

describe('a replayer of a journal', () => {
    const republic = new Republic()
    const open: Kibitzer[] = []

    async function start(id: string): Promise<Kibitzer> {
        const kibitzer = await republic.start(id)
        open.push(kibitzer)
        return kibitzer
    }

    afterEach(async () => {
        await Promise.all(open.splice(0).map((kibitzer) => republic.stop(kibitzer)))
        rmSync(base, { recursive: true })
        republic.witness[Symbol.dispose]()
    })

    test('equals the member before and after snapshots and restarts, and changes no file',
        async () => {
            const a = await start('a')
            a.bootstrap('r', { memory: 'a' })
            const b = await start('b')
            await b.join('r', { memory: 'a' }, { memory: 'b' })
            b.naturalize()
            await publish(b, 40)
            assert.equal((await republic.compare('a')).first, 1)

            const promise = await publish(a, 3)
            await a.snapshot(promise, Buffer.from('state'))
            await publish(a, 20)
            await republic.stop(b)
            const before = contentOf(republic.folder('b'))
            assert.equal((await republic.compare('b')).first, 1)
            assert.deepEqual(contentOf(republic.folder('b')), before)
            const returned = await start('b')
            await publish(returned, 20)
            const replayer = await republic.compare('a')
            assert.ok(replayer.first > 1)
            assert.equal((await republic.compare('b')).first, 1)
            // The member runs on, and is not disturbed.
            await publish(a, 1)
            const step = await replayer.seek(replayer.first)
            assert.equal(step?.number, replayer.first)
        })
})

describe('a folder that is no sound journal', () => {
    let folder = ''

    before(async () => {
        base = mkdtempSync(join(tmpdir(), 'replay-'))
        folder = join(base, 'a')
        const a = new Kibitzer({ id: 'a', journal: new FileJournal(folder) })
        await a.recover()
        a.listen()
        a.bootstrap('r', { memory: 'a' })
        await publish(a, 300)
        const ended = new Promise((resolve) => {
            a.destruction.wait(resolve)
        })
        a.destroy()
        await ended
    })

    function copy(name: string): string {
        const path = join(base, name)
        cpSync(folder, path, { recursive: true, preserveTimestamps: true })
        return path
    }

    function segmentIn(path: string): string {
        const name = readdirSync(path).find((each) => each.endsWith('.journal'))
        return join(path, name ?? '')
    }

    test('is refused if there is none', async () => {
        for (const path of [join(base, 'absent'), base]) {
            await assert.rejects(Replayer.from({ journal: path }), isRefusal('invalid-argument'))
        }
    })

    test('is refused if a byte differs', async () => {
        const path = copy('flipped')
        const bytes = readFileSync(segmentIn(path))
        bytes.writeUInt8(bytes.readUInt8(5000) ^ 1, 5000)
        writeFileSync(segmentIn(path), bytes)
        await assert.rejects(Replayer.from({ journal: path }), isRefusal('journal-damaged'))
    })

    test('is read as a copy, and up to a torn write', async () => {
        const path = copy('torn')
        const whole = await Replayer.from({ journal: path })
        assert.equal(whole.id, 'a')
        rmSync(join(path, 'manifest'))
        await assert.rejects(Replayer.from({ journal: path }), isRefusal('journal-damaged'))
        const running = copy('running')
        truncateSync(segmentIn(running), statSync(segmentIn(running)).size - 10)
        await assert.rejects(Replayer.from({ journal: running }), isRefusal('journal-damaged'))
        appendFileSync(segmentIn(running), Buffer.alloc(1))
        await assert.rejects(Replayer.from({ journal: running }), isRefusal('journal-damaged'))
    })

    test('is refused beyond the size, and the reading can be aborted', async () => {
        await assert.rejects(
            Replayer.from({ journal: folder }, { sizeMax: 1000 }), isRefusal('too-large'))
        const aborted = AbortSignal.abort()
        await assert.rejects(
            Replayer.from({ journal: folder }, { signal: aborted }), isRefusal('aborted'))
        const controller = new AbortController()
        const progress = (): void => controller.abort()
        await assert.rejects(Replayer.from(
            { journal: folder }, { signal: controller.signal, progress }), isRefusal('aborted'))
    })

    test('reports the progress in bytes, then in inputs', async () => {
        const reports: ReplayProgress[] = []
        await Replayer.from({ journal: folder }, { progress: (report) => reports.push(report) })
        const units = reports.map(({ unit }) => unit)
        const { done, of, unit } = reports[units.indexOf('inputs') - 1] ?? assert.fail()
        assert.deepEqual([done, unit], [of, 'bytes'])
        assert.ok(!units.slice(units.indexOf('inputs')).includes('bytes'))
        const last = reports.at(-1) ?? assert.fail()
        assert.equal(last.done, last.of)
    })
})
