import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { alone } from '../support/own-process.js'
import '../support/silence.js'

/** Two members of one process that talk to each other in real time. */
const PAIR = `
const members = new Map()
function settle(id) {
    const kibitzer = new Kibitzer({ id, ping: 20, timeout: 100 })
    members.set(id, kibitzer)
    kibitzer.read.shifter().pump((call) => {
        if (call !== null) {
            const { cookie, body: { to, ...envelope } } = call
            members.get(to.at).request(envelope, (error, body) => {
                kibitzer.write.push({
                    module: 'conduit/procedure', method: 'invocation', cookie, body
                })
            })
        }
    })
    return kibitzer
}
function timers() {
    return process.getActiveResourcesInfo().filter((name) => /Timeout|Immediate/.test(name)).length
}
`

describe('a process', () => {
    test('exits once its Kibitzers are destroyed, with no handle open', () => {
        const { status, stdout, stderr } = alone(`${PAIR}
            const [a, b] = [settle('a'), settle('b')]
            const listening = [a.listen(), b.listen()]
            a.bootstrap('republic', at('a'))
            const published = b.publish('x')
            await b.join('republic', at('a'), at('b'))
            await published
            await a.barrier()
            const before = timers()
            a.destroy()
            b.destroy()
            await Promise.all(listening)
            console.log(before > 0, timers(), [...members.values()].map((each) => each.destroyed))
        `)
        assert.deepEqual([status, stderr], [0, ''])
        assert.equal(stdout, 'true 0 [ true, true ]\n')
    })

    test('exits while an idle Kibitzer listens', () => {
        const { status, stdout, stderr } = alone(`
            const kibitzer = new Kibitzer({ id: 'a' })
            kibitzer.listen(() => console.log('never'))
            kibitzer.publish('x')
            kibitzer.barrier()
            kibitzer.entries().next()
            console.log(process.getActiveResourcesInfo().includes('Timeout'))
        `)
        assert.deepEqual([status, stdout, stderr], [0, 'false\n', ''])
    })

    test('that ignores every rejection does not crash', () => {
        const { status, stdout, stderr } = alone(`
            const kibitzer = new Kibitzer({ id: 'a', publishes: 4 })
            const { signal } = new AbortController()
            const abortion = new AbortController()
            kibitzer.listen()
            for (let count = 0; count < 6; count++) {
                kibitzer.publish(count)
                kibitzer.barrier({ signal })
            }
            kibitzer.join('republic', at('b'), at('a'))
            kibitzer.join('republic', at('b'), at('a'), { signal: abortion.signal })
            kibitzer.join('republic', at('b'), at('a'), { signal: AbortSignal.abort() })
            kibitzer.publish('x', { signal: abortion.signal })
            kibitzer.publish('x', { signal: AbortSignal.abort() })
            abortion.abort()
            kibitzer.request('nonsense')
            kibitzer.destroy()
            kibitzer.publish('late')
            kibitzer.barrier()
            kibitzer.join('republic', at('b'), at('a'))
            setImmediate(() => console.log('alive'))
        `)
        assert.deepEqual([status, stdout, stderr], [0, 'alive\n', ''])
    })
})

/** A republic whose members note what they see, and a reader of member `b` that only throws. */
const READERS = `
const uncaught = new Set()
process.on('uncaughtException', ({ message }) => uncaught.add(message))
const island = new Island()
island.settle('a', 'b', 'c')
const { kibitzer, recording } = island.resident('b')
const seen = { log: [], played: [], governed: 0 }
const mine = (what) => () => { throw new Error(what) }
function go() {
    kibitzer.log.shifter().pump((entry) => { seen.log.push(entry?.body.body) })
    kibitzer.played.shifter().pump((input) => { seen.played.push(input?.method) })
    kibitzer.governed.wait(() => { seen.governed++ })
    const before = recording.played.length
    for (const { kibitzer } of island.residents) {
        kibitzer.publish(kibitzer.id)
    }
    kibitzer.publish('more')
    island.level()
    island.admit('d', 'b')
    island.level()
    return before
}
function tell(before) {
    island[Symbol.dispose]()
    setImmediate(() => setImmediate(() => {
        const inputs = recording.played.length - before
        const log = [...new Set(seen.log.filter((value) => value != null))].sort().join('')
        console.log(log, seen.governed, seen.played.length - 1 === inputs, ...uncaught)
    }))
}
`

