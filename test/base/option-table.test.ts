import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { WIRE_LIMITS } from '../../src/guard/limits.js'
import {
    Certificates, Colleague, connect, Kibitzer, KibitzError, Paxos, type PaxosOptions
} from '../../src/index.js'
import { FILE_JOURNAL_OPTIONS, FileJournal } from '../../src/journal/file-journal.js'
import { MemoryJournal } from '../../src/journal/memory-journal.js'
import { COLLEAGUE_OPTIONS } from '../../src/colleague/options.js'
import { LISTEN_COLLEAGUE_OPTIONS } from '../../src/colleague/listening.js'
import { DURATION_MS_MAX, type OptionKind } from '../../src/base/option-table.js'
import { KIBITZER_OPTIONS } from '../../src/member/options.js'
import { PAXOS_OPTIONS } from '../../src/paxos/options.js'
import {
    connectHttp, handler, listenHttp, send as sendHttp
} from '../../src/transport/http/http.js'
import {
    HANDLER_OPTIONS, HTTP_SEND_OPTIONS, LISTEN_HTTP_OPTIONS
} from '../../src/transport/http/options.js'
import { MEMORY_NETWORK_OPTIONS, MemoryNetwork } from '../../src/transport/memory.js'
import { LISTEN_TCP_OPTIONS, TCP_SEND_OPTIONS } from '../../src/transport/tcp/options.js'
import { connectTcp, listenTcp, send as sendTcp } from '../../src/transport/tcp/tcp.js'
import { CONNECT_OPTIONS } from '../../src/transport/call-limits.js'
import { FakeKibitzer } from '../../src/transport/conformance/fake-kibitzer.js'
import '../support/silence.js'

type Bag = Readonly<Record<string, unknown>>

/** A function of the library that takes options, and the table of these. */
interface Taker {
    readonly table: object
    /** The required options. */
    readonly needs?: Bag
    /** Calls the function with the options, and ends the result. */
    take(options: never): unknown
}

const application = { apply: () => 0, snapshot: () => '', restore: () => {} }
const names = { islandName: 'service', colleagueId: 'a', application }

async function closing(listener: Promise<{ close(): Promise<void> }>): Promise<void> {
    await (await listener).close()
}

const TAKERS: Readonly<Record<string, Taker>> = {
    'new Kibitzer': {
        table: KIBITZER_OPTIONS, needs: { id: 'a' },
        take: (options) => new Kibitzer(options).destroy()
    },
    'new Colleague': {
        table: COLLEAGUE_OPTIONS, needs: names,
        take: (options) => new Colleague(options).destroy()
    },
    'new Paxos': { table: PAXOS_OPTIONS, take: (options) => new Paxos(0, null, 'a', options) },
    'Colleague#listen': {
        table: LISTEN_COLLEAGUE_OPTIONS,
        take: async (options) => {
            const colleague = new Colleague(names)
            await colleague.listen(options).finally(() => colleague.destroy())
            await colleague.ended
        }
    },
    'new MemoryNetwork': {
        table: MEMORY_NETWORK_OPTIONS, take: (options) => new MemoryNetwork(options)
    },
    'new FileJournal': {
        table: FILE_JOURNAL_OPTIONS, take: (options) => new FileJournal('folder', options)
    },
    'connect': {
        table: CONNECT_OPTIONS,
        take: (options) => connect(new FakeKibitzer('a'), async () => null, options)()
    },
    'connectHttp': {
        table: { ...HTTP_SEND_OPTIONS, ...CONNECT_OPTIONS },
        take: (options) => connectHttp(new FakeKibitzer('a'), options)()
    },
    'connectTcp': {
        table: { ...TCP_SEND_OPTIONS, ...CONNECT_OPTIONS },
        take: (options) => connectTcp(new FakeKibitzer('a'), options)()
    },
    'send over HTTP': { table: HTTP_SEND_OPTIONS, take: (options) => sendHttp(options).close() },
    'send over TCP': { table: TCP_SEND_OPTIONS, take: (options) => sendTcp(options).close() },
    'handler': {
        table: HANDLER_OPTIONS, take: (options) => handler(new FakeKibitzer('a'), options)
    },
    'listenHttp': {
        table: LISTEN_HTTP_OPTIONS,
        take: (options) => closing(listenHttp(new FakeKibitzer('a'), options))
    },
    'listenTcp': {
        table: LISTEN_TCP_OPTIONS,
        take: (options) => closing(listenTcp(new FakeKibitzer('a'), options))
    }
}

/** Odd values; each option accepts at most four of the values. */
const ODD: readonly unknown[] = [
    -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, 5n, Symbol('a'), '',
    'x'.repeat(2000), 0, true, [5], {}, () => 0,
    new Proxy({}, { get: () => assert.fail('The proxy was read.') })
]

async function taking({ take, needs = {} }: Taker, options: Bag): Promise<unknown> {
    return await take({ ...needs, ...options } as never)
}

async function refused(taker: Taker, options: Bag): Promise<string> {
    const error = await taking(taker, options).then(() => null, (reason: unknown) => reason)
    assert.ok(error instanceof KibitzError, `${String(error)} for ${Object.keys(options)}`)
    assert.equal(error.code, 'invalid-argument')
    return error.message
}

