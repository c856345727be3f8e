import type { Socket } from 'node:net'
import { CODE_BYTES, FrameReader, KINDS, type Kind, makeFrame, readFrame }
    from '../../src/transport/tcp/frame.js'
import { HeldKey, type Key } from '../../src/transport/security/keys.js'
import { makeHello, Session, type FrameMac } from '../../src/transport/tcp/handshake.js'
import { dial } from './socket.js'

/** A frame that the raw caller has received. */
export interface ReceivedFrame {
    readonly kind: number
    readonly id: number
    readonly text: string
}

/** A frame, byte for byte. */
export function frame(kind: number, id: number = 0, payload: string | Uint8Array = ''): Buffer {
    return makeFrame(kind as Kind, id, payload, false)
}

/** The hello of a client without a key. */
export const HELLO: Buffer = frame(KINDS.hello, 0, makeHello(null))

/** A client that sends any bytes that a test needs. */
export class RawCaller {
    readonly socket: Socket
    readonly #reader = new FrameReader(16 * 1024 * 1024)
    readonly #heard: ReceivedFrame[] = []
    #wake: () => void = () => {}
    #isSealed = false
    #isClosed = false
    /** Resolves when the server has closed the connection, for any reason. */
    readonly closed: Promise<void>

    private constructor(socket: Socket) {
        this.socket = socket
        socket.on('data', (chunk: Buffer) => {
            this.#reader.push(chunk)
            for (let bytes = this.#reader.take(); bytes !== null; bytes = this.#reader.take()) {
                const end = bytes.length - (this.#isSealed ? CODE_BYTES : 0)
                const { kind, id, payload } = readFrame(bytes.subarray(0, end))
                this.#heard.push({ kind, id, text: payload.toString('latin1') })
                this.#wake()
            }
        })
        socket.on('error', () => {})
        this.closed = new Promise((resolve) => {
            socket.on('close', () => {
                this.#isClosed = true
                this.#wake()
                resolve()
            })
        })
    }

    /** Opens a connection to a URL. */
    static async to(url: string): Promise<RawCaller> {
        return new RawCaller(await dial(url))
    }

    /** Sends bytes as they are. */
    send(...parts: readonly (string | Buffer)[]): this {
        for (const part of parts) {
            this.socket.write(part)
        }
        return this
    }

    /** The next received frame; `null` if the connection closes first. */
    async receive(): Promise<ReceivedFrame | null> {
        while (this.#heard.length === 0 && !this.#isClosed) {
            await new Promise<void>((resolve) => {
                this.#wake = resolve
            })
        }
        return this.#heard.shift() ?? null
    }

    /** Proves a key. Resolves with the codes for further frames of this client. */
    async prove(key: Key, bend: (proof: Buffer) => Buffer = (proof) => proof): Promise<FrameMac> {
        const held = new HeldKey(key)
        const hello = makeHello(held)
        this.send(frame(KINDS.hello, 0, hello))
        const challenge = Buffer.from((await this.receive())?.text ?? '', 'latin1')
        const pact = Session.take(held, hello, challenge)
        this.#isSealed = true
        this.send(frame(KINDS.proof, 0, bend(pact.proof())))
        return pact.frameMacs().calls
    }
}

/** A frame with its code. */
export function withCode(seal: FrameMac, kind: Kind, id: number, payload: string): Buffer {
    const whole = makeFrame(kind, id, payload, true)
    const end = whole.length - CODE_BYTES
    whole.set(seal.next(whole.subarray(4, end)), end)
    return whole
}
