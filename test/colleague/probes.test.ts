import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, test } from 'node:test'
import { Colleague, type Health, type ListenColleagueOptions } from '../../src/index.js'
import { KeyRing } from '../../src/transport/security/keys.js'
import { SignedCall } from '../../src/transport/http/signature.js'
import { Authority } from '../transport/authority.js'
import { request, sendRaw } from '../transport/socket.js'
import { Counter } from './counter.js'
import '../support/silence.js'

const KEYS = [{ id: 'k1', secret: 'a secret that is long enough, really' }]
const NOTHING = Buffer.alloc(0)

interface Probed {
    readonly status: number
    readonly text: string
}

/** A Colleague on an HTTP port, with or without a port for probes. */
class Subject implements AsyncDisposable {
    readonly colleague = new Colleague({
        islandName: 'i', colleagueId: 'a', application: new Counter()
    })
    url = ''
    probes = ''

    static async begin(options: ListenColleagueOptions): Promise<Subject> {
        const subject = new Subject()
        const { properties, probes = '' } = await subject.colleague.listen(options)
        subject.url = String(properties['url'])
        subject.probes = probes
        return subject
    }

    async probe(path: string, method: string = 'GET', base: string = this.url): Promise<Probed> {
        const response = await fetch(new URL(path, base), { method })
        return { status: response.status, text: await response.text() }
    }

    async [Symbol.asyncDispose](): Promise<void> {
        this.colleague.destroy()
        await this.colleague.ended
    }
}

const STARTING = '{"state":"starting"}'
const READY = '{"state":"ready"}'
const ALIVE = '{"state":"alive"}'

describe('probes of a Colleague under keys', () => {
    test('need no key, accept a query and HEAD, and show the state only', async () => {
        await using subject = await Subject.begin({ keys: KEYS })
        for (const [path, before, after] of [
            ['/livez', { status: 200, text: ALIVE }, { status: 200, text: ALIVE }],
            ['/readyz', { status: 503, text: STARTING }, { status: 200, text: READY }],
            ['/health', { status: 200, text: STARTING }, { status: 200, text: READY }]
        ] as const) {
            for (const query of ['', '?', '?x=1', '?a=/b?c']) {
                assert.deepEqual(await subject.probe(path + query), before)
                const { status } = before
                assert.deepEqual(await subject.probe(path + query, 'HEAD'), { status, text: '' })
            }
            await using later = await Subject.begin({ keys: KEYS })
            await later.colleague.bootstrap()
            assert.deepEqual(await later.probe(`${path}?x=1`), after)
        }
        const line = `GET ${new URL('/livez?x', subject.url).href} HTTP/1.1`
        assert.deepEqual((await sendRaw(subject.url, request('', {}, line))).statuses, [200])
        assert.deepEqual((await subject.colleague.health())?.rejected, {})
    })

    test('are refused with another method or path', async () => {
        await using subject = await Subject.begin({ keys: KEYS, operable: true })
        assert.equal((await subject.probe('/livez', 'POST')).status, 401)
        assert.equal((await subject.probe('/readyz', 'DELETE')).status, 401)
        assert.equal((await subject.probe('/shutdown', 'GET')).status, 401)
        assert.equal((await subject.probe('/shutdown?x', 'POST')).status, 404)
        assert.equal((await subject.probe('/livez/')).status, 404)
        assert.equal(subject.colleague.kibitzer.destroyed, false)
    })

    test('show the whole health to a caller with the key', async () => {
        await using subject = await Subject.begin({ keys: KEYS })
        const { host } = new URL(subject.url)
        const signed = (method: string, keys: typeof KEYS = KEYS): Buffer => {
            const target = `${method} /health?x=1`
            const authorization = SignedCall.begin(new KeyRing(keys), host, NOTHING)
                .credentials({ target, length: 0 })
            return request('', { authorization }, `${target} HTTP/1.1`)
        }
        const { text, statuses } = await sendRaw(subject.url, signed('GET'))
        assert.deepEqual(statuses, [200])
        const health = JSON.parse(text.slice(text.indexOf('{'))) as Health
        assert.equal(health.colleagueId, 'a')
        assert.deepEqual((await sendRaw(subject.url, signed('HEAD'))).statuses, [200])
        const others = [{ id: 'k1', secret: 'another secret that is long enough' }]
        assert.deepEqual((await sendRaw(subject.url, signed('GET', others))).statuses, [401])
    })
})

describe('probes of a Colleague', () => {
    test('show the whole health without keys, also with HEAD and a query', async () => {
        await using subject = await Subject.begin({})
        await subject.colleague.bootstrap()
        const { status, text } = await subject.probe('/health?x=1')
        assert.deepEqual([status, (JSON.parse(text) as Health).colleagueId], [200, 'a'])
        assert.deepEqual(await subject.probe('/health', 'HEAD'), { status: 200, text: '' })
        assert.deepEqual(await subject.probe('/readyz'), { status: 200, text: READY })
        assert.equal((await subject.probe('/health', 'POST')).status, 405)
    })

    test('show that the member leaves or was destroyed', async () => {
        const { colleague } = new Subject()
        let readiness = (): string => ''
        await colleague.attach((attachable) => {
            readiness = () => attachable.readiness()
            return { properties: {}, ask: async () => null, close: async () => {} }
        })
        assert.equal(readiness(), 'starting')
        await colleague.bootstrap()
        assert.equal(readiness(), 'ready')
        const leaving = colleague.leave()
        assert.equal(readiness(), 'stopping')
        await assert.rejects(leaving, { code: 'alone' })
        assert.equal(readiness(), 'ready')
        const stopping = colleague.stop()
        assert.equal(readiness(), 'stopping')
        assert.equal(colleague.kibitzer.destroyed, false)
        await stopping
        assert.equal(readiness(), 'stopping')
    })

    test('have a plain port if the member requires certificates', async () => {
        const tls = new Authority().issue('a', { uris: ['kibitz://1/a'] })
        await using subject = await Subject.begin({ tls, probes: { port: 0 } })
        const { probes } = subject
        assert.deepEqual(
            await subject.probe('/livez?x', 'GET', probes), { status: 200, text: ALIVE })
        assert.deepEqual(
            await subject.probe('/readyz', 'GET', probes), { status: 503, text: STARTING })
        assert.deepEqual(
            await subject.probe('/readyz', 'HEAD', probes), { status: 503, text: '' })
        assert.deepEqual(
            await subject.probe('/health', 'GET', probes), { status: 200, text: STARTING })
        assert.equal((await subject.probe('/kibitz', 'GET', probes)).status, 404)
        assert.equal((await subject.probe('/livez', 'POST', probes)).status, 405)
        subject.colleague.destroy()
        await subject.colleague.ended
        await assert.rejects(subject.probe('/livez', 'GET', probes))
    })

    test('leave no listener open if their port is taken', async () => {
        const taken = createServer()
        await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
        const { port } = taken.address() as AddressInfo
        const colleague = new Colleague({
            islandName: 'i', colleagueId: 'a', application: new Counter()
        })
        await assert.rejects(colleague.listen({ probes: { port } }), { code: 'address-in-use' })
        assert.throws(
            () => colleague.listen({ probes: { prot: 1 } as never }), { code: 'invalid-argument' })
        await colleague.listen({ probes: { port: 0 } })
        colleague.destroy()
        await colleague.ended
        taken.close()
    })
})
