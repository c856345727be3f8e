import { createHmac, createSecretKey, type KeyObject, randomBytes } from 'node:crypto'
import { KibitzError } from '../../base/errors.js'
import { isSameCode } from '../../base/constant-time.js'
import type { HeldKey, KeyRing } from '../security/keys.js'

/** The purpose of the codes. A code for one purpose is not valid for another purpose. */
const PURPOSE = 'kibitz frames 1'
const PROTOCOL_NAME = Buffer.from('kibitz')
const VERSION = 1
const NONCE_BYTES = 32
const CODE_BYTES = 32

/** The limit of a frame before the end of the handshake, in bytes. */
export const GREETING_MAX = 512

/**
 * The error of a peer that is turned away. The connection is closed without a message to the peer.
 */
export class HandshakeError extends KibitzError {
    /** The code for the counters. */
    readonly reason: 'bad-certificate' | 'bad-mac' | 'malformed' | 'no-key' | 'unknown-key'

    constructor(reason: HandshakeError['reason'], what: string) {
        super('unreachable', `${what} The connection was cut.`)
        this.reason = reason
    }
}

/**
 * The codes of the frames in one direction of one connection. Each code covers the number of frames
 * before its frame, so no frame can be omitted, repeated, moved, or taken from another connection.
 */
export class FrameMac {
    readonly #secret: KeyObject
    readonly #count = Buffer.alloc(8)
    #frames = 0n

    constructor(secret: Buffer) {
        this.#secret = createSecretKey(secret)
    }

    /** The code of the next frame. */
    next(covered: Uint8Array): Buffer {
        this.#count.writeBigUInt64BE(this.#frames)
        this.#frames++
        return createHmac('sha256', this.#secret).update(this.#count).update(covered).digest()
    }

    /** Checks the code of the next frame. @throws HandshakeError */
    check(covered: Uint8Array, code: Uint8Array): void {
        if (!isSameCode(this.next(covered), code)) {
            throw new HandshakeError('bad-mac', 'The code of a frame is wrong.')
        }
    }
}

/** The first frame of a client. */
interface Hello {
    /** The id of the key; `''` without a key. */
    readonly keyId: string
    /** The complete payload. */
    readonly bytes: Buffer
}

/** Makes the hello of a client, with or without a key. */
export function makeHello(key: HeldKey | null): Buffer {
    const id = Buffer.from(key?.id ?? '')
    const nonce = key === null ? Buffer.alloc(0) : randomBytes(NONCE_BYTES)
    return Buffer.concat([PROTOCOL_NAME, Buffer.from([VERSION, id.length]), id, nonce])
}

/** Reads a hello. @throws HandshakeError */
export function readHello(bytes: Buffer): Hello {
    const at = PROTOCOL_NAME.length
    const idEnd = at + 2 + (bytes[at + 1] ?? 0)
    const keyId = bytes.toString('latin1', at + 2, idEnd)
    const end = idEnd + (keyId === '' ? 0 : NONCE_BYTES)
    const isHello = bytes.subarray(0, at).equals(PROTOCOL_NAME) && bytes[at] === VERSION
    if (!isHello || bytes.length !== end) {
        throw new HandshakeError('malformed', 'The client has not sent a valid hello.')
    }
    // The payload is a view of the read buffer, so the hello is copied.
    return { keyId, bytes: Buffer.from(bytes) }
}

/**
 * One connection under one key. Each side proves the key with a code over the hello and the nonce
 * of the server.
 */
export class Session {
    readonly #key: HeldKey
    readonly #transcript: readonly [hello: Buffer, nonce: Buffer]

    private constructor(key: HeldKey, hello: Buffer, nonce: Buffer) {
        this.#key = key
        this.#transcript = [hello, nonce]
    }

    /** Makes the session of the server and its challenge. @throws HandshakeError */
    static answer(ring: KeyRing, { keyId, bytes }: Hello): { session: Session; challenge: Buffer } {
        if (keyId === '') {
            throw new HandshakeError('no-key', 'The client has named no key.')
        }
        const key = ring.find(keyId)
        if (key === undefined) {
            throw new HandshakeError('unknown-key', 'The client has named an unknown key.')
        }
        const nonce = randomBytes(NONCE_BYTES)
        const session = new Session(key, bytes, nonce)
        return { session, challenge: Buffer.concat([nonce, session.#code('callee')]) }
    }

    /** Makes the session of the client from the challenge. @throws HandshakeError */
    static take(key: HeldKey, hello: Buffer, challenge: Buffer): Session {
        if (challenge.length !== NONCE_BYTES + CODE_BYTES) {
            throw new HandshakeError('malformed', 'The server has not answered the hello.')
        }
        const nonce = Buffer.from(challenge.subarray(0, NONCE_BYTES))
        const session = new Session(key, hello, nonce)
        session.#check('callee', challenge.subarray(NONCE_BYTES))
        return session
    }

    /** The proof of the client. */
    proof(): Buffer {
        return this.#code('caller')
    }

    /** Checks the proof of the client. @throws HandshakeError */
    checkProof(proof: Buffer): void {
        this.#check('caller', proof)
    }

    /** Whether the key of the session is the key with which the ring signs. */
    isFirstOf(ring: KeyRing | null): boolean {
        return ring?.first === this.#key
    }

    /** Whether the ring still holds the key of the session. */
    isOf(ring: KeyRing | null): boolean {
        return ring?.holds(this.#key) === true
    }

    /** The codes of both directions, unique to this connection. */
    frameMacs(): { readonly calls: FrameMac; readonly answers: FrameMac } {
        return { calls: new FrameMac(this.#code('calls')), answers: new FrameMac(
            this.#code('answers')
        ) }
    }

    #code(role: string): Buffer {
        return this.#key.code([PURPOSE, role, ...this.#transcript])
    }

    #check(role: string, code: Buffer): void {
        if (!isSameCode(this.#code(role), code)) {
            throw new HandshakeError(
                'bad-mac', 'The peer does not hold the key that was named.'
            )
        }
    }
}