describe('an exception in a listener is uncaught and affects no other listener:', () => {
    for (const [name, harm] of Object.entries({
        'a pump of log': "kibitzer.log.shifter().pump(mine('mine'))",
        'a dequeue of log': "kibitzer.log.shifter().dequeue(mine('mine'))",
        'a pump of played': "kibitzer.played.shifter().pump(mine('mine'))",
        'a dequeue of played': "kibitzer.played.shifter().dequeue(mine('mine'))",
        'a waiter of governed': "kibitzer.governed.wait(mine('mine'))",
        'a method that waits': "kibitzer.governed.wait({ wait: mine('mine') }, 'wait')",
        'a reader of the engine': "kibitzer.paxos.outbox.shifter().dequeue(mine('mine'))",
        'a reader of the publisher': "kibitzer.islander.outbox.shifter().dequeue(mine('mine'))",
        'a reader of read': "kibitzer.read.shifter().dequeue(mine('mine'))"
    })) {
        test(name, () => {
            const { status, stdout } = alone(`${READERS}\n${harm}\ntell(go())`)
            assert.deepEqual([status, stdout], [0, 'abcmore 1 true mine\n'])
        })
    }

    test('callbacks of join, request, listen and destruction', () => {
        const { status, stdout } = alone(`${READERS}
            kibitzer.request({}, mine('request'))
            const newcomer = island.land('e')
            newcomer.join('republic', at('a'), at('e'), mine('join'))
            newcomer.listen(mine('listen'))
            newcomer.destruction.wait(mine('destruction'))
            island.until(() => newcomer.paxos.government.promise !== '0/0')
            tell(go())
        `)
        assert.deepEqual([status, stdout], [
            0, 'abcemore 1 true request join listen destruction\n'
        ])
    })

    test('a waiter of ready, after which the Kibitzer listens', () => {
        const { status, stdout } = alone(`
            process.on('uncaughtException', ({ message }) => console.log(message))
            const kibitzer = new Kibitzer({ id: 'a' })
            kibitzer.ready.wait(() => { throw new Error('mine') })
            kibitzer.bootstrap('republic', at('a'))
            kibitzer.listen()
            console.log(await kibitzer.publish('x'))
            kibitzer.destroy()
        `)
        assert.deepEqual([status, stdout], [0, "mine\n{ promise: '1/1' }\n"])
    })

    test('without a handler the process ends, and stderr names the listener', () => {
        const { status, stderr } = alone(`
            const kibitzer = new Kibitzer({ id: 'a' })
            kibitzer.log.shifter().pump(function careless(entry) { entry.no.such.thing })
            kibitzer.listen()
            kibitzer.bootstrap('republic', at('a'))
        `)
        assert.equal(status, 1)
        assert.match(stderr, /TypeError.*\n.*careless/s)
    })
})

describe('a process that forbids code from strings', () => {
    test('gets an error with the reason from Kibitzer and Colleague', () => {
        const { status, stdout, stderr } = alone(`
            for (const construct of [
                () => new Kibitzer({ id: 'a' }),
                () => new Colleague({ islandName: 'r', colleagueId: 'a', application: {
                    apply: () => null, snapshot: () => '', restore: async () => {}
                } })
            ]) {
                try { construct() } catch ({ code, message }) { console.log(code, message) }
            }
        `, ['--disallow-code-generation-from-strings'])
        assert.deepEqual([status, stderr], [0, ''])
        const [first, second] = stdout.trim().split('\n')
        assert.match(first ?? '', /^unsupported This process forbids .* without that flag\.$/)
        assert.equal(second, first)
    })
})
