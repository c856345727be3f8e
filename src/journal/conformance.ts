import assert from 'node:assert/strict'
import type { Holdings, Journal } from './journal.js'
import { all, records, text, texts } from './conformance-records.js'

/** A storage place for one journal, empty at first. */
export interface JournalSubject {
    /** Makes an unopened journal on the stored data, as a new process does. */
    journal(): Journal
    /**
     * Ends the owner of an open journal without a close, like `kill -9`. Unflushed records may be
     * lost.
     */
    crash(journal: Journal): Promise<void> | void
    /** Removes the place. */
    end(): Promise<void> | void
}

/** One test case for a journal. */
export interface JournalCase {
    /** The required behaviour, as a sentence without its subject. */
    readonly name: string
    /** Rejects with the difference from the required behaviour. */
    run(): Promise<void>
}

type JournalTest = (subject: JournalSubject) => Promise<void>
const OWNER = 'conformance'

/** Contents that a careless journal may damage or mistake for its own structure. */
const AWKWARD: readonly Uint8Array[] = [
    Buffer.alloc(0), Buffer.alloc(4096), Buffer.from('\n'), Buffer.from([0, 255, 10, 13, 128]),
    Buffer.from('{"π":"𝕏"}'), Buffer.alloc(100_000, 7), Buffer.alloc(0)
]

async function opened(subject: JournalSubject): Promise<Journal> {
    const journal = subject.journal()
    await journal.open(OWNER)
    return journal
}

function appendThrough(journal: Journal, through: number): void {
    for (let { last } = journal.stat(); last < through; last++) {
        assert.equal(journal.append(text(last + 1)), last + 1)
    }
}

/** Appends records up to a number, and flushes. */
async function extend(journal: Journal, through: number): Promise<void> {
    appendThrough(journal, through)
    assert.equal(await journal.flush(), through)
}

/** Opens a journal with `count` stable records. */
async function filled(subject: JournalSubject, count: number): Promise<Journal> {
    const journal = await opened(subject)
    await extend(journal, count)
    return journal
}

/** Opens a journal again and checks the holdings. */
async function reopened(subject: JournalSubject, holdings: Holdings): Promise<Journal> {
    const journal = subject.journal()
    assert.deepEqual(await journal.open(OWNER), holdings)
    return journal
}

const RECORDS: Readonly<Record<string, JournalTest>> = {
    'is empty at first, and after it was opened and closed': async (subject) => {
        for (let time = 0; time < 2; time++) {
            const journal = await reopened(subject, { snapshot: null, first: 1, last: 0 })
            assert.deepEqual(await records(journal, 1), [])
            assert.deepEqual(await all(journal.readSnapshot()), [])
            assert.equal(await journal.flush(), 0)
            await journal.close()
        }
    },
    'numbers records from one on, and goes on where it ended': async (subject) => {
        const journal = await filled(subject, 3)
        await journal.close()
        const again = await reopened(subject, { snapshot: null, first: 1, last: 3 })
        await extend(again, 5)
        await again.close()
        const last = await opened(subject)
        assert.deepEqual(await records(last, 1), texts(1, 5))
        await last.close()
    },
    'gives back the bytes it was given, whatever they are': async (subject) => {
        const journal = await opened(subject)
        for (const record of AWKWARD) {
            journal.append(record)
        }
        await journal.flush()
        await journal.close()
        const again = await opened(subject)
        assert.deepEqual(await records(again, 1),
            AWKWARD.map((record) => Buffer.from(record).toString('latin1')))
        await again.close()
    },
    'copies what it is given': async (subject) => {
        const journal = await opened(subject)
        const record = Buffer.from('before')
        journal.append(record)
        record.fill('x')
        await journal.flush()
        await journal.close()
        const again = await opened(subject)
        assert.deepEqual(await records(again, 1), ['before'])
        await again.close()
    },
    'reads from a record on, through the last as of its opening': async (subject) => {
        await (await filled(subject, 500)).close()
        const journal = await opened(subject)
        await extend(journal, 510)
        for (const from of [1, 2, 250, 499, 500, 501]) {
            assert.deepEqual(await records(journal, from), texts(from, 500))
        }
        await assert.rejects(records(journal, 0), { code: 'invalid-argument' })
        await journal.close()
    }
}

