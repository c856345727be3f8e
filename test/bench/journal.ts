import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { FileJournal } from '../../src/journal/file-journal.js'
import { foreign } from './foreign.js'
import type { Means } from './inside.js'
import { type Keeper, KEEPERS, RECORD_SIZE } from './keepers.js'
import { median } from './load.js'
import type { Cell, Section } from './report.js'

/** What one keeper has done in a while. */
interface Kept {
    readonly rate: number
    readonly p50: number
}

/** A keeper with so many records to a synchronization, and what it has done in each round. */
interface Trial {
    readonly keeper: Keeper
    readonly group: number
    readonly kept: Kept[]
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
    const record = Buffer.alloc(RECORD_SIZE, 'x')
    const writer = new FileJournal(folder)
    await writer.open('bench')
    for (let index = 0; index < count; index++) {
        writer.append(record)
        await (index % 1000 === 999 ? writer.flush() : null)
    }
    await writer.close()
    const begin = performance.now()
    const journal = new FileJournal(folder)
    const { first } = await journal.open('bench')
    let read = 0
    for await (const records of journal.readMany(first)) {
        read += records.length
    }
    const seconds = (performance.now() - begin) / 1000
    await journal.close()
    return read / seconds
}

/** Those who are here, each with so many records as it is tried with; says who is left out. */
async function trials(skipped: string[]): Promise<readonly Trial[]> {
    const found: Trial[] = []
    for (const keeper of KEEPERS) {
        const { npm, groups } = keeper
        const isHere = npm === undefined || await foreign(npm).then(() => true, () => false)
        if (isHere) {
            found.push(...groups.map((group) => ({ keeper, group, kept: [] })))
        } else {
            skipped.push(`${npm} is left out: it is not here; npm install --no-save ${npm}.`)
        }
    }
    return found
}

function rowOf({ keeper: { name }, group, kept }: Trial): readonly Cell[] {
    return [name, group, median(kept.map(({ rate }) => rate)), median(kept.map(({ p50 }) => p50))]
}

function goalsOf(found: readonly Trial[]): Section['goals'] {
    return [64, 512].map((group) => {
        const kept = found.find((trial) => trial.group === group)?.kept ?? []
        return {
            what: `records/s, ${group} to a sync`, limit: 'least', goal: 100_000,
            is: median(kept.map(({ rate }) => rate))
        } as const
    })
}

/** The journal alone: what it keeps in a second, beside others, and how fast it is back. */
export async function journals({ household, thoroughness, progress }: Means): Promise<Section> {
    const { rounds, ms, isQuick } = thoroughness
    const folder = household.folder()
    const skipped: string[] = []
    const found = await trials(skipped)
    const back: number[] = []
    let place = 0
    for (let round = 0; round < rounds; round++) {
        // In turn, every other round the other way round: what else goes on meets all alike.
        for (const { keeper, group, kept } of round % 2 === 0 ? found : [...found].reverse()) {
            progress(`${keeper.name}, ${group} to a sync, round ${round + 1} of ${rounds}`)
            const there = join(folder, String(place++))
            kept.push(await press(keeper, there, group, ms / 2))
            rmSync(there, { recursive: true })
        }
        progress(`recovery, round ${round + 1} of ${rounds}`)
        back.push(await recover(join(folder, String(place++)), isQuick ? 20_000 : 500_000))
    }
    const again: readonly Cell[] = ['opened again: verified and read', null, median(back), null]
    return {
        name: 'journal',
        title: 'The journal alone',
        notes: [
            `Records of ${RECORD_SIZE} B, all on one disk; each row waits for that. SQLite keeps a`,
            'log ahead and synchronizes fully, LevelDB with every batch, LMDB until it is flushed.',
            ...skipped
        ],
        columns: ['what', 'records to a sync', 'records/s', 'p50 ms'],
        rows: [...found.map(rowOf), again],
        runs: found.map(({ keeper, group, kept }) => ({
            what: `${keeper.name}, ${group}`, rates: kept.map(({ rate }) => rate)
        })),
        goals: [
            ...goalsOf(found),
            { what: 'records/s, opened again', limit: 'least', goal: 200_000, is: median(back) }
        ]
    }
}
