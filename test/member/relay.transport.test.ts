import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { describe, test } from 'node:test'
import { Kibitzer } from '../../src/index.js'
import type { Properties } from '../../src/paxos/messages/messages.js'
import { handler, send } from '../../src/transport/http/http.js'
import { MemoryNetwork } from '../../src/transport/memory.js'
import { connect } from '../../src/transport/connect.js'
import '../support/silence.js'

const PACE = { ping: 50, timeout: 2000, patience: 60_000, parliamentSize: 3 }
const CALLS = { callTimeout: 300 }

/** A way to carry calls between members, whose links can be cut both ways. */
interface Wires {
    /** Connects a member, and resolves with its properties. */
    attach(kibitzer: Kibitzer): Promise<Properties>
    cut(one: string, other: string): void
}

function memory(): Wires {
    const network = new MemoryNetwork({ ...CALLS, wire: 'json' })
    return {
        attach: async (kibitzer) => network.attach(kibitzer),
        cut: (one, other) => {
            network.cut(one, other)
            network.cut(other, one)
        }
    }
}

/** Each member listens on a port of its own; a cut link takes calls and never answers. */
function http(): Wires {
    const cuts = new Set<string>()
    return {
        attach: async (kibitzer) => {
            const server = createServer(handler(kibitzer)).listen(0, '127.0.0.1')
            await once(server, 'listening')
            const { port } = server.address() as { readonly port: number }
            const carry = send()
            connect(kibitzer, (to, envelope, signal) => {
                const { id } = to as { readonly id: string }
                return cuts.has(`${kibitzer.id} ${id}`)
                    ? new Promise((_, reject) => signal.addEventListener('abort', reject))
                    : carry(to, envelope, signal)
            }, CALLS)
            kibitzer.destruction.wait(() => {
                carry.close()
                server.close()
                server.closeAllConnections()
            })
            return { id: kibitzer.id, url: `http://127.0.0.1:${port}/` }
        },
        cut: (one, other) => {
            cuts.add(`${one} ${other}`).add(`${other} ${one}`)
        }
    }
}

/** Resolves as soon as a condition holds after an entry of a member's log. */
async function reach(kibitzer: Kibitzer, isSo: () => boolean): Promise<void> {
    for await (const _ of kibitzer.entries()) {
        if (isSo()) {
            return
        }
    }
}

/** Makes a republic of the first member, which leads, and the others; two of these are voters. */
async function settle(wires: Wires, members: readonly Kibitzer[]): Promise<void> {
    const places = await Promise.all(members.map((member) => wires.attach(member)))
    const [founder = assert.fail(), ...others] = members
    founder.listen()
    founder.bootstrap('republic', places[0] ?? null)
    for (const [index, member] of others.entries()) {
        const [through = null, place = null] = [places[0], places[index + 1]]
        member.listen()
        while (await member.join('republic', through, place) === false) {
            // The leader has not taken the wish yet.
        }
        await reach(member, () => true)
        member.naturalize()
    }
    const seats = (): number => {
        const { majority, minority } = founder.status().government
        return majority.length + minority.length
    }
    await reach(founder, () => seats() === 3)
}

for (const [name, make] of [['memory', memory], ['HTTP', http]] as const) {
    describe(`a citizen whose link to the leader alone is cut, over ${name}`, () => {
        for (const role of ['constituents', 'minority', 'majority'] as const) {
            test(`publishes and names the relay: a citizen of ${role}`, async (context) => {
                const wires = make()
                const members = ['a', 'b', 'c', 'd'].map((id) => new Kibitzer({ ...PACE, id }))
                context.after(() => {
                    for (const member of members) {
                        member.destroy()
                    }
                })
                await settle(wires, members)
                const { government } = members[0]?.status() ?? assert.fail()
                const id = government[role].findLast((citizen) => citizen !== 'a')
                const citizen = members.find((member) => member.id === id) ?? assert.fail()
                wires.cut('a', citizen.id)
                const values = [`'__proto__' 1`, { constructor: 2 }, '€'.repeat(1000)]
                const published = await Promise.all([
                    citizen.publish(values[0]), citizen.publishAll(values.slice(1))
                ])
                // The receipts over the relay may come after the entry.
                while (citizen.status().relay === null) {
                    await citizen.publish('later')
                }
                const { relay } = citizen.status()
                assert.ok(relay !== null && relay !== 'a' && relay !== citizen.id, `${relay}`)
                const last = published[1].at(-1)?.promise
                for (const member of members) {
                    const seen: unknown[] = []
                    for await (const { promise, body } of member.entries()) {
                        if ('cookie' in body && body.id === citizen.id && body.body !== null) {
                            seen.push(body.body)
                        }
                        if (promise === last) {
                            break
                        }
                    }
                    assert.deepEqual(seen, values)
                }
            })
        }
    })
}
