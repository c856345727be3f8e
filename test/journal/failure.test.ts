import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import Logger from 'prolific.logger'
import { dice } from './dice.js'
import { liveUntilKilled, nothingTold } from './life.js'
import { type Call, Platter, systemError } from './platter.js'
import {
    appendThrough, codeOf, FOLDER, journalOn, OWNER, record, reopen, state
} from './records.js'

/** Lets the n-th call that changes something fail, and keeps the calls that come after. */
function failAt(platter: Platter, count: number, code: string): readonly Call[] {
    const after: Call[] = []
    let changes = 0
    platter.onCall = (call) => {
        if (!/^(?:create|remove|rename|sync|syncFolder|truncate|write)$/.test(call.name)) {
            return
        }
        if (changes > count) {
            after.push(call)
        }
        if (changes++ === count) {
            throw systemError(code)
        }
    }
    return after
}

describe('a journal on a failing disk', () => {
    for (const code of ['EIO', 'ENOSPC']) {
        test(`stops and keeps the stable records if any call fails with ${code}`, async () => {
            const random = dice(code.length)
            for (let count = 0; ; count++) {
                const platter = new Platter()
                const told = nothingTold()
                const after = failAt(platter, count, code)
                const error = await liveUntilKilled(platter, told, { rounds: 9, isBusy: false })
                assert.deepEqual(after, [], `call ${count}: it went on`)
                platter.onCall = () => {}
                platter.crash()
                if (random(2) === 0) {
                    platter.losePower(() => random(2) === 0)
                }
                const { last } = await reopen(platter)
                assert.ok(last >= told.stable && last <= told.appended, `call ${count}: ${last}`)
                if (error === null) {
                    assert.ok(count > 60, `${count} calls`)
                    return
                }
                assert.ok(error instanceof Error && 'code' in error)
                assert.equal(error.code, 'journal-failed')
                assert.match(error.message, new RegExp(code))
            }
        })
    }

    test('rejects every later call with the first failure', async () => {
        const platter = new Platter()
        const journal = journalOn(platter)
        await journal.open(OWNER)
        appendThrough(journal, 3)
        const reason = systemError('EIO')
        let isBroken = true
        platter.onCall = ({ name }) => {
            if (name === 'sync' && isBroken) {
                isBroken = false
                throw reason
            }
        }
        const flush = journal.flush()
        appendThrough(journal, 4)
        const next = journal.flush()
        await assert.rejects(flush, { code: 'journal-failed', cause: reason })
        await assert.rejects(next, { code: 'journal-failed', cause: reason })
        await assert.rejects(journal.flush(), { code: 'journal-failed', cause: reason })
        await assert.rejects(journal.snapshot(3, []), { code: 'journal-failed', cause: reason })
        assert.throws(() => journal.append(record(5)), { code: 'journal-failed' })
        assert.equal(journal.stat().stable, 0)
        await journal.close()
        assert.deepEqual(platter.holders(FOLDER), [])
    })

    test('stores the records again that a failed synchronization left in the cache', async () => {
        const platter = new Platter()
        const journal = journalOn(platter)
        await journal.open(OWNER)
        appendThrough(journal, 2)
        await journal.flush()
        appendThrough(journal, 5)
        platter.onCall = ({ name }) => {
            if (name === 'sync') {
                throw systemError('EIO')
            }
        }
        assert.equal(await codeOf(journal.flush()), 'journal-failed')
        platter.onCall = () => {}
        platter.crash()
        // The system still shows the bytes, and would not store them by itself any more.
        const again = journalOn(platter)
        const { last } = await again.open(OWNER)
        assert.equal(last, 5)
        platter.losePower(() => false)
        assert.equal((await reopen(platter)).last, 5)
    })

    test('continues from the last stable record once the disk has room again', async () => {
        const platter = new Platter()
        const journal = journalOn(platter)
        await journal.open(OWNER)
        appendThrough(journal, 5)
        await journal.flush()
        appendThrough(journal, 9)
        platter.onCall = ({ name }) => {
            if (name === 'write') {
                throw systemError('ENOSPC')
            }
        }
        assert.equal(await codeOf(journal.flush()), 'journal-failed')
        await journal.close()
        platter.onCall = () => {}
        const again = journalOn(platter)
        assert.equal((await again.open(OWNER)).last, 5)
        appendThrough(again, 9)
        assert.equal(await again.flush(), 9)
        await again.close()
        assert.equal((await reopen(platter)).last, 9)
    })
})

