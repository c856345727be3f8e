import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { History } from '../../src/member/history.js'
import type { Bound, LogReader } from '../../src/member/log-reader.js'
import type { Monotonic } from '../../src/base/monotonic.js'
import type { LogEntry, UserBody } from '../../src/paxos/messages/messages.js'
import { copyAndFreeze } from '../../src/base/json-value.js'

const SIZE = 110

/** The size of an entry without its value, and the quotes of the value. */
const OVERHEAD = 98

function promiseOf(number: number): Monotonic {
    return `1/${number.toString(16)}`
}

/** The entries in [from, to). */
function entries(from: number, to: number): LogEntry[] {
    return Array.from({ length: to - from }, (_, index): LogEntry => {
        const number = from + index
        const body = {
            id: number % 1000 < 500 ? 'a' : 'b',
            cookie: number.toString(16),
            immigrated: '1/0',
            body: `${number}`.padEnd(SIZE - OVERHEAD)
        }
        const [promise, previous] = [number, number - 1].map(promiseOf) as [string, string]
        return { module: 'paxos', method: 'entry', promise, previous, body }
    })
}

interface Book {
    readonly history: History
    /** Appends and reveals the next entries. */
    readonly write: (count: number) => void
    readonly read: (options?: Partial<Bound> | null, from?: Monotonic | null) => LogReader
}

/** A history of a number of entries whose application may leave so much. */
function open(
    kept: number,
    application: Bound = { entries: 100, size: 1_000_000 },
    isOpen: boolean = true
): Book {
    const history = new History({ entries: kept, application: () => application }, isOpen)
    let written = 0
    return {
        history,
        write: (count) => {
            for (const entry of entries(written + 1, written + 1 + count)) {
                history.append(entry)
                history.reveal()
                history.forgetOldest()
            }
            written += count
        },
        read: (options = {}, from = null) => {
            const bound = options && { entries: 100_000, size: 100_000_000, ...options }
            const reader = history.reader(from, { bound })
            assert(reader !== null)
            return reader
        }
    }
}

function take(reader: LogReader, count: number = Number.POSITIVE_INFINITY): LogEntry[] {
    const taken: LogEntry[] = []
    while (taken.length < count) {
        const entry = reader.shift()
        if (entry === undefined) {
            break
        }
        taken.push(entry)
    }
    return taken
}

/** Compares a long history of values, and of some governments, with what a reader takes from it. */
function checkPacked(
    values: readonly unknown[], cookieOf: (index: number) => number = (index) => index
): void {
    const { history, read } = open(4000)
    const written = entries(1, 1001).map((entry, index) => index % 100 === 0
        ? { ...entry, method: 'government', body: { majority: ['a'] } } as unknown as LogEntry
        : {
            ...entry,
            body: {
                ...entry.body,
                cookie: cookieOf(index).toString(16),
                body: values[index % values.length]
            }
        } as LogEntry)
    for (const entry of written) {
        history.append(entry)
        history.reveal()
    }
    const reader = read()
    for (const entry of written) {
        const taken = reader.shift()
        assert.deepEqual({ ...taken }, { ...entry })
        assert(taken !== undefined && Object.isFrozen((taken.body as UserBody).body))
    }
}

