import { createInterface } from 'node:readline'
import { Colleague } from '../index.js'
import { compose, ReplicatedMap } from '../recipes/index.js'

const USAGE = `\
node config.mjs ID [PORTS]

  ID      the name of this member: a, b or c. Start all three, each in a terminal of its own.
  PORTS   the ports of a, b and c on this machine; 7001,7002,7003 without the argument

Each member prints each change of a configuration that is equal at all members. Type a key and a
value in a terminal: colour green
`

const IDS = ['a', 'b', 'c']
const [id = '', given = '7001,7002,7003'] = process.argv.slice(2)
const ports = given.split(',').map(Number)
if (!IDS.includes(id) || ports.length !== IDS.length || !ports.every(Number.isInteger)) {
    process.stdout.write(USAGE)
    process.exit(id === '--help' ? 0 : 2)
}

const service = compose({ config: new ReplicatedMap<string>() })
const colleague = new Colleague({ islandName: 'config', colleagueId: id, application: service })
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

const { config } = service.parts
const input = createInterface(process.stdin).on('line', (line) => {
    const [, key, value] = /^(\S+) (.+)$/.exec(line.trim()) ?? []
    if (key === undefined || value === undefined) {
        say('takes a key and a value, for example: colour green')
        return
    }
    config.set(key, value).catch((error: Error) => say(error.message))
})

// No change is lost between the entries and the watch: no await comes between the two.
for (const [key, value] of config.entries()) {
    say(`has ${key} = ${value}`)
}
try {
    for await (const { version, changes } of config.watch()) {
        for (const { key, value } of changes) {
            say(`sees ${key} = ${value}, version ${version}`)
        }
    }
} catch {
    say('has stopped')
    // An open input would keep the process.
    input.close()
}
