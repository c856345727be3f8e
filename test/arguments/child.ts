import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import {
    addresses, type Attachable, type Attachment, Colleague, type ColleagueOptions, connect, dns,
    type Key, KeyRing, Kibitzer, type KibitzerOptions
} from '../../src/index.js'
import { FileJournal } from '../../src/journal/file-journal.js'
import { MemoryJournal, MemoryStore } from '../../src/journal/memory-journal.js'
import { MemoryNetwork } from '../../src/transport/memory.js'
import { lots } from '../paxos/lots.js'
import { drain } from '../support/alone.js'
import { found, invoke, methodsOf, mixed, outcomeOf } from './outcome.js'
import { anything, everything, Hostile, Returned, someArguments } from './values.js'
import '../support/silence.js'

const [which = ''] = process.argv.slice(2)

process.on('uncaughtException', (error) => {
    // An error that a callback of the user throws is thrown once more, alone.
    if (!(error instanceof Hostile)) {
        console.error(error)
        process.exit(1)
    }
})
process.on('unhandledRejection', (error) => {
    if (!(error instanceof Returned)) {
        console.error('An ignored promise rejects:', error)
        process.exit(1)
    }
})

function alone(options: Partial<KibitzerOptions> = {}): Kibitzer {
    const kibitzer = new Kibitzer({ id: 'a', ...options })
    kibitzer.listen()
    kibitzer.bootstrap('r', null)
    return kibitzer
}

/** The state of a member as text, without the parts that change with time. */
function stateOf({ paxos, islander, destroyed }: Kibitzer): string {
    const { time: _, calendar: __, log: { committed, entries }, ...state } = paxos.state()
    // The entries themselves may be large, and no input changes an entry.
    return JSON.stringify([state, committed, entries.length, islander.state(), destroyed])
}

const calls = (names: readonly string[]): fc.Arbitrary<[string, (() => unknown)[]]> =>
    fc.tuple(fc.constantFrom(...names), someArguments.map((given) => [...given]))

/** Calls methods of a member, and then looks whether the member publishes. */
async function putTo(
    target: object,
    kibitzer: Kibitzer,
    all: readonly (readonly [string, readonly (() => unknown)[]])[]
): Promise<void> {
    for (const [name, given] of all) {
        const inputs = kibitzer.played.shifter()
        const before = stateOf(kibitzer)
        const { refused } = await outcomeOf(name, () =>
            invoke(target, name, given.map((make) => make())))
        if (refused?.code === 'invalid-argument' || refused?.code === 'too-large') {
            // Only the calendar may have played an input meanwhile.
            const played = drain(inputs).map(({ method }) => method)
            const after = played.includes('event') ? before : stateOf(kibitzer)
            assert.equal(after, before, `${name} was refused: ${refused.message}`)
            assert.deepEqual(played.filter((method) => method !== 'event'), [], name)
        }
        inputs.destroy()
        assert.equal(kibitzer.destroyed, false, name)
    }
}

const KIBITZER = methodsOf(Kibitzer.prototype, 'destroy')
const COLLEAGUE = methodsOf(Colleague.prototype, 'destroy', 'stop')
const JOURNAL = methodsOf(FileJournal.prototype, 'close', 'setAside')

/** Puts each hostile value to each method, in each of the first places. */
async function putEach(
    target: object,
    kibitzer: Kibitzer,
    names: readonly string[],
    places: number = 2
): Promise<void> {
    for (const name of names) {
        for (const make of everything) {
            for (let place = 0; place < places; place++) {
                const given = Array.from({ length: place }, () => (): unknown => 'a')
                await putTo(target, kibitzer, [[name, [...given, make]]])
            }
        }
        assert.match((await kibitzer.publish(name)).promise, /^[0-9a-f]+\/\w+$/, name)
    }
}