const FLUSHES: Readonly<Record<string, JournalTest>> = {
    'keeps what flush reported when its process is killed': async (subject) => {
        const journal = await filled(subject, 20)
        appendThrough(journal, 30)
        await subject.crash(journal)
        const again = subject.journal()
        const { last } = await again.open(OWNER)
        assert.ok(last >= 20 && last <= 30)
        assert.deepEqual(await records(again, 1), texts(1, last))
        await extend(again, last + 1)
        await again.close()
    },
    'keeps what its opening told when its process is killed at once': async (subject) => {
        await subject.crash(await filled(subject, 20))
        const journal = subject.journal()
        const { last } = await journal.open(OWNER)
        await subject.crash(journal)
        const again = subject.journal()
        assert.equal((await again.open(OWNER)).last, last)
        await again.close()
    },
    'commits together what gathers while it is busy': async (subject) => {
        const journal = await opened(subject)
        const flushes: Promise<number>[] = []
        for (let number = 1; number <= 1000; number++) {
            journal.append(text(number))
            flushes.push(journal.flush())
        }
        for (const [index, through] of (await Promise.all(flushes)).entries()) {
            assert.ok(through > index, `${through} was reported for ${index + 1}`)
        }
        const { commits, stable, waiting } = journal.stat()
        assert.ok(commits < 10, `${commits} commits for what came at once`)
        assert.deepEqual({ stable, waiting }, { stable: 1000, waiting: 0 })
        await journal.close()
    },
    'flushes what is left when it is closed': async (subject) => {
        const journal = await filled(subject, 3)
        appendThrough(journal, 7)
        await journal.close()
        const again = await opened(subject)
        assert.deepEqual(await records(again, 1), texts(1, 7))
        await again.close()
    }
}

const HOLDS: Readonly<Record<string, JournalTest>> = {
    'is held by one at a time': async (subject) => {
        const journal = await filled(subject, 3)
        await assert.rejects(subject.journal().open(OWNER), { code: 'journal-locked' })
        await extend(journal, 4)
        await journal.close()
        await (await opened(subject)).close()
    },
    'refuses another owner, and is not held by that one': async (subject) => {
        await (await filled(subject, 3)).close()
        await assert.rejects(subject.journal().open('another'), { code: 'journal-foreign' })
        const journal = await opened(subject)
        assert.deepEqual(await records(journal, 1), texts(1, 3))
        await journal.close()
    },
    'takes nothing before it is opened, or after it was closed': async (subject) => {
        const journal = subject.journal()
        assert.throws(() => journal.append(text(1)), { code: 'invalid-argument' })
        await assert.rejects(journal.flush(), { code: 'invalid-argument' })
        await journal.open(OWNER)
        await assert.rejects(journal.open(OWNER), { code: 'invalid-argument' })
        await journal.close()
        await journal.close()
        assert.throws(() => journal.append(text(1)), { code: 'destroyed' })
        await assert.rejects(journal.flush(), { code: 'destroyed' })
        await assert.rejects(journal.snapshot(1, []), { code: 'destroyed' })
    }
}

async function* slowly(pieces: readonly string[], onPiece: () => Promise<unknown>):
AsyncGenerator<Uint8Array, void, undefined> {
    for (const piece of pieces) {
        await onPiece()
        yield Buffer.from(piece)
    }
}

