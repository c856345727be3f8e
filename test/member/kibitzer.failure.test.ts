import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Kibitzer } from '../../src/index.js'
import { cleanUp, found, immigration, mind, settle, watch } from './durable.js'
import { at } from '../support/island.js'
import { blank, Notebook, settled } from '../support/notebook.js'
import '../support/silence.js'

cleanUp()

describe('a member whose journal fails', () => {
    test('stops at once, and releases no held output', async () => {
        const { journal, kibitzer, ended, log, calls } = await found()
        const published = watch(kibitzer.publish('x'))
        const answered = watch(kibitzer.request(immigration('b')))
        await settled()
        journal.fail(new Error('EIO: the disk is gone'))
        await settled()
        assert.equal(kibitzer.destroyed, true)
        assert.deepEqual([published, answered], [{ outcome: 'journal-failed' }, { outcome: null }])
        assert.deepEqual([log(), calls()], [[], []])
        const error = await ended
        assert.equal(error?.code, 'journal-failed')
        assert.match(String(error?.cause), /EIO/)
        assert.equal(kibitzer.status().failure, error)
        assert.equal(journal.isClosed, true)
        await assert.rejects(kibitzer.publish('y'), { code: 'journal-failed' })
        await assert.rejects(kibitzer.snapshot('1/0', Buffer.from('')), error)
    })

    test('ends its queues for a reader that waits for the next entry', async () => {
        const { journal, kibitzer, cursors } = await found()
        kibitzer.publish('x')
        const next = new Promise((resolve) => {
            cursors.log.dequeue((_error, entry) => resolve(entry))
        })
        await settled()
        journal.fail(new Error('EIO'))
        assert.equal(await next, null)
    })

    test('stops without applying an input that the journal rejects', async () => {
        const { journal, kibitzer, ended } = await found()
        journal.fail(new Error('ENOSPC'))
        const before = kibitzer.paxos.inspect()
        const published = watch(kibitzer.publish('x'))
        await settled()
        assert.deepEqual(published, { outcome: 'journal-failed' })
        assert.deepEqual(kibitzer.paxos.inspect(), before)
        assert.equal((await ended)?.code, 'journal-failed')
    })
})

describe('a member with a journal that is destroyed', () => {
    test('flushes, commits what its disk holds, and closes the journal', async () => {
        const { journal, kibitzer, ended, log } = await found()
        const published = watch(kibitzer.publish('x'))
        kibitzer.destroy()
        await settled()
        assert.deepEqual([kibitzer.destroyed, journal.isClosed, log()], [true, false, []])
        assert.deepEqual(published, { outcome: 'open' })
        journal.flushNow()
        assert.equal(await ended, null)
        assert.deepEqual([log(), published], [['1/1'], { outcome: { promise: '1/1' } }])
        assert.equal(journal.isClosed, true)
    })

    test('releases held answers, and rejects a publish behind an open government', async () => {
        const { journal, kibitzer, ended, log } = await found()
        const published = watch(kibitzer.publish('x'))
        const answered = watch(kibitzer.request(immigration('b')))
        kibitzer.destroy()
        await settled()
        assert.deepEqual([published, answered], [{ outcome: 'open' }, { outcome: 'open' }])
        journal.flushNow()
        assert.equal(await ended, null)
        assert.deepEqual([log(), published, answered],
            [['2/0'], { outcome: 'destroyed' }, { outcome: { enqueued: true } }])
    })

    test('rejects a publish that is not on the log as destroyed', async () => {
        const { kibitzer } = await settle('b')
        const published = watch(kibitzer.publish('x'))
        kibitzer.destroy()
        await settled()
        assert.deepEqual(published, { outcome: 'destroyed' })
    })

    test('ends with an error when the last flush fails', async () => {
        const { journal, kibitzer, ended, log } = await found()
        const published = watch(kibitzer.publish('x'))
        kibitzer.destroy()
        await settled()
        journal.fail(new Error('EIO'))
        assert.equal((await ended)?.code, 'journal-failed')
        assert.deepEqual([published, log()], [{ outcome: 'journal-failed' }, []])
    })
})