describe('a journal', () => {
    test('logs the bytes that the opening cuts off', async () => {
        const platter = new Platter()
        const journal = journalOn(platter)
        await journal.open(OWNER)
        appendThrough(journal, 4)
        await journal.flush()
        platter.crash()
        const path = `${FOLDER}/0000000000000001.journal`
        platter.tamper(path, platter.contents(path)?.subarray(0, 300) ?? null)
        const lines: unknown[] = []
        const { sink } = Logger
        const queue = sink.queue
        sink.queue = { push: (line) => void lines.push(line) }
        try {
            assert.equal((await reopen(platter)).last, 0)
        } finally {
            sink.queue = queue
        }
        assert.match(JSON.stringify(lines), /"cut".*"at":256,"bytes":37,"last":0/)
    })

    test('closes although the source of a snapshot never answers', async () => {
        const platter = new Platter()
        const journal = journalOn(platter)
        await journal.open(OWNER)
        appendThrough(journal, 4)
        let wasEnded = false
        const never: AsyncIterable<Uint8Array> = {
            [Symbol.asyncIterator]: () => ({
                next: () => new Promise(() => {}),
                return: async () => {
                    wasEnded = true
                    return await Promise.resolve({ done: true, value: undefined })
                }
            })
        }
        const snapshot = codeOf(journal.snapshot(4, never))
        await journal.flush()
        await journal.close()
        assert.equal(await snapshot, 'destroyed')
        assert.equal(wasEnded, true)
        assert.deepEqual(await reopen(platter), { state: null, first: 1, last: 4 })
    })

    test('accepts records up to the limits and refuses records above', async () => {
        const journal = journalOn(new Platter(), { recordSize: 100, waitingSize: 250 })
        await journal.open(OWNER)
        assert.throws(() => journal.append(Buffer.alloc(101)), { code: 'too-large' })
        assert.equal(journal.append(Buffer.alloc(100)), 1)
        assert.equal(journal.append(Buffer.alloc(100)), 2)
        assert.throws(() => journal.append(Buffer.alloc(100)), { code: 'overloaded' })
        assert.equal(await journal.flush(), 2)
        assert.equal(journal.append(Buffer.alloc(100)), 3)
        await journal.close()
    })

    test('refuses invalid options and owners', async () => {
        const platter = new Platter()
        for (const options of [
            { segmentSize: 1023 }, { segmentSize: 2 ** 31 }, { recordSize: 0 },
            { waitingSize: 0.5 }, { recordSize: Number.NaN }
        ]) {
            assert.throws(() => journalOn(platter, options), { code: 'invalid-argument' })
        }
        for (const owner of ['', 'x'.repeat(129)]) {
            assert.equal(await codeOf(journalOn(platter).open(owner)), 'invalid-argument')
        }
        const longest = 'é'.repeat(64)
        const journal = journalOn(platter)
        await journal.open(longest)
        await journal.close()
        await reopen(platter, longest)
    })

    test('deletes the segments and the snapshot that a newer snapshot replaces', async () => {
        const platter = new Platter()
        const journal = journalOn(platter)
        await journal.open(OWNER)
        let largest = 0
        for (let through = 10; through <= 1000; through += 10) {
            appendThrough(journal, through)
            await journal.flush()
            await journal.snapshot(through, state(through))
            const { segments, size, snapshotSize } = journal.stat()
            largest = Math.max(largest, size)
            const files = platter.paths().filter((path) => /\.(?:journal|snapshot)$/.test(path))
            assert.equal(files.length, segments + 1)
            const sum = files.reduce((total, path) =>
                total + (platter.contents(path)?.length ?? 0), 0)
            assert.equal(sum, size + snapshotSize)
        }
        assert.ok(largest < 5000, `${largest} bytes`)
        await journal.close()
    })
})
