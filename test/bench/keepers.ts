import { mkdirSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { join } from 'node:path'
import { FileJournal } from '../../src/journal/file-journal.js'
import { foreign } from './foreign.js'

/** How long a record is, in bytes. */
export const RECORD_SIZE = 100

const RECORD = Buffer.alloc(RECORD_SIZE, 'x')

/** What keeps records for good, in a folder of its own. */
interface Keeping {
    /** Keeps so many more; resolves when they are on disk. */
    readonly keep: (count: number) => Promise<unknown>
    readonly end: () => Promise<unknown>
}

/** Something that keeps records in a folder. */
export interface Keeper {
    readonly name: string
    /** How many records go with one synchronization. */
    readonly groups: readonly number[]
    /** The package that has to be there; none for ours. */
    readonly npm?: 'lmdb' | 'classic-level' | 'better-sqlite3'
    readonly begin: (folder: string) => Promise<Keeping>
}

const GROUPS = [1, 8, 64, 512, 4096]

/** How many records go with one synchronization where others are beside us. */
const BESIDE = [64, 512]

async function beginOurs(folder: string): Promise<Keeping> {
    const journal = new FileJournal(folder)
    await journal.open('bench')
    journal.prepareSpace()
    return {
        keep(count) {
            for (let index = 0; index < count; index++) {
                journal.append(RECORD)
            }
            return journal.flush()
        },
        end: async () => await journal.close()
    }
}

/** A file with nothing around it. */
function beginPlain(keep: (file: FileHandle, count: number) => Promise<void>): Keeper['begin'] {
    return async (folder) => {
        mkdirSync(folder)
        const file = await open(join(folder, 'plain'), 'a')
        return { keep: (count) => keep(file, count), end: async () => await file.close() }
    }
}

const beginBare = beginPlain(async (file, count) => {
    await file.write(Buffer.alloc(count * RECORD_SIZE, 'x'))
    await file.datasync()
})

const beginOneByOne = beginPlain(async (file, count) => {
    for (let index = 0; index < count; index++) {
        await file.write(RECORD)
        await file.sync()
    }
})

async function beginLmdb(folder: string): Promise<Keeping> {
    const { open: begin } = await foreign('lmdb')
    const store = begin({ path: folder, encoding: 'binary', mapSize: 2 ** 32 })
    let number = 0
    return {
        async keep(count) {
            await store.batch(() => {
                for (let index = 0; index < count; index++) {
                    store.put(number++, RECORD)
                }
            })
            // It is committed before it is on disk.
            await store.flushed
        },
        end: () => store.close()
    }
}

async function beginLevel(folder: string): Promise<Keeping> {
    const { ClassicLevel } = await foreign('classic-level')
    const store = new ClassicLevel(folder, { valueEncoding: 'buffer' })
    let number = 0
    return {
        async keep(count) {
            const puts = Array.from({ length: count }, () => {
                const key = String(number++).padStart(16, '0')
                return { type: 'put', key, value: RECORD } as const
            })
            await store.batch(puts, { sync: true })
        },
        end: () => store.close()
    }
}

async function beginSqlite(folder: string): Promise<Keeping> {
    const { default: Database } = await foreign('better-sqlite3')
    mkdirSync(folder)
    const store = new Database(join(folder, 'records'))
    store.pragma('journal_mode = WAL')
    store.pragma('synchronous = FULL')
    store.exec('CREATE TABLE records (number INTEGER PRIMARY KEY, record BLOB NOT NULL)')
    const insert = store.prepare('INSERT INTO records (record) VALUES (?)')
    const keep = store.transaction((count: number) => {
        for (let index = 0; index < count; index++) {
            insert.run(RECORD)
        }
    })
    return {
        keep: (count) => Promise.resolve(keep(count)),
        end: () => Promise.resolve(store.close())
    }
}

/** Ours, what nobody can do better or should do worse, and the stores of others. */
export const KEEPERS: readonly Keeper[] = [
    { name: 'FileJournal', groups: GROUPS, begin: beginOurs },
    { name: 'bare write and fdatasync of as many bytes', groups: GROUPS, begin: beginBare },
    { name: 'a write and an fsync for each record', groups: [64], begin: beginOneByOne },
    { name: 'lmdb', groups: BESIDE, npm: 'lmdb', begin: beginLmdb },
    { name: 'classic-level', groups: BESIDE, npm: 'classic-level', begin: beginLevel },
    { name: 'better-sqlite3', groups: BESIDE, npm: 'better-sqlite3', begin: beginSqlite }
]
