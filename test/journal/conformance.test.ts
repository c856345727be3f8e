import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { conformance, type JournalSubject } from '../../src/journal/conformance.js'
import { FileJournal } from '../../src/journal/file-journal.js'
import type { Holdings, Journal } from '../../src/journal/journal.js'
import { MemoryJournal, MemoryStore } from '../../src/journal/memory-journal.js'
import { Platter } from './platter.js'
import { Severable } from './severable.js'

/** Small ones, so that each case sees several. */
const segmentSize = 1024

function onSystem(): JournalSubject {
    const folder = mkdtempSync(join(tmpdir(), 'kibitz-journal-'))
    const disks = new Map<object, Severable>()
    return {
        journal() {
            const disk = new Severable()
            const journal = new FileJournal(folder, { disk, segmentSize })
            disks.set(journal, disk)
            return journal
        },
        crash: async (journal) => await disks.get(journal)?.sever(),
        end: () => rmSync(folder, { recursive: true })
    }
}

function onPlatter(losesPower: boolean): JournalSubject {
    const platter = new Platter()
    return {
        journal: () => new FileJournal('/journal', { disk: platter.disk(), segmentSize }),
        crash() {
            platter.crash()
            if (losesPower) {
                platter.losePower(() => false)
            }
        },
        end: () => {}
    }
}

function inMemory(): JournalSubject {
    const store = new MemoryStore()
    return {
        journal: () => new MemoryJournal(store),
        crash: () => store.crash(),
        end: () => {}
    }
}

const SUBJECTS: Readonly<Record<string, () => JournalSubject>> = {
    'a FileJournal': onSystem,
    'a FileJournal on a simulated disk': () => onPlatter(false),
    'a FileJournal on a disk that loses power': () => onPlatter(true),
    'a MemoryJournal': inMemory
}

for (const [name, subject] of Object.entries(SUBJECTS)) {
    describe(name, () => {
        for (const { name: asked, run } of conformance(subject)) {
            test(asked, run)
        }
    })
}

/** Journals that each break one promise, and a case that has to tell. */
const BROKEN: readonly [string, (store: MemoryStore) => Journal][] = [
    ['copies what it is given', (store) => new class extends MemoryJournal {
        readonly #given: Uint8Array[] = []
        override append(record: Uint8Array): number {
            this.#given.push(record)
            return super.append(record)
        }
        override async* read(): AsyncGenerator<Uint8Array, void, undefined> {
            yield* await Promise.resolve(store.records)
        }
        override async flush(): Promise<number> {
            const last = await super.flush()
            store.records.splice(0, Number.POSITIVE_INFINITY, ...this.#given)
            return last
        }
    }(store)],
    ['keeps what flush reported when its process is killed', (store) => new class
        extends MemoryJournal {
        override flush(): Promise<number> {
            return Promise.resolve(this.stat().last)
        }
    }(store)],
    ['is held by one at a time', (store) => new class extends MemoryJournal {
        override async open(owner: string): Promise<Holdings> {
            store.crash()
            return await super.open(owner)
        }
    }(store)],
    ['refuses another owner, and is not held by that one', (store) => new class
        extends MemoryJournal {
        override async open(owner: string): Promise<Holdings> {
            store.owner = null
            return await super.open(owner)
        }
    }(store)],
    ['holds what it held when the source of a state fails', (store) => new class
        extends MemoryJournal {
        override async snapshot(through: number): Promise<void> {
            await super.snapshot(through, [])
        }
    }(store)]
]

describe('the conformance suite', () => {
    for (const [asked, broken] of BROKEN) {
        test(`detects a journal that breaks the promise: ${asked}`, async () => {
            const store = new MemoryStore()
            const cases = conformance(() => ({
                journal: () => broken(store), crash: () => store.crash(), end: () => {}
            }))
            const found = cases.find(({ name }) => name === asked)
            assert.ok(found)
            await assert.rejects(found.run())
        })
    }
})
