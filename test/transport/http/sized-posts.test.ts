import assert from 'node:assert/strict'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { describe, test } from 'node:test'
import { send } from '../../../src/transport/http/http.js'
import { envelope } from '../../../src/transport/conformance/fake-kibitzer.js'
import { PartSizes } from '../../../src/transport/http/part-sizes.js'
import { readPart } from '../../../src/transport/parts.js'

const NEVER = new AbortController().signal

/** A parser limit of frameworks. */
const BODY_MAX = 10 * 1024

/** The size of the values that the calls carry. */
const LARGE = 100 * 1024

/** A route with a limit of the body, which joins no parts but notes them. */
class Route implements AsyncDisposable {
    /** The messages with missing parts, and the number of parts of each message so far. */
    readonly incomplete = new Map<string, number>()
    /** The highest number of incomplete messages. */
    most = 0
    /** The sizes of the refused bodies. */
    readonly refused: number[] = []
    /** Resolves when the route may answer a part. */
    #isOpen: Promise<void> = Promise.resolve()
    readonly #server = createServer((arrived, response) => {
        void this.#answer(arrived).then((answer) => {
            response.writeHead(answer.status).end(answer.text)
        })
    })
    readonly #client = send()

    async listen(): Promise<this> {
        await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
        return this
    }

    /** Holds the answers to parts until the returned function is called. */
    hold(): () => void {
        let open = (): void => {}
        this.#isOpen = new Promise((resolve) => {
            open = resolve
        })
        return open
    }

    /** Calls the route with a value of a size in bytes. */
    async call(size: number, signal = NEVER): Promise<unknown> {
        const { port } = this.#server.address() as AddressInfo
        const to = { url: `http://127.0.0.1:${port}/` }
        return await this.#client(to, envelope(to, 'x'.repeat(size)), signal)
    }

    async #answer(arrived: IncomingMessage): Promise<{ status: number, text: string }> {
        const length = Number(arrived.headers['content-length'])
        const { part: text = '' } = await json(arrived) as { readonly part?: string }
        if (length > BODY_MAX) {
            this.refused.push(length)
            return { status: 413, text: '' }
        }
        const part = readPart(text)
        if (part === null) {
            return { status: 200, text: '"whole"' }
        }
        const { message, count } = part
        const arrivedParts = (this.incomplete.get(message) ?? 0) + 1
        this.incomplete.set(message, arrivedParts)
        this.most = Math.max(this.most, this.incomplete.size)
        await this.#isOpen
        if (arrivedParts < count) {
            return { status: 200, text: '{"part":true}' }
        }
        this.incomplete.delete(message)
        return { status: 200, text: '"joined"' }
    }

    async [Symbol.asyncDispose](): Promise<void> {
        this.#client.close()
        this.#server.closeAllConnections()
        await new Promise((resolve) => this.#server.close(resolve))
    }
}

describe('messages in parts', () => {
    test('arrive one after another, however many calls are under way', async () => {
        await using route = await new Route().listen()
        const calls = Array.from({ length: 12 }, () => route.call(LARGE))
        assert.deepEqual(await Promise.all(calls), calls.map(() => 'joined'))
        assert.equal(route.most, 1)
        assert.equal(route.incomplete.size, 0)
    })

    test('delay no message that the route takes whole', async () => {
        await using route = await new Route().listen()
        await route.call(LARGE)
        const open = route.hold()
        const large = route.call(LARGE)
        assert.equal(await route.call(1000), 'whole')
        open()
        assert.equal(await large, 'joined')
    })

    test('leave the queue when the call is aborted', async () => {
        await using route = await new Route().listen()
        await route.call(LARGE)
        const open = route.hold()
        const controller = new AbortController()
        const first = route.call(LARGE)
        const second = route.call(LARGE, controller.signal)
        const third = route.call(LARGE)
        controller.abort(new Error('over'))
        await assert.rejects(second, { code: 'aborted' })
        open()
        assert.deepEqual(await Promise.all([first, third]), ['joined', 'joined'])
        assert.equal(route.most, 1)
    })

    test('find the size that the route takes once for all calls', async () => {
        await using route = await new Route().listen()
        await Promise.all([route.call(LARGE), route.call(LARGE), route.call(LARGE)])
        // Three whole messages, and once parts of 48, 24 and 12 KiB.
        assert.equal(route.refused.length, 6, String(route.refused))
    })
})

test('the refusal of an earlier, larger body does not make the parts larger', () => {
    const sizes = new PartSizes()
    assert.equal(sizes.shrink('route', 12 * 1024, 0), true)
    assert.equal(sizes.of('route', 0), 6 * 1024)
    assert.equal(sizes.shrink('route', LARGE, 0), true)
    assert.equal(sizes.of('route', 0), 6 * 1024)
    assert.equal(sizes.of('other', 0), null)
})
