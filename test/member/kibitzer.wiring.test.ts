import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import cadence, { type Cadenced } from 'cadence'
import Procedure from 'conduit/procedure.js'
import { Kibitzer, type KibitzerOptions, type LogEntry } from '../../src/index.js'
import { DAWN, Island } from '../support/island.js'
import '../support/silence.js'

/** The address of a member, in the form of the seed. */
interface Located {
    readonly location: string
}

/** Runs a cadenced function that takes nothing, and rejects with its error. */
function run(cadenced: Cadenced<unknown, [], unknown[]>): Promise<void> {
    return new Promise((resolve, reject) => {
        cadenced.call(null, (error) => {
            if (error === null || error === undefined) {
                resolve()
            } else {
                reject(error)
            }
        })
    })
}

function admits(id: string): (entry: LogEntry | null) => boolean {
    return (entry) => entry?.method === 'government' && entry.body.immigrate?.id === id
}

/** Members of one process, each wired to all the others as the seed's own test wires them. */
class Neighbours implements Disposable {
    readonly kibitzers: Kibitzer[] = []
    readonly ended: unknown[] = []

    settle(id: string, options: Partial<KibitzerOptions> = {}): Kibitzer {
        const kibitzer = new Kibitzer({ id, ...options })
        const { kibitzers, ended } = this
        const responder = new Procedure(cadence(
            function (async, envelope: { readonly to: Located }) {
                const { location } = envelope.to
                const [addressee] = kibitzers.filter(({ paxos }) => paxos.id === location)
                addressee?.request(JSON.parse(JSON.stringify(envelope)), async())
            }
        ))
        kibitzer.read.shifter().pump(responder.write, 'enqueue')
        responder.read.shifter().pump(kibitzer.write, 'enqueue')
        kibitzer.listen((error) => {
            ended.push(error)
        })
        kibitzers.push(kibitzer)
        return kibitzer
    }

    [Symbol.dispose](): void {
        for (const kibitzer of this.kibitzers) {
            kibitzer.destroy()
        }
    }
}

describe('the wiring of the seed', () => {
    test('connects three members, with cadence callers and listen(callback)', async () => {
        using neighbours = new Neighbours()
        const founder = neighbours.settle('0')
        founder.bootstrap(1, { location: '0' })
        const shifter = founder.log.shifter()
        const taken: unknown[] = []
        await run(cadence(function (async) {
            const second = neighbours.settle('1')
            const third = neighbours.settle('2')
            async(() => {
                second.join(1, { location: '0' }, { location: '1' }, async())
            }, (isTaken: unknown) => {
                taken.push(isTaken)
                shifter.join(admits('1'), async())
            }, () => {
                // The immigration goes to a citizen, which passes the call on to the leader.
                third.join(1, { location: '1' }, { location: '2' }, async())
            }, (isTaken: unknown) => {
                taken.push(isTaken)
                shifter.join(admits('2'), async())
            }, () => {
                third.naturalize()
                third.publish(1)
                shifter.join((entry) => entry?.method === 'entry' && entry.body.body === 1, async())
            }, (entry: LogEntry) => {
                taken.push(entry.body)
                const body = { cookie: '1', republic: 0, entries: ['1'] }
                third.request({ method: 'enqueue', body }, async())
            }, (answer: unknown) => {
                taken.push(answer)
            })
        }))
        assert.deepEqual(taken, [
            true, true, { id: '2', cookie: '1/1', immigrated: '3/0', body: 1 }, null
        ])
        for (const kibitzer of neighbours.kibitzers) {
            kibitzer.destroy()
        }
        assert.deepEqual(neighbours.ended, [null, null, null])
    })

    test('works with a Procedure of a Kibitzer and the method name request', async () => {
        const [left, right] = [new Kibitzer({ id: 'left' }), new Kibitzer({ id: 'right' })]
        for (const [asking, answering] of [[left, right], [right, left]] as const) {
            const procedure = new Procedure(answering, 'request')
            asking.read.shifter().pump(procedure.write, 'enqueue')
            procedure.read.shifter().pump(asking.write, 'enqueue')
            asking.listen()
        }
        left.bootstrap('republic', {})
        assert.equal(await right.join('republic', {}, {}), true)
        const published = await Promise.all([right.publish('from the right'), left.publish('own')])
        assert.deepEqual(published.map(({ promise }) => promise).sort(), ['2/1', '2/2'])
        left.destroy()
        right.destroy()
    })

    test('passes errors to callers from cadence', async () => {
        const kibitzer = new Kibitzer({ id: 'a' })
        kibitzer.destroy()
        await assert.rejects(run(cadence(function (async) {
            async(() => {
                kibitzer.join('republic', { location: 'b' }, { location: 'a' }, async())
            }, () => {
                assert.fail('The step behind an error is not called.')
            })
        })), { code: 'destroyed' })
    })

    test('lets a caller of cadence wait for the end', async () => {
        const kibitzer = new Kibitzer({ id: 'a' })
        const ended = run(cadence(function (async) {
            kibitzer.listen(async())
        }))
        kibitzer.destroy()
        await ended
    })
})

describe('an own Date', () => {
    const SLOWNESS = 4
    const own = { now: () => 1000 + Math.floor((Date.now() - DAWN) / SLOWNESS) }

    test('is the only source of the time of an input', () => {
        using island = new Island({ Date: own })
        island.settle('a', 'b', 'c')
        for (const { recording } of island.residents) {
            for (const { when } of recording.played) {
                assert.ok(when >= 1000 && when <= own.now(), `${when}`)
            }
        }
    })

    test('slows the calendar down: pings come later', () => {
        using island = new Island({ Date: own })
        island.settle('a', 'b', 'c')
        const before = island.resident('a').recording.played.length
        island.pass(4000 * SLOWNESS)
        const played = island.resident('a').recording.played.slice(before)
        const pings = played.filter(({ method, body }) => {
            return method === 'event' && (body as { key: string }).key === 'ping'
        })
        assert.ok(Math.abs(pings.length - 4000 / 250) <= 1, `${pings.length} pings`)
        for (const { body } of pings) {
            const { when, now } = body as { when: number, now: number }
            assert.ok(now >= when && now - when <= 2, `due at ${when}, came at ${now}`)
        }
        island.crash('a')
        island.until(() => island.kibitzer('b').status().leader !== 'a')
    })

    test('that stands still stops the calendar only', async () => {
        using island = new Island({ Date: { now: () => 0 } })
        const kibitzer = island.found('a')
        assert.deepEqual(await kibitzer.publish('x'), { promise: '1/1' })
        island.land('b').join('republic', { at: 'a' }, { at: 'b' })
        island.pass(10_000)
        assert.equal(island.kibitzer('b').status().role, 'citizen')
        const events = island.resident('a').recording.played.filter(({ method }) => {
            return method === 'event'
        })
        assert.deepEqual(events, [])
    })
})