for (const [name, taker] of Object.entries(TAKERS)) {
    describe(`the options of ${name}`, () => {
        const { needs = {} } = taker
        const kinds = Object.entries<OptionKind>(taker.table as Record<string, OptionKind>)

        test('may be undefined, and also null if the table says so', async () => {
            const absent = Object.fromEntries(kinds.map(([option]) => [option, undefined]))
            await taking(taker, { ...absent, ...needs, nonsense: undefined })
            for (const nothing of Object.keys(needs).length === 0 ? [undefined, null] : []) {
                await taker.take(nothing as never)
            }
            for (const [option, { takesNull }] of kinds) {
                if (takesNull === true) {
                    await taking(taker, { [option]: null })
                } else {
                    assert.match(await refused(taker, { [option]: null }), new RegExp(option))
                }
            }
        })

        test('are refused by name if a value is of the wrong kind', async () => {
            for (const [option, { fits }] of kinds) {
                const isUsable = (value: unknown): boolean => {
                    try {
                        return fits(value)
                    } catch {
                        return false
                    }
                }
                const odd = ODD.filter((value) => !isUsable(value))
                assert.ok(odd.length >= ODD.length - 4, `${option} takes nearly everything`)
                for (const value of odd) {
                    assert.match(await refused(taker, { [option]: value }), new RegExp(option))
                }
            }
        })

        test('are refused if an option is unknown, with the closest option', async () => {
            for (const [option] of kinds) {
                const misspellings = [
                    `${option}s`, option.toUpperCase(), `${option.slice(0, -1)}_`
                ]
                for (const misspelt of misspellings) {
                    const message = await refused(taker, { [misspelt]: 1 })
                    assert.match(message, new RegExp(`no option ${misspelt};`))
                    assert.match(message, new RegExp(`closest option is ${option}\\.`))
                }
            }
        })

        test('are refused if the caller passes no object or a getter throws', async () => {
            for (const options of [5, 'a', true, [], () => {}, Symbol('a'), 5n]) {
                const error = await Promise.resolve()
                    .then(() => taker.take(options as never))
                    .then(() => null, (reason: unknown) => reason)
                assert.equal((error as KibitzError | null)?.code, 'invalid-argument')
            }
            for (const [option] of kinds) {
                const hostile = Object.defineProperty({ ...needs }, option, {
                    get: () => assert.fail('The getter throws.'), enumerable: true
                })
                const error = await Promise.resolve()
                    .then(() => taker.take(hostile as never))
                    .then(() => null, (reason: unknown) => reason)
                assert.equal((error as KibitzError | null)?.code, 'invalid-argument', option)
            }
        })
    })
}

describe('an option', () => {
    test('that is a time is no longer than a timer takes', () => {
        for (const option of ['ping', 'timeout', 'patience', 'outOfBandTimeout']) {
            const options = { ...names, [option]: DURATION_MS_MAX + 1 }
            assert.throws(() => new Colleague(options), { code: 'invalid-argument' })
        }
        const longest = { id: 'a', timeout: DURATION_MS_MAX, journal: new MemoryJournal() }
        new Kibitzer(longest).destroy()
    })

    test('of an engine stays within the limits of the guards of other members', () => {
        for (const [option, max] of [
            ['batch', WIRE_LIMITS.runMax], ['citizens', WIRE_LIMITS.citizensMax],
            ['proposals', WIRE_LIMITS.remapsMax / 2]
        ] as const) {
            const paxos = (options: PaxosOptions): Paxos => new Paxos(0, null, 'a', options)
            assert.equal(paxos({ [option]: max }).options[option], max)
            assert.throws(() => paxos({ [option]: max + 1 }), { code: 'invalid-argument' })
        }
    })

    test('parliamentFloor is at most parliamentSize', () => {
        const options = { id: 'a', parliamentSize: 3, parliamentFloor: 5 }
        assert.throws(() => new Kibitzer(options), { code: 'invalid-argument' })
    })

    test('refuses a path as a journal and a text as a list of addresses', async () => {
        const isRefused = (what: RegExp) => (error: unknown): boolean =>
            error instanceof KibitzError && what.test(error.message)
        assert.throws(() => new Kibitzer({ id: 'a', journal: '/path' as never }),
            isRefused(/journal must be a journal, such as new FileJournal\(folder\), not a string/))
        const colleague = new Colleague(names)
        await assert.rejects(colleague.join({ through: 'host:1' as never }),
            isRefused(/through must be a list of addresses, such as \['host:port'\]/))
        await assert.rejects(colleague.join({ throug: ['host:1'] } as never),
            isRefused(/no option throug; the closest option is through/))
        colleague.destroy()
    })

    test('of one transport is valid for the other transport', () => {
        const both = { connectTimeout: 5, silence: 5, socketsMax: 5, bytesMax: 5 }
        sendHttp(both).close()
        sendTcp(both).close()
        assert.throws(() => sendHttp({ ...both, routes: {} } as never),
            /no option routes; the closest option is/)
    })

    test('that is null as a journal or as wait options counts as absent', async () => {
        const kibitzer = new Kibitzer({ id: 'a', journal: null })
        kibitzer.listen()
        kibitzer.bootstrap('r', null)
        assert.equal((await kibitzer.publish(1, { signal: null })).promise, '1/1')
        assert.equal((await kibitzer.barrier(null)).promise, '1/1')
        assert.deepEqual(await kibitzer.publishAll([1], null), [{ promise: '1/2' }])
        kibitzer.destroy()
    })

    test('never appears in an error if the value may be a secret', () => {
        const secret = 'a secret of more than thirty-two bytes'
        for (const options of [{ keys: secret }, { tls: secret }, { bytesMax: secret }]) {
            assert.throws(() => sendHttp(options as never), (error: Error) =>
                !error.message.includes(secret))
        }
        assert.throws(() => new Certificates(secret as never), (error: Error) =>
            !error.message.includes(secret))
    })
})