const SNAPSHOTS: Readonly<Record<string, JournalTest>> = {
    'replaces records by a state': async (subject) => {
        const journal = await filled(subject, 10)
        await journal.snapshot(6, [Buffer.from('the '), Buffer.alloc(0), Buffer.from('state')])
        const { snapshot, first, last } = journal.stat()
        assert.deepEqual({ snapshot, first, last }, { snapshot: 6, first: 7, last: 10 })
        await journal.close()
        const again = await reopened(subject, { snapshot: { through: 6 }, first: 7, last: 10 })
        assert.equal((await all(again.readSnapshot())).join(''), 'the state')
        assert.deepEqual(await records(again, 7), texts(7, 10))
        await assert.rejects(records(again, 6), { code: 'invalid-argument' })
        await again.close()
    },
    'replaces a state by a later one, with or without records behind it': async (subject) => {
        const journal = await filled(subject, 10)
        await journal.snapshot(4, [Buffer.from('old')])
        await journal.snapshot(10, [Buffer.from('new')])
        await journal.snapshot(10, [Buffer.from('the same, by whatever name')])
        await assert.rejects(journal.snapshot(9, []), { code: 'invalid-argument' })
        await assert.rejects(journal.snapshot(11, []), { code: 'invalid-argument' })
        await subject.crash(journal)
        const again = await reopened(subject, { snapshot: { through: 10 }, first: 11, last: 10 })
        assert.deepEqual(await all(again.readSnapshot()), ['new'])
        assert.deepEqual(await records(again, 11), [])
        assert.equal(again.append(text(11)), 11)
        await again.flush()
        await again.close()
    },
    'goes on while a state is written': async (subject) => {
        const journal = await filled(subject, 10)
        const pieces = Array.from({ length: 20 }, (_, index) => `${index},`)
        await journal.snapshot(10, slowly(pieces, async () => {
            const { last } = journal.stat()
            await extend(journal, last + 1)
            await assert.rejects(journal.snapshot(10, []), { code: 'invalid-argument' })
        }))
        await journal.close()
        const again = await reopened(subject, { snapshot: { through: 10 }, first: 11, last: 30 })
        assert.equal((await all(again.readSnapshot())).join(''), pieces.join(''))
        assert.deepEqual(await records(again, 11), texts(11, 30))
        await again.close()
    },
    'refuses what is no bytes, and holds what it held': async (subject) => {
        const journal = await filled(subject, 5)
        await journal.snapshot(2, [Buffer.from('kept')])
        for (const odd of [null, undefined, 7, 'text', [1, 2], {}, new ArrayBuffer(2),
            new Uint16Array(2), new DataView(new ArrayBuffer(2))]) {
            const [bytes, refusal] = [odd as Uint8Array, { code: 'invalid-argument' }]
            assert.throws(() => journal.append(bytes), refusal)
            await assert.rejects(journal.snapshot(5, [Buffer.from('a'), bytes]), refusal)
        }
        await extend(journal, 6)
        await journal.close()
        const again = await reopened(subject, { snapshot: { through: 2 }, first: 3, last: 6 })
        assert.deepEqual(await all(again.readSnapshot()), ['kept'])
        assert.deepEqual(await records(again, 3), texts(3, 6))
        await again.close()
    },
    'holds what it held when the source of a state fails': async (subject) => {
        const journal = await filled(subject, 5)
        await journal.snapshot(2, [Buffer.from('kept')])
        const reason = new Error('The source fails.')
        await assert.rejects(journal.snapshot(5, slowly(['a', 'b'], () => {
            return Promise.reject(reason)
        })), reason)
        await extend(journal, 6)
        await journal.close()
        const again = await reopened(subject, { snapshot: { through: 2 }, first: 3, last: 6 })
        assert.deepEqual(await all(again.readSnapshot()), ['kept'])
        assert.deepEqual(await records(again, 3), texts(3, 6))
        await again.close()
    }
}

/**
 * The required behaviour of every journal, as test cases for any test runner. The cases share
 * nothing. If the places are independent, the cases may run in parallel.
 *
 * @param place Makes a new place for each case.
 */
export function conformance(
    place: () => Promise<JournalSubject> | JournalSubject
): readonly JournalCase[] {
    const asked = { ...RECORDS, ...FLUSHES, ...HOLDS, ...SNAPSHOTS }
    return Object.entries(asked).map(([name, ask]) => ({
        name,
        async run() {
            const subject = await place()
            try {
                await ask(subject)
            } finally {
                await subject.end()
            }
        }
    }))
}
