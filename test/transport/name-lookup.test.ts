import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { describe, test } from 'node:test'
import { connectHttp, listenHttp } from '../../src/transport/http/http.js'
import { listenMixed } from '../../src/transport/mixed/listener.js'
import { NameLookup, type Resolve } from '../../src/transport/name-lookup.js'
import { connectTcp, listenTcp } from '../../src/transport/tcp/tcp.js'
import { FakeKibitzer, envelope } from '../../src/transport/conformance/fake-kibitzer.js'

/** A resolver whose look-ups end when a test says so. */
class Resolver {
    /** The names of the look-ups, in their order. */
    readonly asked: string[] = []
    readonly #pending = new Map<string, PromiseWithResolvers<readonly string[]>>()
    readonly #answers = new Map<string, readonly string[] | Error>()

    /** How many look-ups are under way. */
    get underWay(): number {
        return this.#pending.size
    }

    readonly resolve: Resolve = (name) => {
        this.asked.push(name)
        const answer = this.#answers.get(name)
        if (answer !== undefined) {
            return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer)
        }
        const pending = promiseWithResolvers<readonly string[]>()
        this.#pending.set(name, pending)
        return pending.promise
    }

    /** Answers every look-up of a name, those under way too, until it answers otherwise. */
    answer(name: string, answer: readonly string[] | Error): void {
        this.#answers.set(name, answer)
        const pending = this.#pending.get(name)
        this.#pending.delete(name)
        if (answer instanceof Error) {
            pending?.reject(answer)
        } else {
            pending?.resolve(answer)
        }
    }

    /** Answers no look-up of a name any more. */
    silence(name: string): void {
        this.#answers.delete(name)
    }
}

interface PromiseWithResolvers<Value> {
    readonly promise: Promise<Value>
    readonly resolve: (value: Value) => void
    readonly reject: (error: Error) => void
}

function promiseWithResolvers<Value>(): PromiseWithResolvers<Value> {
    let resolve: (value: Value) => void = () => {}
    let reject: (error: Error) => void = () => {}
    const promise = new Promise<Value>((onValue, onError) => {
        resolve = onValue
        reject = onError
    })
    return { promise, resolve, reject }
}

function addressesOf(names: NameLookup, name: string): Promise<readonly string[]> {
    return new Promise((resolve, reject) => {
        names.lookup(name, { all: true }, (error, found) => {
            if (error) {
                reject(error)
            } else {
                resolve(Array.isArray(found) ? found.map(({ address }) => address) : [found])
            }
        })
    })
}

const GONE = Object.assign(new Error('gone'), { code: 'EAI_AGAIN' })

