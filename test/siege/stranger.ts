import { connect, type Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { connect as dialTls } from 'node:tls'
import { KINDS } from '../../src/transport/tcp/frame.js'
import { HeldKey, type Key } from '../../src/transport/security/keys.js'
import { makeHello } from '../../src/transport/tcp/handshake.js'
import type { Dice } from '../../src/testing/dice.js'
import { frame, HELLO } from '../transport/raw.js'

/** The bytes that a stranger sends, piece by piece. After the last piece the stranger is silent. */
export type Pieces = Iterator<Buffer>

/** How many bytes a slow body announces. */
const BODY_BYTES = 8 * 1024 * 1024

const PIECE_BYTES = 512 * 1024

function random(lots: Dice, most: number): Buffer {
    return Buffer.from(Array.from({ length: 1 + lots.below(most) }, () => lots.below(256)))
}

function* silence(): Generator<Buffer> {}

function* noise(lots: Dice): Generator<Buffer> {
    for (;;) {
        yield random(lots, 2000)
    }
}

/** Sends bytes slowly: a few bytes a piece. */
function* slowly(bytes: Buffer, lots: Dice): Generator<Buffer> {
    for (let at = 0; at < bytes.length;) {
        const end = at + 1 + lots.below(Math.ceil(bytes.length / 4))
        yield bytes.subarray(at, end)
        at = end
    }
}

/** Begins a body or a frame of 8 MiB, and ends before the last byte. */
function* largely(head: Buffer): Generator<Buffer> {
    yield head
    for (let left = BODY_BYTES - 1; left > 0; left -= PIECE_BYTES) {
        yield Buffer.alloc(Math.min(left, PIECE_BYTES), 'x')
    }
}

/** The head of a request with a slow body, under the name of a key but without the key. */
function headOf(keys: readonly Key[] | undefined): Buffer {
    const code = 'A'.repeat(43)
    const id = keys?.[0]?.id
    const authorization = id === undefined
        ? ''
        : `authorization: Kibitz-HMAC key=${id}, nonce=${'A'.repeat(22)}, to=a, ` +
            `digest=${code}, code=${code}\r\n`
    return Buffer.from('POST /kibitz HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n' +
        `content-length: ${BODY_BYTES}\r\n${authorization}\r\n`)
}

/** The head of a frame that announces 8 MiB, after a hello. */
function frameHeadOf(keys: readonly Key[] | undefined): Buffer {
    const [key] = keys ?? []
    const hello = key === undefined ? HELLO : frame(KINDS.hello, 0, makeHello(new HeldKey(key)))
    const call = frame(KINDS.call, 1, '')
    call.writeUInt32BE(BODY_BYTES, 0)
    return Buffer.concat([hello, call])
}

/** The first bytes of a handshake under TLS. */
export function clientHello(): Promise<Buffer> {
    return new Promise((resolve) => {
        const socket = new Duplex({
            read: () => {},
            write: (chunk: Buffer, _encoding, done) => {
                resolve(Buffer.from(chunk))
                done()
            }
        })
        dialTls({ socket }).on('error', () => {})
    })
}

/** The surroundings of a stranger. */
export interface Surroundings {
    readonly transport: 'http' | 'tcp'
    readonly keys: readonly Key[] | undefined
    /** The first bytes of a handshake; `null` without TLS. */
    readonly hello: Buffer | null
    /** How many strangers, those with the lowest numbers, send a body of 8 MiB. */
    readonly largeMax: number
}

/** Draws the behaviour of the stranger with a number. */
export function draw(number: number, lots: Dice, surroundings: Surroundings): Pieces {
    const { transport, keys, hello, largeMax } = surroundings
    if (hello !== null) {
        const kinds = [silence, () => noise(lots), () => slowly(hello, lots),
            () => [hello][Symbol.iterator](), () => slowly(hello.subarray(0, -1), lots)]
        return lots.pick(kinds)()
    }
    const head = transport === 'http' ? headOf(keys) : frameHeadOf(keys)
    if (number < largeMax || (keys !== undefined && lots.below(3) === 0)) {
        return largely(head)
    }
    const part = transport === 'http' ? head : head.subarray(0, HELLO.length - 1)
    return lots.pick([silence, () => noise(lots), () => slowly(part.subarray(0, -2), lots)])()
}

/** A connection that proves nothing. If the member closes the connection, it opens another one. */
export class Stranger {
    readonly #url: URL
    readonly #draw: () => Pieces
    #pieces: Pieces
    #socket: Socket
    /** How many connections the stranger has opened. */
    opened = 0

    constructor(url: string, draw: () => Pieces) {
        this.#url = new URL(url)
        this.#draw = draw
        this.#pieces = draw()
        this.#socket = this.#open()
    }

    #open(): Socket {
        this.opened++
        const socket = connect(Number(this.#url.port), this.#url.hostname)
        socket.on('error', () => {})
        socket.resume()
        return socket
    }

    /** Sends the next piece, or opens another connection. */
    step(): void {
        if (this.#socket.destroyed) {
            this.#pieces = this.#draw()
            this.#socket = this.#open()
        } else if (this.#socket.writableLength === 0) {
            const { value, done } = this.#pieces.next()
            if (done !== true) {
                this.#socket.write(value)
            }
        }
    }

    /** Closes the connection. */
    close(): void {
        this.#socket.destroy()
    }
}
