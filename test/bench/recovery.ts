import { join } from 'node:path'
import { Kibitzer } from '../../src/index.js'
import type { Disk, DiskFile } from '../../src/journal/disk.js'
import { FileJournal } from '../../src/journal/file-journal.js'
import { FileSystem } from '../../src/journal/filesystem.js'
import { MemoryNetwork } from '../../src/transport/memory.js'
import type { Means } from './inside.js'
import { median, payload } from './load.js'
import type { Cell, Section } from './report.js'
import { until } from './republic.js'

/** A journal of one member that took part in a load. */
export interface Filled {
    readonly what: string
    readonly id: string
    readonly folder: string
}

/** The cost of one recovery. */
export interface RecoveryCost {
    readonly records: number
    /** Seconds of processor time of the whole process, from the opening of the journal on. */
    readonly seconds: number
    /** The time to open the journal, as a part of `seconds`. */
    readonly opening: number
}

/** How a load is made. */
interface Filling {
    readonly folder: string
    /** The number of records of the leader. */
    readonly records: number
    /** Whether each of 512 publishes is a record; else one caller awaits each publish. */
    readonly isEachAlone: boolean
}

const TOGETHER = 512
const SIZE = 100

/** The disk of this machine without synchronization: filling a journal needs no durability. */
function unsynchronized(): Disk {
    const disk = new FileSystem()
    const free = (file: DiskFile): DiskFile =>
        Object.assign(file, {
            sync: () => Promise.resolve(),
            writeStable: async (bytes: Uint8Array, at: number) => await file.write(bytes, at)
        })
    const open = disk.open.bind(disk)
    const create = disk.create.bind(disk)
    return Object.assign(disk, {
        open: async (path: string, mode: 'read' | 'write') => free(await open(path, mode)),
        create: async (path: string, use?: 'once' | 'records') => free(await create(path, use))
    })
}

async function fill(kibitzer: Kibitzer, isEachAlone: boolean, isFull: () => boolean):
Promise<void> {
    for (let published = 0; !isFull();) {
        if (!isEachAlone) {
            await kibitzer.publish(payload(published++, SIZE))
            continue
        }
        // `publish` would gather the values of a turn in one record.
        for (let count = 0; count < TOGETHER; count++) {
            kibitzer.play('publish', payload(published++, SIZE))
        }
        await kibitzer.barrier()
    }
}

/** Fills the journals of three members. Yields the journals to recover from. */
export async function fillJournals({
    folder, records, isEachAlone
}: Filling): Promise<readonly Filled[]> {
    const journals: FileJournal[] = []
    const how = isEachAlone ? 'each publish a record' : 'one caller'
    const folderOf = (index: number): string => join(folder, `${how} ${index}`)
    const network = new MemoryNetwork({ wire: 'json' })
    const members: Kibitzer[] = []
    for (let index = 0; index < 3; index++) {
        const journal = new FileJournal(folderOf(index), { disk: unsynchronized() })
        const member = new Kibitzer({ id: `member-${index}`, journal })
        await member.recover()
        network.attach(member)
        member.listen()
        journals.push(journal)
        members.push(member)
    }
    const [leader, ...others] = members
    const [journal] = journals
    if (leader === undefined || journal === undefined) {
        throw new RangeError('There is no leader.')
    }
    const at = { memory: leader.id }
    leader.bootstrap('bench', at)
    for (const other of others) {
        while ((await other.join('bench', at, { memory: other.id })) === false) {
            // The other is asked again at once; each answer takes its turns.
        }
        await until(other, ({ promise }) => promise !== '0/0')
        other.naturalize()
    }
    await until(leader, ({ majority }) => majority.length === 2)
    await fill(leader, isEachAlone, () => journal.stat().last >= records)
    for (const member of members) {
        await member.barrier()
    }
    const ended = members.map((member) => new Promise((resolve) => {
        member.destruction.wait(resolve)
    }))
    for (const member of members) {
        member.destroy()
    }
    await Promise.all(ended)
    // The follower of the first load has few records, each with hundreds of entries.
    const whose = isEachAlone ? ["the leader's"] : ["the leader's", "a follower's"]
    return whose.map((who, index) => ({
        what: `${who}, ${how}`,
        id: `member-${index}`, folder: folderOf(index)
    }))
}

/** Recovers a member from a journal. */
export async function recoverMember({ id, folder }: Filled): Promise<RecoveryCost> {
    const used = process.cpuUsage()
    const seconds = (): number => {
        const { user, system } = process.cpuUsage(used)
        return (user + system) / 1_000_000
    }
    const journal = new FileJournal(folder)
    const open = journal.open.bind(journal)
    let opening = 0
    Object.assign(journal, {
        open: async (owner: string) => {
            const holdings = await open(owner)
            opening = seconds()
            return holdings
        }
    })
    const kibitzer = new Kibitzer({ id, journal })
    const { records } = await kibitzer.recover()
    const cost = { records, seconds: seconds(), opening }
    kibitzer.destroy()
    await journal.close()
    return cost
}

/** Recoveries of members from their journals: the processor time per million records. */
export async function recoveries({ household, thoroughness, progress }: Means): Promise<Section> {
    const { rounds, isQuick } = thoroughness
    const records = isQuick ? 10_000 : 1_000_000
    const folder = household.folder()
    const filled: Filled[] = []
    for (const isEachAlone of [true, false]) {
        progress(`filling journals, ${isEachAlone ? 'each publish a record' : 'one caller'}`)
        const given = { folder, records, isEachAlone }
        filled.push(...await household.once<readonly Filled[]>('fillJournals', given))
    }
    const runs = filled.map((): RecoveryCost[] => [])
    for (let round = 0; round < rounds; round++) {
        progress(`recovery, round ${round + 1} of ${rounds}`)
        for (const [index, each] of filled.entries()) {
            runs[index]?.push(await household.once<RecoveryCost>('recoverMember', each))
        }
    }
    const over = (costs: readonly RecoveryCost[], read: (cost: RecoveryCost) => number): number =>
        median(costs.map(read))
    const perMillion = ({ seconds, records: count }: RecoveryCost): number =>
        seconds * 1_000_000 / count
    return {
        name: 'recovery',
        title: 'Recovery from a journal',
        notes: [
            `Journals of three members, of which the leader has ${records.toLocaleString('en-US')}`,
            'records; entries of 100 B. Each recovery is in a process of its own, on real files.',
            "A follower's record holds the entries of a whole run. Processor time is that of all",
            'threads, from the opening of the journal on.'
        ],
        columns: ['whose journal', 'records', 'CPU s per 10^6 records', 'of this, opening'],
        rows: runs.map((costs, index): readonly Cell[] => [
            filled[index]?.what ?? '',
            over(costs, (cost) => cost.records),
            over(costs, perMillion),
            over(costs, ({ opening, records: count }) => opening * 1_000_000 / count)
        ]),
        runs: runs.map((costs, index) => ({
            what: filled[index]?.what ?? '',
            rates: costs.map(({ records: count, seconds }) => count / seconds)
        })),
        goals: [0, 1].map((index) => ({
            what: `CPU s per 10^6 records, ${filled[index]?.what ?? ''}`,
            limit: 'most', goal: 2, is: over(runs[index] ?? [], perMillion)
        }))
    }
}