describe('the look-ups of a process', () => {
    test('are shared by all dials of a name', async () => {
        const resolver = new Resolver()
        const names = new NameLookup(resolver.resolve, 2)
        const dials = Array.from({ length: 50 }, () => addressesOf(names, 'a'))
        resolver.answer('a', ['10.0.0.1'])
        assert.deepEqual(await Promise.all(dials), Array(50).fill(['10.0.0.1']))
        assert.deepEqual(resolver.asked, ['a'])
    })

    test('return the last address while a look-up is in flight', async () => {
        const resolver = new Resolver()
        const names = new NameLookup(resolver.resolve, 2)
        resolver.answer('a', ['10.0.0.1'])
        await addressesOf(names, 'a')
        resolver.silence('a')
        const realNow = performance.now
        try {
            performance.now = () => realNow.call(performance) + 60_000
            assert.deepEqual(await addressesOf(names, 'a'), ['10.0.0.1'])
            assert.equal(resolver.underWay, 1)
            assert.deepEqual(await addressesOf(names, 'a'), ['10.0.0.1'])
            assert.equal(resolver.underWay, 1)
            resolver.answer('a', ['10.0.0.2'])
            await new Promise(setImmediate)
            assert.deepEqual(await addressesOf(names, 'a'), ['10.0.0.2'])
            assert.equal(names.hasLeft('a', '10.0.0.1'), true)
            assert.equal(names.hasLeft('a', '10.0.0.2'), false)
        } finally {
            performance.now = realNow
        }
    })

    test('of failed names or names with an address never take the last slot', async () => {
        const resolver = new Resolver()
        const names = new NameLookup(resolver.resolve, 2)
        const dead = Array.from({ length: 20 }, (_, index) => `dead-${index}`)
        for (const name of dead) {
            resolver.answer(name, ['10.0.0.1'])
            await addressesOf(names, name)
            resolver.silence(name)
        }
        const realNow = performance.now
        try {
            performance.now = () => realNow.call(performance) + 60_000
            await Promise.all(dead.map((name) => addressesOf(names, name)))
            assert.equal(resolver.underWay, 1)
            resolver.answer('new', ['10.0.0.3'])
            assert.deepEqual(await addressesOf(names, 'new'), ['10.0.0.3'])
        } finally {
            performance.now = realNow
        }
    })

    test('are limited in total, and run in turn', async () => {
        const resolver = new Resolver()
        const names = new NameLookup(resolver.resolve, 2)
        const list = Array.from({ length: 10 }, (_, index) => `n-${index}`)
        const dials = list.map((name) => addressesOf(names, name))
        assert.equal(resolver.underWay, 2)
        for (const name of list) {
            resolver.answer(name, ['10.0.0.1'])
        }
        assert.equal((await Promise.all(dials)).length, 10)
        assert.deepEqual(resolver.asked, list)
    })

    test('pause after a failure, and report the failure', async () => {
        const resolver = new Resolver()
        const names = new NameLookup(resolver.resolve, 2)
        resolver.answer('a', GONE)
        await assert.rejects(addressesOf(names, 'a'), GONE)
        await assert.rejects(addressesOf(names, 'a'), GONE)
        assert.deepEqual(resolver.asked, ['a'])
        resolver.answer('b', [])
        await assert.rejects(addressesOf(names, 'b'), { code: 'ENOTFOUND' })
    })

    test('return each address first in turn, and repeat an address that worked', async () => {
        const resolver = new Resolver()
        const names = new NameLookup(resolver.resolve, 2)
        resolver.answer('a', ['10.0.0.1', '10.0.0.2', '10.0.0.3'])
        const firsts: (string | undefined)[] = []
        for (let dial = 0; dial < 4; dial++) {
            firsts.push((await addressesOf(names, 'a'))[0])
        }
        assert.deepEqual(firsts, ['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.1'])
        names.onAnswered('a', '10.0.0.3')
        assert.deepEqual(await addressesOf(names, 'a'), ['10.0.0.3', '10.0.0.1', '10.0.0.2'])
    })

    test('limit the dials that wait', async () => {
        const resolver = new Resolver()
        const names = new NameLookup(resolver.resolve, 2)
        const dials = Array.from({ length: 100 }, () => addressesOf(names, 'a'))
        const settled = Promise.allSettled(dials)
        resolver.answer('a', ['10.0.0.1'])
        const states = (await settled).map(({ status }) => status)
        assert.equal(states.filter((status) => status === 'rejected').length, 36)
    })
})

const TRANSPORTS = {
    http: { listen: listenHttp, connect: connectHttp },
    tcp: { listen: listenTcp, connect: connectTcp }
} as const

