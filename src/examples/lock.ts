import { setTimeout as sleep } from 'node:timers/promises'
import { Colleague } from '../index.js'
import { compose, Locks } from '../recipes/index.js'

const USAGE = `\
node lock.mjs ID [PORTS]

  ID      the name of this member: a, b or c. Start all three, each in a terminal of its own.
  PORTS   the ports of a, b and c on this machine; 7001,7002,7003 without the argument

One member at a time holds the lock. Kill the holder: another member gets the lock after the ttl,
with a larger token. Stop the holder with SIGSTOP for ten seconds: its lease has ended afterwards.
`

const IDS = ['a', 'b', 'c']
const [id = '', given = '7001,7002,7003'] = process.argv.slice(2)
const ports = given.split(',').map(Number)
if (!IDS.includes(id) || ports.length !== IDS.length || !ports.every(Number.isInteger)) {
    process.stdout.write(USAGE)
    process.exit(id === '--help' ? 0 : 2)
}

const service = compose({ locks: new Locks() })
const colleague = new Colleague({ islandName: 'lock', colleagueId: id, application: service })
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

while (!isStopping && !colleague.requests.closed.aborted) {
    await service.parts.locks.using('printer', { ttl: 3000 }, async (lease) => {
        say(`holds the lock, token ${lease.token}`)
        // Work that must not happen twice. Send the token with each write.
        await sleep(1000, null, { signal: lease.signal }).catch(() => {})
        // A read of aborted looks at the clock: also right after a pause of the process.
        say(lease.signal.aborted ? 'has lost the lock' : 'releases the lock')
    }).catch((error: Error) => isStopping || say(error.message))
}
