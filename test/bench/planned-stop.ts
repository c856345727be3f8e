import { type Application, Colleague } from '../../src/index.js'
import { FileJournal } from '../../src/journal/file-journal.js'
import { freePorts } from '../support/free-port.js'
import type { Worker } from './household.js'
import type { Means } from './inside.js'
import { median, percentile } from './load.js'
import type { Section } from './report.js'
import '../support/silence.js'

/** The number of publishes of a writer before and after each stop. */
const CALM = 100

const IDS = ['a', 'b', 'c'] as const

/** Counts the entries. */
class Tally implements Application<unknown, number> {
    count = 0

    apply(): number {
        return ++this.count
    }

    snapshot(): string {
        return String(this.count)
    }

    async restore(chunks: AsyncIterable<Uint8Array>): Promise<void> {
        let text = ''
        for await (const chunk of chunks) {
            text += Buffer.from(chunk).toString()
        }
        this.count = Number(text)
    }
}

/** The start of a member in a process of its own. */
interface Seat {
    readonly id: string
    readonly folder: string
    readonly port: number
    readonly through: readonly string[]
}

/** The waits of the writer at a member since the last question, in milliseconds. */
interface Waits {
    readonly median: number
    readonly longest: number
}

let colleague: Colleague<unknown, number> | null = null
let waits: number[] = []
const wake: (() => void)[] = []

/** Resolves after the next publish of the writer at this member. */
function nextPublish(): Promise<void> {
    return new Promise((resolve) => {
        wake.push(resolve)
    })
}

async function write(member: Colleague<unknown, number>): Promise<void> {
    while (colleague === member) {
        const begin = performance.now()
        const isPublished = await member.publish('write').then(() => true, () => false)
        if (isPublished) {
            waits.push(performance.now() - begin)
        }
        for (const resolve of wake.splice(0)) {
            resolve()
        }
    }
}

/** The duties of a member that stops and returns. */
export const stopping = {
    /** Starts the member with its journal, and a writer that publishes one value after another. */
    takeSeat: async ({ id, folder, port, through }: Seat): Promise<null> => {
        const member = new Colleague<unknown, number>({
            islandName: 'stop', colleagueId: id, application: new Tally(),
            journal: new FileJournal(folder)
        })
        colleague = member
        await member.start({ port, through: [...through], founders: [...IDS] })
        void write(member)
        return null
    },

    /** Resolves with the id of the leader once three members vote and no government is open. */
    leader: async (): Promise<string> => {
        for (;;) {
            const { open, leader, government } = colleague?.kibitzer.status() ?? {}
            const { majority = [], minority = [] } = government ?? {}
            if (open === null && leader && majority.length + minority.length === IDS.length) {
                return leader
            }
            await nextPublish()
        }
    },

    /** Stops the member; yields the duration of the call, in milliseconds. */
    giveSeatUp: async (): Promise<number> => {
        const begin = performance.now()
        const member = colleague
        colleague = null
        await member?.stop()
        return performance.now() - begin
    },

    /** The waits since the last question, after `CALM` further publishes. */
    waited: async (): Promise<Waits> => {
        for (let count = 0; count < CALM; count++) {
            await nextPublish()
        }
        const sorted = waits.sort((one, other) => one - other)
        waits = []
        return { median: percentile(sorted, 0.5), longest: sorted.at(-1) ?? 0 }
    }
}

/** The index of the leader of which all members know. */
async function agreedLeader(workers: readonly Worker[]): Promise<number> {
    for (;;) {
        const ids = await Promise.all(workers.map((worker) => worker.ask<string>('leader')))
        if (new Set(ids).size === 1) {
            return IDS.findIndex((each) => ids.includes(each))
        }
    }
}

/** The waits of the writers at the other members while a leader stops for a restart. */
export async function plannedStops(means: Means): Promise<Section> {
    const { rounds, isQuick } = means.thoroughness
    const stops = isQuick ? 2 : 4 * rounds
    const { household } = means
    const ports = await freePorts(IDS.length)
    const seats = IDS.map((id, index): Seat => ({
        id, folder: household.folder(), port: ports[index] ?? 0,
        through: ports.map((port) => `127.0.0.1:${port}`)
    }))
    const workers = seats.map(() => household.hire())
    await Promise.all(workers.map((worker, index) => worker.ask('takeSeat', seats[index] ?? {})))
    const usual: number[] = []
    const longest: number[] = []
    const calls: number[] = []
    for (let stop = 0; stop < stops; stop++) {
        means.progress(`stop ${stop + 1} of ${stops}`)
        const leader = await agreedLeader(workers)
        const others = workers.filter((_, index) => index !== leader)
        const waited = (): Promise<readonly Waits[]> =>
            Promise.all(others.map((worker) => worker.ask<Waits>('waited')))
        await waited()
        usual.push(...(await waited()).map((each) => each.median))
        calls.push(await workers[leader]?.ask<number>('giveSeatUp') ?? 0)
        longest.push(Math.max(...(await waited()).map((each) => each.longest)))
        await workers[leader]?.ask('takeSeat', seats[leader] ?? {})
    }
    const sorted = longest.sort((one, other) => one - other)
    return {
        name: 'stop',
        title: 'A leader stops for a restart, three processes with journals over loopback',
        notes: [
            `${stops} stops. The longest wait of a writer at the other members within each stop, ` +
                'in milliseconds; a writer waits for each publish.',
            'Without a stop, the median publish took ' +
                `${median(usual).toFixed(1)} ms; stop() took ${median(calls).toFixed(0)} ms.`
        ],
        columns: ['', 'median', '90 %', 'longest'],
        rows: [['a wait during a stop, ms', median(sorted), percentile(sorted, 0.9),
            sorted.at(-1) ?? 0]],
        goals: [{
            what: 'ms of wait, median', limit: 'most', goal: 150, is: median(sorted)
        }],
        runs: []
    }
}