describe('a Kibitzer with a journal', () => {
    test('refuses every call before recover', async () => {
        const paper = blank()
        const kibitzer = new Kibitzer({ id: 'a', journal: new Notebook(paper) })
        mind(kibitzer)
        for (const misuse of [
            () => kibitzer.listen(),
            () => kibitzer.bootstrap('republic', at('a')),
            () => kibitzer.join('republic', at('b'), at('a')),
            () => kibitzer.publish('x'),
            () => kibitzer.publishAll(['x']),
            () => kibitzer.barrier(),
            () => kibitzer.naturalize(),
            () => kibitzer.replay({ module: 'kibitz', method: 'naturalize', when: 0, body: {} })
        ]) {
            assert.throws(misuse, { code: 'invalid-argument' }, String(misuse))
        }
        assert.equal(await kibitzer.request(immigration('b')), null)
        const early = kibitzer.snapshot('1/0', Buffer.from(''))
        await assert.rejects(early, { code: 'invalid-argument' })
        const recovered = await kibitzer.recover()
        assert.deepEqual(recovered, {
            recovered: false, exiled: false, records: 0, snapshot: null
        })
        assert.throws(() => kibitzer.recover(), { code: 'invalid-argument' })
        assert.deepEqual(new Notebook(paper).methods, ['birth', 'revive'])
        kibitzer.bootstrap('republic', at('a'))
        assert.equal(kibitzer.status().committed, '1/0')
    })

    test('refuses recover and snapshot if no journal is configured', () => {
        const kibitzer = new Kibitzer({ id: 'a' })
        mind(kibitzer)
        assert.throws(() => kibitzer.recover(), { code: 'invalid-argument' })
        assert.throws(() => kibitzer.snapshot('1/0', Buffer.from('')), { code: 'invalid-argument' })
        assert.equal(kibitzer.status().journal, null)
    })

    test('ends when the caller destroys the Kibitzer before recover', async () => {
        const kibitzer = new Kibitzer({ id: 'a', journal: new Notebook() })
        const ended = kibitzer.destruction
        kibitzer.destroy()
        await new Promise<void>((resolve) => { ended.wait(() => resolve()) })
        assert.throws(() => kibitzer.recover(), { code: 'destroyed' })
    })

    test('stamps no input earlier than the last input, even if the clock goes back', async () => {
        const paper = blank()
        const dusk = Date.UTC(2030, 0, 1)
        const member = (journal: Notebook, now: number): Kibitzer => {
            const kibitzer = new Kibitzer({ id: 'a', journal, Date: { now: () => now } })
            mind(kibitzer)
            return kibitzer
        }
        const kibitzer = member(new Notebook(paper), dusk)
        await kibitzer.recover()
        kibitzer.bootstrap('republic', at('a'))
        await settled()
        const again = member(new Notebook(paper), 0)
        await again.recover()
        await settled()
        assert.equal(new Notebook(paper).played.at(-1)?.when, dusk)
        await again.snapshot('1/0', Buffer.from(''))
        await member(new Notebook(paper), 0).recover()
        await settled()
        assert.deepEqual(new Notebook(paper).played.map(({ when }) => when), [dusk])
    })

    test('repeats only one unanswered call after recovery', async () => {
        const { journal, kibitzer } = await found()
        journal.isHeld = false
        for (let round = 0; round < 3; round++) {
            await kibitzer.request(immigration('b'))
            kibitzer.publish('x')
        }
        await settled()
        assert.ok(kibitzer.paxos.unanswered.length > 0)
        const { calls } = await settle('a', new Notebook(journal.paper))
        const asked = calls()
        assert.deepEqual(asked.map(({ method, to }) => [method, to]), [['receive', at('b')]])
    })

    test('leaves no records behind a last snapshot, so a later version recovers', async () => {
        const { journal, kibitzer } = await found()
        const { paper } = journal
        journal.isHeld = false
        const written = kibitzer.snapshot('1/0', Buffer.from('nothing'))
        kibitzer.publish('y')
        kibitzer.destroy()
        await written
        await settled()
        assert.ok(journal.isClosed)
        assert.deepEqual(new Notebook(paper).methods, ['publish', 'enqueue', 'published'])
        const again = await settle('a', new Notebook(paper))
        await again.kibitzer.barrier()
        const last = again.log().at(-1) ?? ''
        const final = again.kibitzer.snapshot(last, Buffer.from(''))
        again.kibitzer.destroy()
        await final
        assert.deepEqual(new Notebook(paper).methods, [])
        const bytes = Buffer.from(paper.snapshot?.bytes ?? '')
        // The snapshot looks like that of another version.
        bytes.write('9', bytes.indexOf('"engine":') + 9)
        paper.snapshot = { through: paper.snapshot?.through ?? 0, bytes }
        const later = await settle('a', new Notebook(paper))
        assert.deepEqual([later.recovered.recovered, later.recovered.records], [true, 0])
        await later.kibitzer.publish('z')
        later.kibitzer.destroy()
        await settled()
        const refused = new Kibitzer({ id: 'a', journal: new Notebook(paper) })
        await assert.rejects(refused.recover(), { code: 'journal-version' })
    })

    test('reports the size of the journal in its status', async () => {
        const { journal, kibitzer } = await found()
        assert.deepEqual(kibitzer.status().journal, journal.stat())
        assert.equal(kibitzer.status().failure, null)
    })
})
