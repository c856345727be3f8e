import { join } from 'node:path'
import { Colleague, Kibitzer, KibitzError } from 'kibitz'
import { FileJournal } from 'kibitz/journal'
import { MemoryNetwork } from 'kibitz/transport/memory'
import { listenTcp } from 'kibitz/transport/tcp'

/** The bodies of the first entries of a member's log, in their order. */
async function bodies(member, count) {
    const found = []
    for await (const { body } of member.entries()) {
        if (body?.body !== undefined) {
            found.push(body.body)
        }
        if (found.length === count) {
            break
        }
    }
    return found
}

/** Asks for admission until the leader accepts. */
async function admit(member, name, contact, properties) {
    while (!await member.join(name, contact, properties)) {
        await new Promise((resolve) => setTimeout(resolve, 20))
    }
}

/** Three members in memory. */
async function inMemory() {
    const network = new MemoryNetwork()
    const members = ['a', 'b', 'c'].map((id) => new Kibitzer({ id }))
    for (const member of members) {
        network.attach(member)
        member.listen()
    }
    const [a, b, c] = members
    a.bootstrap('memory', { memory: 'a' })
    const read = bodies(b, 3)
    for (const newcomer of [b, c]) {
        await admit(newcomer, 'memory', { memory: 'a' }, { memory: newcomer.id })
        newcomer.naturalize()
    }
    for (const member of [c, b, a]) {
        await member.publish(`from ${member.id}`)
    }
    const found = await read
    for (const member of members) {
        member.destroy()
    }
    return found
}

/** A founder with a journal that reads its log after a restart, and a newcomer over TCP. */
async function overSocket(folder) {
    const path = join(folder, 'journal')
    const founder = new Kibitzer({ id: 'one', journal: new FileJournal(path) })
    await founder.recover()
    const first = await listenTcp(founder, { port: 0 })
    const listening = founder.listen()
    founder.bootstrap('socket', { url: first.url })
    const newcomer = new Kibitzer({ id: 'two' })
    const second = await listenTcp(newcomer, { port: 0 })
    newcomer.listen()
    await admit(newcomer, 'socket', { url: first.url }, { url: second.url })
    await newcomer.publish('over a socket')
    await founder.publish('to a disk')
    newcomer.destroy()
    founder.destroy()
    await listening
    const again = new Kibitzer({ id: 'one', journal: new FileJournal(path) })
    const read = bodies(again, 2)
    await again.recover()
    const found = await read
    again.destroy()
    return found
}

/** Everything that an environment has to do. The test knows the right result. */
export async function run(folder) {
    let refusal = null
    try {
        new Colleague({ islandName: 'refused' })
    } catch (error) {
        refusal = error instanceof KibitzError ? error.code : String(error)
    }
    const found = [...await inMemory(), ...await overSocket(folder)]
    return { found, refusal, hasGlobalRequire: Object.hasOwn(globalThis, 'require') }
}