const PROPERTIES: Readonly<Record<string, () => Promise<void>>> = {
    'each value': async () => {
        const kibitzer = alone()
        await putEach(kibitzer, kibitzer, KIBITZER)
        kibitzer.destroy()
        const colleague = colleagueOf({})
        await colleague.attach(attachment)
        await colleague.bootstrap({ islandId: 'r' })
        await putEach(colleague, colleague.kibitzer, COLLEAGUE)
        await putEach(colleague.requests, colleague.kibitzer, ['enter'])
        colleague.destroy()
    },

    kibitzer: () => fc.assert(fc.asyncProperty(
        fc.array(calls(KIBITZER), { minLength: 1, maxLength: 4 }), async (all) => {
            const kibitzer = alone()
            await putTo(kibitzer, kibitzer, all)
            assert.match((await kibitzer.publish('after')).promise, /^[0-9a-f]+\/\w+$/)
            kibitzer.destroy()
        }
    ), lots(300)),

    recording: () => fc.assert(fc.asyncProperty(
        fc.array(calls(KIBITZER), { minLength: 1, maxLength: 4 }), async (all) => {
            const store = new MemoryStore()
            const kibitzer = new Kibitzer({ id: 'a', journal: new MemoryJournal(store) })
            await kibitzer.recover()
            kibitzer.listen()
            kibitzer.bootstrap('r', null)
            await kibitzer.publish('before')
            await putTo(kibitzer, kibitzer, all)
            const { promise } = await kibitzer.publish('after')
            kibitzer.destroy()
            await new Promise<void>((resolve) => {
                kibitzer.destruction.wait(() => resolve())
            })
            const again = new Kibitzer({ id: 'a', journal: new MemoryJournal(store) })
            await again.recover()
            assert.equal(again.paxos.committed, promise)
            again.destroy()
        }
    ), lots(100)),

    colleague: () => fc.assert(fc.asyncProperty(
        fc.array(calls(COLLEAGUE), { minLength: 1, maxLength: 4 }),
        fc.array(anything, { maxLength: 2 }), async (all, work) => {
            const colleague = colleagueOf({})
            await colleague.attach(attachment)
            await colleague.bootstrap({ islandId: 'r' })
            await putTo(colleague, colleague.kibitzer, all)
            await putTo(colleague.requests, colleague.kibitzer, [['enter', work]])
            assert.equal((await colleague.publish('after')).result, 'after')
            colleague.destroy()
            await colleague.ended
        }
    ), lots(200)),

    newcomer: () => fc.assert(fc.asyncProperty(
        fc.array(calls(['attach', 'join', 'bootstrap']), { maxLength: 2 }), calls(['join']),
        async (hostile, joining) => {
            const colleague = colleagueOf({})
            colleague.ended.catch(() => {})
            for (const [name, given] of hostile) {
                await outcomeOf(name, () => invoke(colleague, name, given.map((make) => make())))
            }
            await outcomeOf('attach', () => colleague.attach(attachment))
            await outcomeOf('join', () => invoke(colleague, ...withValues(joining)))
            colleague.destroy()
            await colleague.ended
        }
    ), lots(150)),

    constructors: () => fc.assert(fc.asyncProperty(
        fc.constantFrom(...Object.keys(MAKERS)), someArguments, async (name, given) => {
            const make = MAKERS[name]
            assert(make !== undefined)
            await outcomeOf(name, () => make(given.map((each) => each())))
        }
    ), lots(600)),

    keys: () => fc.assert(fc.asyncProperty(
        calls(methodsOf(KeyRing.prototype)), async ([name, given]) => {
            const ring = new KeyRing([{ id: 'k', secret: 'x'.repeat(32) }])
            const { first } = ring
            const { refused } = await outcomeOf(name, () =>
                invoke(ring, name, given.map((make) => make())))
            if (refused !== null) {
                assert.equal(ring.first, first)
                assert.equal(ring.find('k'), first)
                assert.equal(ring.holds(first), true)
            }
        }
    ), lots(300)),

    network: async () => {
        const network = new MemoryNetwork({ random: Math.random })
        const [first, second] = ['a', 'b'].map((id) => {
            const kibitzer = new Kibitzer({ id })
            network.attach(kibitzer)
            kibitzer.listen()
            return kibitzer
        })
        assert(first !== undefined && second !== undefined)
        first.bootstrap('r', { memory: 'a' })
        await second.join('r', { memory: 'a' }, { memory: 'b' })
        await fc.assert(fc.asyncProperty(
            calls(methodsOf(MemoryNetwork.prototype)), async ([name, given]) => {
                await outcomeOf(name, () => invoke(network, name, given.map((make) => make())))
                if (name === 'delay' || name === 'drop') {
                    // A call is under way under the hostile function.
                    void second.publish('during')
                }
                network.heal()
                assert.match((await second.publish('after')).promise, /^\w+\/\w+$/)
            }
        ), lots(100))
        first.destroy()
        second.destroy()
    },

    journal: async () => {
        const folder = mkdtempSync(join(tmpdir(), 'kibitz-arguments-'))
        let count = 0
        try {
            await fc.assert(fc.asyncProperty(
                fc.array(calls(JOURNAL), { maxLength: 3 }), someArguments, async (all, [owner]) => {
                    const journal = new FileJournal(join(folder, String(count++)))
                    await outcomeOf('open', () => invoke(journal, 'open', [owner?.()]))
                    await outcomeOf('open', () => journal.open('a'))
                    for (const [name, given] of all) {
                        await outcomeOf(name, () =>
                            invoke(journal, name, given.map((make) => make())))
                    }
                    await journal.close()
                }
            ), lots(40))
        } finally {
            rmSync(folder, { recursive: true })
        }
    }
}

