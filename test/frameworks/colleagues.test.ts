import assert from 'node:assert/strict'
import { text } from 'node:stream/consumers'
import { createServer } from 'node:http'
import { describe, test } from 'node:test'
import { type Application, type ApplicationEntry, Colleague } from '../../src/index.js'
import { kibitz } from '../../src/colleague/fastify.js'
import { handler } from '../../src/colleague/handler.js'
import { SignedCall } from '../../src/transport/http/signature.js'
import { KeyRing } from '../../src/transport/security/keys.js'
import { request, sendRaw } from '../transport/socket.js'
import {
    express4, express5, type Express, fastify, type Middleware, type Mounted, parsersOf, serve
} from './mounts.js'
import { LARGE, values } from './values.js'
import '../support/silence.js'

const KEYS = [{ id: 'k1', secret: 'a secret that is long enough, really' }]
const IDS = ['a', 'b', 'c']

/**
 * A machine under load may be slow; a slow answer says nothing of what the tests look at. A leader
 * repeats a run without an answer at each ping, and the repeated runs cost most of the time then.
 */
const PATIENT = {
    ping: 1_000, timeout: 20_000, publishTimeout: 120_000, parliamentSize: 3, parliamentFloor: 3
}
const CALL_TIMEOUT_MS = 15_000

/** Keeps every value as text, in order. */
class Texts implements Application<unknown, number> {
    all: string[] = []
    isRestored = false

    apply({ body }: ApplicationEntry): number {
        return this.all.push(JSON.stringify(body))
    }

    snapshot(): string {
        return JSON.stringify(this.all)
    }

    async restore(chunks: AsyncIterable<Uint8Array>): Promise<void> {
        this.isRestored = true
        this.all = JSON.parse(await text(chunks))
    }
}

interface Member {
    readonly colleague: Colleague<unknown, number>
    readonly application: Texts
    readonly mounted: Mounted
}

/** Puts a Colleague on a server under `/base/members`. */
type MountColleague = (colleague: Colleague<unknown, number>) => Promise<Mounted>

/** The handler in Express, behind parsers. */
function viaExpress(express: Express, ...parsers: readonly Middleware[]): MountColleague {
    return async (colleague) => {
        const app = express()
        for (const parser of parsers) {
            app.use(parser)
        }
        app.use('/base/members', handler(colleague))
        return await serve(createServer(app), '/base/members')
    }
}

const MOUNTS: Readonly<Record<string, MountColleague>> = {
    'node:http': async (colleague) => {
        const serveColleague = handler(colleague)
        return await serve(createServer((incoming, response) => {
            if (incoming.url?.startsWith('/base/members/') === true) {
                serveColleague(incoming, response)
            } else {
                response.end('the rest of the service')
            }
        }), '/base/members')
    },
    'express 4': viaExpress(express4),
    'express 4 behind all parsers': viaExpress(express4, ...parsersOf(express4)),
    'express 5 behind a parser with a limit of 10 KB':
        viaExpress(express5, express5.json({ limit: '10kb' })),
    'fastify': async (colleague) => {
        const app = fastify({ bodyLimit: 1024 })
        app.post('/mine', ({ body }) => Promise.resolve(body))
        app.register(kibitz, { prefix: '/base/members', colleague })
        const place = await app.listen({ port: 0, host: '127.0.0.1' })
        return { url: `${place}/base/members`, close: () => void app.close() }
    }
}

/** Members of one service, each on a server of its own. */
class Service implements AsyncDisposable {
    readonly members: Member[] = []
    readonly #mount: MountColleague
    readonly #keys: { readonly keys?: typeof KEYS }

    constructor(mount: MountColleague, isSigned: boolean) {
        this.#mount = mount
        this.#keys = isSigned ? { keys: KEYS } : {}
    }

