import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { Cron } from 'croner'
import { Colleague } from '../../../src/index.js'
import { FileJournal } from '../../../src/journal/file-journal.js'
import {
    compose, type ComposedCommand, Counter, Jobs, Leadership, Locks, RateLimit, ReplicatedMap,
    Sequence
} from '../../../src/recipes/index.js'
import { IDS, type MemberPlan, RATE, type Report, TTL_MS } from './words.js'
import { DailyWork } from './work.js'

const VIEW_MS = 50

/** The limit of the wait for the ends of all jobs, in milliseconds. */
const JOBS_MS = 240_000

const plan = JSON.parse(process.argv[2] ?? '') as MemberPlan

/** Writes an event. On Linux the write to a pipe is done when the call returns. */
function report(event: Report, at: number = Number(process.hrtime.bigint()) / 1e6): void {
    const { id: member, life } = plan
    process.stdout.write(`${JSON.stringify({ ...event, member, life, at })}\n`)
}

const service = compose({
    locks: new Locks(), office: new Leadership({ ttl: TTL_MS }), map: new ReplicatedMap<number>(),
    jobs: new Jobs<number>({ Cron }), visits: new Counter(), numbers: new Sequence(),
    blocks: new Sequence({ block: 10 }), limit: new RateLimit(RATE)
})
const colleague = new Colleague<ComposedCommand>({
    islandName: 'daily', colleagueId: plan.id, application: service, ping: 100, timeout: 800,
    journal: new FileJournal(plan.folder)
})
service.connect(colleague)
const work = new DailyWork(service.parts, report, plan)

process.once('SIGTERM', async () => {
    await service.stop()
    await colleague.stop()
    process.exit(0)
})
// A member without its test ends.
process.stdin.once('end', () => process.exit(1))

async function watchView(): Promise<void> {
    for (let known = ''; ; await sleep(VIEW_MS)) {
        const { role, tolerance: { tolerates } } = await colleague.health()
        if (known !== `${role} ${tolerates}`) {
            known = `${role} ${tolerates}`
            report({ kind: 'view', role, tolerates })
        }
    }
}

createInterface(process.stdin).on('line', async (order) => {
    if (order === 'stop') {
        work.stopBeforeLook()
        return
    }
    if (order === 'rest') {
        await work.rest()
        report({ kind: 'rests' })
        return
    }
    const { jobs, visits, numbers, map, locks } = service.parts
    for (const beganAt = performance.now(); jobs.jobs().length > 0;) {
        await sleep(VIEW_MS)
        if (performance.now() - beganAt > JOBS_MS) {
            report({ kind: 'fails', of: JSON.stringify(jobs.jobs()), code: 'no end' })
            process.exit(1)
        }
    }
    await colleague.barrier()
    const past = jobs.past()
    report({
        kind: 'state',
        state: {
            visits: visits.get('home'), lastNumber: numbers.last('order'),
            entries: [...map.entries()].map(([key, value]) => [key, value] as const).sort(),
            done: past.filter(({ state }) => state === 'done').length,
            failed: past.filter(({ state }) => state === 'failed').length,
            leases: locks.leases().length
        }
    })
})

await colleague.start({
    port: plan.ports[IDS.indexOf(plan.id as never)] ?? 0,
    through: plan.ports.map((port) => `tcp://127.0.0.1:${port}`), founders: IDS
})
void watchView()
await work.run()
