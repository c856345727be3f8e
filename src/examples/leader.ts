import { setTimeout as sleep } from 'node:timers/promises'
import { Colleague } from '../index.js'
import { compose, Leadership } from '../recipes/index.js'

const USAGE = `\
node leader.mjs ID [PORTS]

  ID      the name of this member: a, b or c. Start all three, each in a terminal of its own.
  PORTS   the ports of a, b and c on this machine; 7001,7002,7003 without the argument

One member leads, and works each second. Kill the leader, or end the leader with control and C:
another member goes on.
`

const IDS = ['a', 'b', 'c']
const [id = '', given = '7001,7002,7003'] = process.argv.slice(2)
const ports = given.split(',').map(Number)
if (!IDS.includes(id) || ports.length !== IDS.length || !ports.every(Number.isInteger)) {
    process.stdout.write(USAGE)
    process.exit(id === '--help' ? 0 : 2)
}

const service = compose({ leadership: new Leadership({ ttl: 3000 }) })
const colleague = new Colleague({ islandName: 'leader', colleagueId: id, application: service })
service.connect(colleague)
const say = (text: string): void => { process.stdout.write(`${id} ${text}\n`) }

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
process.once('SIGINT', async () => {
    await service.stop()
    await colleague.stop()
})

await service.parts.leadership.whileLeading(async (signal, token) => {
    say(`leads, token ${token}`)
    while (!signal.aborted) {
        say('works')
        await sleep(1000, null, { signal }).catch(() => {})
    }
    say('leads no more')
}).catch(() => say('has stopped'))
