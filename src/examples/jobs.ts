import { setTimeout as sleep } from 'node:timers/promises'
import { Colleague } from '../index.js'
import { compose, Jobs } from '../recipes/index.js'

const USAGE = `\
node jobs.mjs ID [PORTS]

  ID      the name of this member: a, b or c. Start all three, each in a terminal of its own.
  PORTS   the ports of a, b and c on this machine; 7001,7002,7003 without the argument

Every two seconds, each member adds the job of the time. The job has one key, so the republic runs
the job once, at one of the members. A job of the second 0, 10, 20 … fails once, and runs again.
Kill a member: another member runs its jobs again.
`

const IDS = ['a', 'b', 'c']
const [id = '', given = '7001,7002,7003'] = process.argv.slice(2)
const ports = given.split(',').map(Number)
if (!IDS.includes(id) || ports.length !== IDS.length || !ports.every(Number.isInteger)) {
    process.stdout.write(USAGE)
    process.exit(id === '--help' ? 0 : 2)
}

const service = compose({ jobs: new Jobs<number>() })
const colleague = new Colleague({ islandName: 'jobs', colleagueId: id, application: service })
service.connect(colleague)
const say = (text: string): boolean => process.stdout.write(`${id} ${text}\n`)

say('waits for the other two members; each needs a terminal of its own')
// The same call at every start, of the first three members and of a member that comes back.
await colleague.start({
    port: ports[IDS.indexOf(id)] ?? 0,
    through: ports.map((port) => `tcp://127.0.0.1:${port}`),
    founders: IDS
}).catch((error: Error) => {
    say(error.message)
    process.exit(1)
})
say('has started')

// At the end, first the leases, then the member.
let isStopping = false
process.once('SIGINT', async () => {
    isStopping = true
    await service.stop()
    await colleague.stop()
})

const { jobs } = service.parts
const working = jobs.work(async ({ key, payload: second, attempt, signal }) => {
    say(`runs ${key}, attempt ${attempt}`)
    await sleep(500, null, { signal })
    if (second % 10 === 0 && attempt === 1) {
        throw new Error('This job fails once.')
    }
    say(`ends ${key}`)
}, { ttl: 3000, capacity: 2 }).catch(() => say('has stopped'))

while (!isStopping && !colleague.requests.closed.aborted) {
    const second = Math.floor(Date.now() / 2000) * 2
    const time = new Date(second * 1000).toISOString().slice(11, 19)
    await jobs.enqueue(`report ${time}`, second % 60, { backoff: 500 })
        .catch((error: Error) => isStopping || say(error.message))
    await sleep(2000 - Date.now() % 2000)
}
await working