describe('History', () => {
    for (const kept of [1, 8, 100, 1000, 5000]) {
        test(`keeps the newest ${kept} entries for later readers, and at most 512 more`, () => {
            const { history, write, read } = open(kept)
            write(12_000)
            const held = take(read())
            assert.ok(held.length >= kept && held.length <= kept + 512, `${held.length} are held`)
            assert.deepEqual(held, entries(12_001 - held.length, 12_001))
            for (const number of [12_001 - kept, 12_000]) {
                const [first] = take(read({}, promiseOf(number)))
                assert.equal(first?.promise, promiseOf(number))
            }
            assert.equal(history.reader(promiseOf(12_000 - kept - 513), { bound: null }), null)
            assert.equal(history.reader(promiseOf(12_001), { bound: null }), null)
        })
    }

    test('gives equal, frozen entries from a packed page', () => {
        const primitives = ['text \u0000 "\ud800', null, -1.5, true]
        const object = copyAndFreeze({ a: [1, { b: null }], ['__proto__']: 'own' })
        checkPacked(primitives)
        checkPacked([object, ...primitives])
        checkPacked(primitives, (index) => index + Math.floor(index / 7))
        checkPacked(primitives, (index) => index * 2)
        checkPacked(['ASCII', '', 'Größe', '𝕏'])
    })

    test('keeps about 64 MiB for later readers', () => {
        const limits = { entries: 100_000, application: () => ({ entries: 1, size: 1 }) }
        const history = new History(limits, true)
        const large = 'x'.repeat(256 * 1024)
        for (const entry of entries(1, 1001)) {
            if (entry.method === 'entry') {
                history.append({ ...entry, body: { ...entry.body, body: large } })
                history.reveal()
                history.forgetOldest()
            }
        }
        const reader = history.reader(null, { bound: { entries: 1, size: 1 } })
        assert(reader !== null)
        const held = take(reader).length * large.length
        assert.ok(held > 63 * 2 ** 20 && held < 66 * 2 ** 20, `${held} bytes are held`)
    })

    test('keeps every entry that a reader has not taken, within the bound', () => {
        const { write, read } = open(8)
        const reader = read({ entries: 3000 })
        write(3000)
        assert.deepEqual(take(reader, 1000), entries(1, 1001))
        write(1000)
        assert.deepEqual(take(reader), entries(1001, 4001))
        write(3001)
        assert.equal(reader.isOverrun, true)
        assert.deepEqual([reader.shift(), reader.isOver], [undefined, true])
    })

    test('keeps no more bytes than the bound of a reader', () => {
        const { write, read } = open(1000)
        const reader = read({ size: 10 * SIZE })
        write(10)
        assert.deepEqual(reader.backlog(), { entries: 10, size: 10 * SIZE })
        take(reader, 4)
        write(4)
        assert.deepEqual(reader.backlog(), { entries: 10, size: 10 * SIZE })
        assert.equal(reader.isOverrun, false)
        write(1)
        assert.equal(reader.isOverrun, true)
    })

    test('does not count older entries against the bound of a reader', () => {
        const { history, write, read } = open(1000)
        write(900)
        const reader = read({ entries: 10 }, promiseOf(5))
        assert.deepEqual(history.backlog(), { entries: 0, size: 0 })
        write(10)
        assert.deepEqual(history.backlog(), { entries: 10, size: 10 * SIZE })
        assert.deepEqual(take(reader), entries(5, 911))
    })

    test('keeps every entry that the application has not applied, and a few before', () => {
        const { history, write, read } = open(8, { entries: 2000, size: 1_000_000 })
        const application = read(null)
        write(2000)
        assert.deepEqual(history.backlog(), { entries: 2000, size: 2000 * SIZE })
        assert.deepEqual(take(application, 1900), entries(1, 1901))
        write(1000)
        assert.notEqual(history.positionOf(promiseOf(1840)), -1, 'a snapshot may be as of that')
        assert.deepEqual(take(application), entries(1901, 3001))
    })

    test('limits the application to its bound or to the kept entries', () => {
        const { write, read } = open(8, { entries: 200, size: 1_000_000 })
        const application = read(null)
        write(1000)
        assert.deepEqual([application.isOverrun, application.shift()], [true, undefined])
        const patient = open(1000, { entries: 200, size: 1_000_000 })
        const slow = patient.read(null)
        patient.write(1000)
        assert.equal(slow.isOverrun, false)
        assert.equal(take(slow).length, 1000)
    })

    test('keeps all entries from a journal for the application', () => {
        const { history, write, read } = open(8, { entries: 10, size: 1000 }, false)
        const application = read(null)
        assert.deepEqual(history.appendDelivered(entries(0, 1), promiseOf(0)), [])
        assert.equal(application.shift(), undefined, 'what was delivered before is behind it')
        write(3000)
        history.countApplication()
        write(8)
        assert.deepEqual(take(application), entries(1, 3009))
        write(1000)
        assert.equal(application.isOverrun, true)
    })

    test('keeps the entries from a hold on until the release', () => {
        const { history, write, read } = open(8)
        write(10)
        const release = history.hold(promiseOf(5))
        assert(release !== null)
        write(1000)
        assert.equal(take(read({}, promiseOf(5))).length, 1006)
        release()
        write(1000)
        assert.equal(history.hold(promiseOf(5)), null)
    })

    test('keeps the rest of a slice while an iteration reads the slice', () => {
        const { history, write } = open(8)
        write(3000)
        const [from, to] = [history.first, history.visible - 1]
        const part = history.slice(from, to)
        write(5000)
        assert.deepEqual([...part], entries(from + 1, to + 1))
        assert.deepEqual([...history.slice(history.visible, -1)], [])
    })
})

describe('a LogReader', () => {
    test('is notified once of a new entry or of the end', () => {
        const { history, write, read } = open(8)
        const reader = read()
        const told: string[] = []
        const wait = (what: string): void => reader.onNext(() => {
            told.push(what)
            reader.onNext(null)
        })
        wait('value')
        write(2)
        wait('end')
        history.end()
        assert.deepEqual(told, ['value', 'end'])
        assert.equal(reader.isOver, false)
        take(reader)
        assert.equal(reader.isOver, true)
        const late = read()
        assert.equal(take(late).length, 2)
        assert.equal(late.isOver, true, 'who comes later')
    })

    test('takes no entry before the entry is revealed', () => {
        const { history, read } = open(8)
        const reader = read()
        for (const entry of entries(1, 3)) {
            history.append(entry)
        }
        assert.equal(reader.shift(), undefined)
        history.reveal()
        assert.equal(take(reader).length, 1)
        assert.equal(history.positionOf(promiseOf(2)), 1)
    })

    test('delays publishes until the reader has taken no entry for 30 seconds', () => {
        const { history, write, read } = open(8)
        const [reader, limit] = [read(), { entries: 5, size: 1_000_000 }]
        write(5)
        assert.equal(history.isBeyond(limit, () => 0), false)
        write(1)
        assert.equal(history.isBeyond(limit, () => 0), true)
        take(reader, 1)
        write(1)
        assert.equal(history.isBeyond(limit, () => 29_000), true)
        assert.equal(history.isBeyond(limit, () => 58_000), true)
        assert.equal(history.isBeyond(limit, () => 60_000), false)
        take(reader, 1)
        write(1)
        assert.equal(history.isBeyond(limit, () => 90_000), true)
        reader.destroy()
        assert.equal(history.isBeyond(limit, () => 90_000), false)
        read(null)
        write(6)
        assert.equal(history.isBeyond(limit, () => 0), true)
        assert.equal(history.isBeyond(limit, () => 1e9), true, 'the application always counts')
    })
})