    /** Mounts a member. */
    async add(id: string): Promise<Member> {
        const application = new Texts()
        const colleague = new Colleague<unknown, number>({
            ...PATIENT, islandName: 'i', colleagueId: id, application
        })
        const member = { colleague, application, mounted: await this.#mount(colleague) }
        this.members.push(member)
        return member
    }

    /** Starts a mounted member. */
    async start({ colleague, mounted: { url: mount } }: Member): Promise<void> {
        const through = this.members.map(({ mounted }) => `${mounted.url}/kibitz`)
        const terms = { founders: IDS, through, callTimeout: CALL_TIMEOUT_MS, operable: true }
        await colleague.start({ mount, ...terms, ...this.#keys })
    }

    async [Symbol.asyncDispose](): Promise<void> {
        for (const { colleague, mounted } of this.members) {
            colleague.destroy()
            await colleague.ended
            mounted.close()
        }
    }
}

async function probe(member: Member, path: string, method = 'GET'): Promise<unknown> {
    const response = await fetch(`${member.mounted.url}${path}`, { method })
    return [response.status, (await response.text()).slice(0, 20)]
}

describe('three Colleagues on servers of the user', { timeout: 240_000 }, () => {
    for (const [name, mount] of Object.entries(MOUNTS)) {
        for (const isSigned of [false, true]) {
            test(`serve each other through ${name}${isSigned ? ' under a key' : ''}`, async () => {
                await using service = new Service(mount, isSigned)
                const members = await Promise.all(IDS.map((id) => service.add(id)))
                const [a, b] = members as [Member, Member, Member]
                assert.deepEqual(await probe(a, '/livez?x'), [200, '{"state":"alive"}'])
                assert.deepEqual(await probe(a, '/readyz'), [503, '{"state":"starting"}'])
                assert.deepEqual(await probe(a, '/kibitz', 'POST'), [503, '{"state":"starting"}'])
                await Promise.all(members.map((member) => service.start(member)))
                assert.deepEqual(await probe(b, '/readyz?x'), [200, '{"state":"ready"}'])
                assert.deepEqual(await probe(b, '/readyz', 'HEAD'), [200, ''])
                const sent = [...LARGE, ...values(5)]
                await a.colleague.publishAll(sent)
                await b.colleague.publishAll(sent)
                const d = await service.add('d')
                await service.start(d)
                assert.equal(d.application.isRestored, true)
                await d.colleague.publish('the last')
                for (const { colleague, application } of service.members) {
                    await colleague.barrier()
                    assert.equal(application.all.length, 2 * sent.length + 1)
                    assert.deepEqual(application.all, d.application.all)
                }
                const refused = isSigned ? [401, 401, 401] : [405, 415, 405]
                assert.deepEqual([
                    await probe(a, '/kibitz'), await probe(a, '/kibitz', 'POST'),
                    await probe(a, '/shutdown')
                ].map((answer) => (answer as [number])[0]), refused)
                assert.equal((await probe(a, '/else') as [number])[0], 404)
            })
        }
    }
})

describe('a Colleague on a server of the user', { timeout: 60_000 }, () => {
    test('obeys a signed order at its own address only', async () => {
        await using service = new Service(MOUNTS['node:http'] as MountColleague, true)
        const [a, b] = [await service.add('a'), await service.add('b')]
        for (const { colleague, mounted: { url: mount } } of [a, b]) {
            await colleague.listen({ mount, keys: KEYS, operable: true })
        }
        const target = 'POST /base/members/shutdown'
        const body = Buffer.from('null')
        const authorization = SignedCall.begin(new KeyRing(KEYS), new URL(a.mounted.url).host, body)
            .credentials({ target, length: body.length })
        const order = request(body, { authorization }, `${target} HTTP/1.1`)
        assert.deepEqual((await sendRaw(b.mounted.url, order)).statuses, [421])
        assert.deepEqual((await sendRaw(a.mounted.url, order)).statuses, [200])
        await a.colleague.ended
        assert.deepEqual(await probe(a, '/readyz'), [503, '{"state":"stopping"}'])
        assert.equal(b.colleague.kibitzer.destroyed, false)
    })

    test('has no port and no other address', async () => {
        const colleague = new Colleague<unknown, number>({
            islandName: 'i', colleagueId: 'a', application: new Texts()
        })
        for (const [options, message] of [
            [{ mount: 'one.example' }, /mount is the url/],
            [{ mount: 'tcp://one.example:1' }, /mount is the url/],
            [{ mount: 'http://0.0.0.0:1/x' }, /mount is the url/],
            [{ mount: 'http://one.example/?x' }, /mount is the url/],
            [{ mount: 'http://one.example/x', port: 1 }, /opens no port/],
            [{ mount: 'http://one.example/x', advertise: 'a' }, /opens no port/]
        ] as const) {
            const listening = Promise.resolve().then(() => colleague.listen(options))
            await assert.rejects(listening, { code: 'invalid-argument', message })
        }
        const { properties } = await colleague.listen({ mount: 'http://one.example/x/' })
        assert.deepEqual(properties, { url: 'http://one.example/x/kibitz' })
        assert.throws(() => handler({} as never), { code: 'invalid-argument' })
        colleague.destroy()
        await colleague.ended
    })
})
