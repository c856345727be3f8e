import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { describe, test, type TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { Kibitzer } from '../../src/index.js'
import { parliament } from '../../src/paxos/membership/government.js'
import { listenHttp } from '../../src/transport/http/http.js'
import { listenTcp } from '../../src/transport/tcp/tcp.js'
import type { Order, Report } from './orders.js'
import { clientHello, draw, Stranger } from './stranger.js'
import { Dice } from '../../src/testing/dice.js'
import { Authority } from '../transport/authority.js'
import { withoutCoverage } from '../support/environment.js'
import { endWithTests } from '../support/children.js'
import '../support/silence.js'

const MEMBER = fileURLToPath(new URL('./member.js', import.meta.url))
const DESCRIPTORS = 256
const MEMORY_MIB = 256

/** The most memory that callers without proof may cost, in MiB. */
const UNPROVEN_MIB = 64

/** More strangers than the member has descriptors, each with a behaviour of its own. */
const CROWD = { strangers: 300, rounds: 10 }

/** No more strangers than may stay, each of which sends a body of 8 MiB. */
const BULK = { strangers: 28, rounds: 17 }

/** How many of the crowd send large bodies; without keys, such a caller passes for a member. */
const LARGE_MAX = 4

const PATIENCE = { timeout: 20_000, callTimeout: 15_000 }
const KEYS = [{ id: 'k', secret: 's'.repeat(40) }]
const authority = new Authority()

/** The member under siege, in a process of its own. */
class Besieged {
    readonly #child: ReturnType<typeof Besieged.spawn>
    readonly #lines: AsyncIterator<string>
    readonly exited: Promise<unknown[]>

    private static spawn(order: Order) {
        const command = `ulimit -n ${DESCRIPTORS} && exec "$0" --max-old-space-size=160 "$@"`
        return spawn('sh', ['-c', command, process.execPath, MEMBER, JSON.stringify(order)], {
            stdio: ['pipe', 'pipe', 'inherit'], env: withoutCoverage()
        })
    }

    constructor(order: Order) {
        this.#child = endWithTests(Besieged.spawn(order))
        this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]()
        this.exited = once(this.#child, 'exit')
    }

    async hear<Heard>(): Promise<Heard> {
        const { value, done } = await this.#lines.next()
        assert.notEqual(done, true, 'The member has ended.')
        return JSON.parse(value) as Heard
    }

    publish(text: string): Promise<Report> {
        this.#child.stdin.write(`${text}\n`)
        return this.hear()
    }

    end(): void {
        this.#child.stdin.end()
    }

    kill(): void {
        this.#child.kill('SIGKILL')
    }
}

/** Another member of the republic, in this process. */
async function settle(
    context: TestContext,
    id: string,
    { transport, keys, tls }: Order,
    contact: string
): Promise<Kibitzer> {
    const kibitzer = new Kibitzer({ id, parliamentSize: 3, timeout: PATIENCE.timeout })
    context.after(() => kibitzer.destroy())
    const { callTimeout } = PATIENCE
    const options = {
        callTimeout,
        ...(keys === undefined ? {} : { keys }),
        ...(tls === undefined ? {} : { tls: authority.issue(id) })
    }
    const { url } = transport === 'http'
        ? await listenHttp(kibitzer, options)
        : await listenTcp(kibitzer, { ...options, connectTimeout: callTimeout })
    kibitzer.listen()
    while ((await kibitzer.join('republic', { url: contact }, { url })) === false) {
        // The leader admits one newcomer after the other.
    }
    kibitzer.naturalize()
    return kibitzer
}

async function seated(kibitzer: Kibitzer): Promise<void> {
    for await (const _ of kibitzer.entries()) {
        if (parliament(kibitzer.paxos.government).length === 3) {
            return
        }
    }
}

/** Lets strangers act while every member publishes. Yields the last report of the besieged. */
async function surround(
    besieged: Besieged,
    peers: readonly Kibitzer[],
    strangers: readonly Stranger[],
    rounds: number
): Promise<Report> {
    let last: Report | null = null
    for (let round = 0; round < rounds; round++) {
        const [report] = await Promise.all([
            besieged.publish(`a${round}`),
            ...peers.map((peer) => peer.publish(`${peer.id}${round}`))
        ])
        assert.ok(report.descriptors < DESCRIPTORS, `${report.descriptors} descriptors`)
        last = report
        for (const stranger of strangers) {
            stranger.step()
        }
    }
    for (const stranger of strangers) {
        stranger.close()
    }
    assert.ok(last)
    return last
}

/** Besieges a member, while the republic of three publishes. Yields the first and last report. */
async function besiege(
    context: TestContext,
    surroundings: Pick<Order, 'transport' | 'keys' | 'tls'>
): Promise<readonly [before: Report, after: Report]> {
    const folder = await mkdtemp(join(tmpdir(), 'kibitz-siege-'))
    context.after(() => rm(folder, { recursive: true }))
    const order = { ...surroundings, folder, patience: PATIENCE }
    const besieged = new Besieged(order)
    context.after(() => besieged.kill())
    const { url } = await besieged.hear<{ readonly url: string }>()
    const peers = [await settle(context, 'b', order, url), await settle(context, 'c', order, url)]
    await Promise.all(peers.map(seated))
    const before = await besieged.publish('before')
    const lots = new Dice(1, JSON.stringify(surroundings.transport))
    const hello = surroundings.tls === undefined ? null : await clientHello()
    const { transport, keys } = surroundings
    const around = { transport, keys, hello }
    const assemble = (count: number, largeMax: number): Stranger[] => {
        const strangers = Array.from({ length: count }, (_, number) => {
            return new Stranger(url, () => draw(number, lots, { ...around, largeMax }))
        })
        context.after(() => {
            for (const stranger of strangers) {
                stranger.close()
            }
        })
        return strangers
    }
    if (keys !== undefined) {
        const bulk = assemble(BULK.strangers, BULK.strangers)
        await surround(besieged, peers, bulk, BULK.rounds)
    }
    const crowd = assemble(CROWD.strangers, LARGE_MAX)
    const last = await surround(besieged, peers, crowd, CROWD.rounds)
    const opened = crowd.reduce((sum, stranger) => sum + stranger.opened, 0)
    context.diagnostic(JSON.stringify({ opened, ...last }))
    besieged.end()
    assert.deepEqual(await besieged.exited, [0, null])
    return [before, last]
}

/** Why the memory of a process cannot be read here; `null` if it can. */
const missing = existsSync('/proc/self/status')
    ? null
    : 'NO MEMBER WAS BESIEGED: this system has no /proc to read the memory of a process from.'

describe('a member with 256 descriptors and 256 MiB publishes among strangers', () => {
    for (const [name, surroundings] of [
        ['over HTTP', { transport: 'http' }],
        ['over HTTP under a key', { transport: 'http', keys: KEYS }],
        ['over HTTPS', { transport: 'http', tls: authority.issue('a') }],
        ['over TCP', { transport: 'tcp' }],
        ['over TCP under a key', { transport: 'tcp', keys: KEYS }],
        ['over TLS', { transport: 'tcp', tls: authority.issue('a') }]
    ] as const) {
        test(name, { timeout: 240_000 }, async (context) => {
            if (missing !== null) {
                console.warn(missing)
                return
            }
            const [before, after] = await besiege(context, surroundings)
            const { memoryMax, rejected, failure } = after
            assert.equal(failure, null)
            assert.ok(memoryMax < MEMORY_MIB, `${memoryMax} MiB`)
            const grown = memoryMax - before.memoryMax
            const hasProof = 'keys' in surroundings || 'tls' in surroundings
            assert.ok(!hasProof || grown < UNPROVEN_MIB, `${grown} MiB for callers without proof`)
            assert.ok((rejected['too-many'] ?? 0) > 0, JSON.stringify(rejected))
        })
    }
})
