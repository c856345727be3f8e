import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { FileJournal } from '../../src/journal/file.js'
import type { Means } from './inside.js'
import { median } from './load.js'
import type { Cell, Section } from './report.js'

const BUILD = fileURLToPath(new URL('../../../build/', import.meta.url))

/** How many records go with one synchronization. */
const GROUPS = [1, 8, 64, 512, 4096]
const RECORD = Buffer.alloc(100, 'x')

/** Something that keeps records in a folder. */
interface Keeper {
    readonly name: string
    readonly groups: readonly number[]
    /** Yields what keeps so many records for good, and what ends it. */
    begin(folder: string): Promise<{
        readonly keep: (count: number) => Promise<unknown>
        readonly end: () => Promise<unknown>
    }>
}

const KEEPERS: readonly Keeper[] = [{
    name: 'FileJournal',
    groups: GROUPS,
    async begin(folder) {
        const journal = new FileJournal(folder)
        await journal.open('bench')
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
}, {
    name: 'bare write and fdatasync of as many bytes',
    groups: GROUPS,
    async begin(folder) {
        mkdirSync(folder)
        const file = await open(join(folder, 'bare'), 'a')
        return {
            async keep(count) {
                await file.write(Buffer.alloc(count * RECORD.length, 'x'))
                await file.datasync()
            },
            end: async () => await file.close()
        }
    }
}, {
    name: 'a write and an fsync for each record',
    groups: [64],
    async begin(folder) {
        mkdirSync(folder)
        const file = await open(join(folder, 'each'), 'a')
        return {
            async keep(count) {
                for (let index = 0; index < count; index++) {
                    await file.write(RECORD)
                    await file.sync()
                }
            },
            end: async () => await file.close()
        }
    }
}]

/** What one keeper has done in a while. */
interface Kept {
    readonly rate: number
    readonly p50: number
}

async function press(keeper: Keeper, folder: string, group: number, ms: number): Promise<Kept> {
    const { keep, end } = await keeper.begin(folder)
    await keep(group)
    const taken: number[] = []
    const begin = performance.now()
    for (let now = begin; now - begin < ms;) {
        await keep(group)
        taken.push(performance.now() - now)
        now = performance.now()
    }
    const seconds = (performance.now() - begin) / 1000
    await end()
    return { rate: taken.length * group / seconds, p50: median(taken) }
}

/** Records a second that are verified and read when a journal is opened again. */
async function recover(folder: string, count: number): Promise<number> {
    const writer = new FileJournal(folder)
    await writer.open('bench')
    for (let index = 0; index < count; index++) {
        writer.append(RECORD)
        await (index % 1000 === 999 ? writer.flush() : null)
    }
    await writer.close()
    const begin = performance.now()
    const journal = new FileJournal(folder)
    const { first } = await journal.open('bench')
    let read = 0
    for await (const record of journal.read(first)) {
        read += record.length === RECORD.length ? 1 : 0
    }
    const seconds = (performance.now() - begin) / 1000
    await journal.close()
    return read / seconds
}

/** The journal alone: what it keeps in a second, and how fast it is back. */
export async function journals(means: Means): Promise<Section> {
    const { rounds, ms, isQuick } = means.thoroughness
    const rows: Cell[][] = []
    const runs: { what: string, rates: number[] }[] = []
    mkdirSync(BUILD, { recursive: true })
    const folder = mkdtempSync(join(BUILD, 'journal-'))
    const back: number[] = []
    let pressed = 0
    try {
        let place = 0
        for (const keeper of KEEPERS) {
            for (const group of keeper.groups) {
                means.progress(`${keeper.name}, ${group} to a synchronization`)
                const kept: Kept[] = []
                for (let round = 0; round < rounds; round++) {
                    const there = join(folder, String(place++))
                    kept.push(await press(keeper, there, group, ms / 2))
                    rmSync(there, { recursive: true })
                }
                const rates = kept.map(({ rate }) => rate)
                runs.push({ what: `${keeper.name}, ${group}`, rates })
                rows.push([keeper.name, group, median(rates), median(kept.map(({ p50 }) => p50))])
                if (keeper === KEEPERS[0] && group === 512) {
                    pressed = median(rates)
                }
            }
        }
        for (let round = 0; round < rounds; round++) {
            means.progress(`recovery, round ${round + 1} of ${rounds}`)
            back.push(await recover(join(folder, String(place++)), isQuick ? 20_000 : 500_000))
        }
    } finally {
        rmSync(folder, { recursive: true })
    }
    rows.push(['opened again: verified and read', null, median(back), null])
    return {
        name: 'journal',
        title: 'The journal alone',
        notes: ['Records of 100 B, in a folder of this checkout; each row waits for the disk.'],
        columns: ['what', 'records to a sync', 'records/s', 'p50 ms'],
        rows,
        runs,
        goals: [
            { what: 'records/s, 512 to a sync', limit: 'least', goal: 100_000, is: pressed },
            { what: 'records/s, opened again', limit: 'least', goal: 200_000, is: median(back) }
        ]
    }
}