function withValues(
    [name, given]: readonly [string, readonly (() => unknown)[]]
): [string, readonly unknown[]] {
    return [name, given.map((make) => make())]
}

function attachment(_: Attachable): Attachment {
    return {
        properties: { at: 'a' },
        ask: () => Promise.reject(new Error('No member is there.')),
        close: () => Promise.resolve()
    }
}

const application = {
    apply: ({ body }: { readonly body: unknown }): unknown => body,
    snapshot: (): string => '',
    restore: (): void => {},
    outOfBand: (_: string, post: unknown): unknown => post
}

function colleagueOf(options: Partial<ColleagueOptions>): Colleague {
    return new Colleague({ islandName: 'i', colleagueId: 'a', application, ...options })
}

/** Constructors and functions, each with hostile arguments in every place. */
const MAKERS: Readonly<Record<string, (given: readonly unknown[]) => unknown>> = {
    Kibitzer: ([options]) => new Kibitzer(options as KibitzerOptions).destroy(),
    'Kibitzer with an id': ([options]) => new Kibitzer(mixed({ id: 'a' }, options)).destroy(),
    Colleague: ([options]) => {
        const colleague = new Colleague(options as ColleagueOptions)
        colleague.ended.catch(() => {})
        colleague.destroy()
    },
    'Colleague with an application': ([options]) => {
        const colleague = colleagueOf(mixed({}, options))
        colleague.ended.catch(() => {})
        colleague.destroy()
    },
    MemoryNetwork: ([options]) => new MemoryNetwork(options as never),
    MemoryJournal: ([store]) => new MemoryJournal(store as never),
    FileJournal: ([folder, options]) => new FileJournal(folder as string, options as never),
    'FileJournal in a folder': ([options]) => new FileJournal('x', options as never),
    KeyRing: ([keys]) => new KeyRing(keys as readonly Key[]),
    'KeyRing of a key': ([id, secret]) => new KeyRing([{ id, secret } as Key]),
    connect: ([kibitzer, send, options]) => connect(kibitzer as never, send as never,
        options as never),
    addresses: (given) => addresses(...given as string[])(),
    dns: ([name, port, resolve]) => found(dns(name as string, port as number, resolve as never)),
    'dns of a name': ([resolve]) => found(dns('localhost', 80, resolve as never))
}

const property = PROPERTIES[which]
assert(property !== undefined, `one of ${Object.keys(PROPERTIES).join(', ')}`)
await property()
process.exit(0)