for (const [kind, { listen, connect }] of Object.entries(TRANSPORTS)) {
    describe(`a name over ${kind}`, { timeout: 30_000 }, () => {
        /** Calls a name until an answer comes. Each try waits for the transport. */
        async function insist(caller: FakeKibitzer, url: string): Promise<unknown> {
            for (;;) {
                const answer = await caller.call(envelope({ url }))
                if (answer !== null) {
                    return answer
                }
                await new Promise(setImmediate)
            }
        }

        test('that never resolves delays no call to another name', async () => {
            const resolver = new Resolver()
            resolver.answer('good.test', ['127.0.0.1'])
            const [caller, callee] = [new FakeKibitzer('a'), new FakeKibitzer('b')]
            const { url, close } = await listen(callee, { advertise: 'good.test' })
            const disconnect = connect(caller, { lookup: resolver.resolve, callTimeout: 200 })
            const dead = url.replace('good', 'dead')
            for (let attempt = 0; attempt < 4; attempt++) {
                assert.equal(await caller.call(envelope({ url: dead })), null)
            }
            assert.deepEqual(resolver.asked, ['dead.test'])
            assert.deepEqual(await insist(caller, url), { from: 'b' })
            resolver.answer('dead.test', ['127.0.0.1'])
            assert.deepEqual(await insist(caller, dead), { from: 'b' })
            disconnect()
            await close()
        })

        test('with a dead first address is reached at the next address', async () => {
            const resolver = new Resolver()
            resolver.answer('good.test', ['127.0.0.9', '127.0.0.1'])
            const [caller, callee] = [new FakeKibitzer('a'), new FakeKibitzer('b')]
            const { url, close } = await listen(callee, { advertise: 'good.test' })
            const disconnect = connect(caller, { lookup: resolver.resolve })
            assert.deepEqual(await insist(caller, url), { from: 'b' })
            disconnect()
            await close()
        })

        test('with a silent first address is reached at the next address', async () => {
            const resolver = new Resolver()
            resolver.answer('good.test', ['127.0.0.9', '127.0.0.1'])
            const [caller, callee] = [new FakeKibitzer('a'), new FakeKibitzer('b')]
            const { url, close } = await listen(callee, { advertise: 'good.test' })
            // Accepts connections and says nothing, as the machine of a stopped process.
            const sockets = new Set<Socket>()
            const silent = createServer((socket) => sockets.add(socket.on('error', () => {})))
            silent.listen(Number(new URL(url).port), '127.0.0.9')
            await once(silent, 'listening')
            const disconnect = connect(caller, { lookup: resolver.resolve, callTimeout: 200 })
            assert.deepEqual(await insist(caller, url), { from: 'b' })
            assert.notEqual(sockets.size, 0)
            disconnect()
            for (const socket of sockets) {
                socket.destroy()
            }
            silent.close()
            await close()
        })

        test('that moves to another address is reached there', async () => {
            const resolver = new Resolver()
            resolver.answer('good.test', ['127.0.0.1'])
            const caller = new FakeKibitzer('a')
            const first = new FakeKibitzer('b')
            const second = new FakeKibitzer('c')
            const one = await listen(first, { advertise: 'good.test' })
            const port = Number(new URL(one.url).port)
            const two = await listen(second, { host: '127.0.0.2', port })
            const disconnect = connect(caller, { lookup: resolver.resolve })
            assert.deepEqual(await insist(caller, one.url), { from: 'b' })
            resolver.answer('good.test', ['127.0.0.2'])
            const realNow = performance.now
            try {
                // The old address still answers: only the look-up knows of the new one.
                performance.now = () => realNow.call(performance) + 60_000
                let answer: unknown
                do {
                    answer = await insist(caller, one.url)
                } while ((answer as { from: string }).from !== 'c')
            } finally {
                performance.now = realNow
            }
            disconnect()
            await Promise.all([one.close(), two.close()])
        })
    })
}

test('a name that is called with frames and over HTTP is looked up once', async () => {
    const resolver = new Resolver()
    resolver.answer('good.test', ['127.0.0.9', '127.0.0.1'])
    const [caller, callee] = [new FakeKibitzer('a'), new FakeKibitzer('b')]
    const { url, tcp, close } = await listenMixed(callee, { advertise: 'good.test' }, true)
    const calling = await listenMixed(caller, { lookup: resolver.resolve }, true)
    const realNow = performance.now
    const now = realNow.call(performance)
    try {
        // The addresses stay fresh.
        performance.now = () => now
        for (const address of [tcp, url, tcp, url]) {
            assert.deepEqual(await caller.call(envelope({ url: address })), { from: 'b' })
        }
    } finally {
        performance.now = realNow
    }
    assert.deepEqual(resolver.asked, ['good.test'])
    await Promise.all([calling.close(), close()])
})
