import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { Kibitzer } from '../../src/index.js'
import { KINDS } from '../../src/transport/tcp/frame.js'
import { listenHttp } from '../../src/transport/http/http.js'
import type { Key } from '../../src/transport/security/keys.js'
import { listenTcp } from '../../src/transport/tcp/tcp.js'
import { guards, samples } from '../guard/samples.js'
import { state } from '../support/refusal.js'
import { Dice } from '../../src/testing/dice.js'
import { frame, HELLO } from '../transport/raw.js'
import { request } from '../transport/socket.js'
import { inherited } from './fuzz.js'
import { mutant, specimen } from './mutator.js'
import '../support/silence.js'

/** How many connections there are at a time. */
const AT_ONCE = 16

/** How many frames go over one connection, if it lasts as long. */
const FRAMES = 20

const CALLS = samples.filter(({ guard }) => guard === 'call').map(({ value }) => specimen(value))

/** Says something and no more; resolves when the other side has closed the connection. */
function shout(url: string, bytes: Buffer): Promise<void> {
    const { hostname, port } = new URL(url)
    return new Promise((resolve) => {
        const socket = connect(Number(port), hostname, () => socket.end(bytes))
        socket.on('error', () => {})
        socket.on('close', () => resolve())
        socket.resume()
    })
}

/** Spoils some bytes, wherever. */
function spoil(bytes: Buffer, lots: Dice): Buffer {
    const spoilt = Buffer.from(bytes)
    for (let times = lots.below(4); times >= 0; times--) {
        spoilt[lots.below(spoilt.length)] = lots.below(256)
    }
    return spoilt.subarray(0, lots.below(3) === 0 ? lots.below(spoilt.length) : spoilt.length)
}

const HEADERS: readonly Readonly<Record<string, string | null>>[] = [
    {}, {}, {}, {}, { 'content-length': '1' }, { 'content-length': '999' },
    { 'content-length': '-1' }, { 'content-length': '1e3' }, { 'content-length': null },
    { 'transfer-encoding': 'chunked' }, { 'content-length': null, 'transfer-encoding': 'chunked' },
    { 'content-type': null }, { 'content-type': 'text/html' }, { host: null },
    { 'content-encoding': 'gzip' }, { expect: '100-continue' }, { upgrade: 'websocket' },
    { authorization: 'Kibitz-HMAC key=k1, nonce=, code=' }, { __proto__: null, 'x-y': 'z' },
    { 'x-long': 'x'.repeat(10_000) }
]

const LINES = ['POST /kibitz HTTP/1.1', 'POST /kibitz HTTP/1.1', 'POST /kibitz HTTP/1.1',
    'GET /kibitz HTTP/1.1', 'POST /kibitz?x HTTP/1.1', 'POST http://a/kibitz HTTP/1.1',
    'CONNECT a:80 HTTP/1.1', 'POST /kibitz HTTP/9.9', 'POST /kibitz']

/** A mutant that is mostly JSON: what is not is not even seen by the guard, and closes the line. */
function legible(lots: Dice): string {
    for (;;) {
        const text = mutant(CALLS, lots)
        try {
            JSON.parse(text)
            return text
        } catch {
            if (lots.below(20) === 0) {
                return text
            }
        }
    }
}

function httpMutant(lots: Dice): Buffer {
    const pick = <T>(some: readonly T[]): T => some[lots.below(some.length)] as T
    const isOdd = lots.below(4) === 0
    const whole = request(legible(lots), isOdd ? pick(HEADERS) : {}, isOdd ? pick(LINES) : LINES[0])
    return lots.below(20) === 0 ? spoil(whole, lots) : whole
}

function tcpMutant(lots: Dice): Buffer {
    const frames = Array.from({ length: FRAMES }, () => {
        const kind = lots.below(200) === 0 ? lots.below(256) : KINDS.call
        const whole = frame(kind, lots.below(100), legible(lots))
        return lots.below(200) === 0 ? spoil(whole, lots) : whole
    })
    const hello = lots.below(20) === 0 ? spoil(HELLO, lots) : HELLO
    return Buffer.concat([hello, ...frames])
}

/** What is fuzzed, and how often. */
export interface WireFuzz {
    readonly transport: 'http' | 'tcp'
    readonly seed: number
    readonly connections: number
    readonly keys?: readonly Key[]
}

/** The republic of the target. A mutant takes parts of samples: no sample names this republic. */
const REPUBLIC = 'the republic of the target'

/**
 * Sends mutants to a member of another republic that listens on a socket. The state of the member
 * must not change. The member and its port close in any case: an open port keeps the process of a
 * failed test alive.
 *
 * @returns How many arrivals were counted as rejected.
 */
export async function fuzzWire(
    { transport, seed, connections, keys }: WireFuzz
): Promise<Readonly<Record<string, number>>> {
    assert.ok(samples.every(({ value }) => !JSON.stringify(value).includes(REPUBLIC)))
    const before = inherited()
    const kibitzer = new Kibitzer({ id: 'target' })
    const listen = transport === 'http' ? listenHttp : listenTcp
    const { url, close } = await listen(kibitzer, keys === undefined ? {} : { keys })
    try {
        kibitzer.bootstrap(REPUBLIC, null)
        const played: unknown[] = []
        kibitzer.played.shifter().pump((input) => {
            if (input !== null) {
                played.push(input)
            }
        })
        const unharmed = state(kibitzer)
        const lots = new Dice(seed, transport)
        let left = connections
        await Promise.all(Array.from({ length: AT_ONCE }, async () => {
            while (left > 0) {
                left--
                await shout(url, transport === 'http' ? httpMutant(lots) : tcpMutant(lots))
            }
        }))
        assert.equal(state(kibitzer), unharmed)
        assert.deepEqual(played, [], 'the member played a mutant')
        assert.deepEqual(inherited(), before)
        assert.ok(samples.every(({ guard, value }) => guards[guard](value).ok))
        return kibitzer.status().rejected
    } finally {
        kibitzer.destroy()
        await close()
    }
}
