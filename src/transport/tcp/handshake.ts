import { createHmac, createSecretKey, type KeyObject, randomBytes } from 'node:crypto'
import { KibitzError } from '../../base/errors.js'
import { isSameCode } from '../security/hmac.js'
import type { HeldKey, KeyRing } from '../security/keys.js'

/** What a conversation is about; nothing that is signed for another purpose fits here. */
const PURPOSE = 'kibitz frames 1'
const MAGIC = Buffer.from('kibitz')
const VERSION = 1
const NONCE_BYTES = 32
const CODE_BYTES = 32

/** How many bytes a frame may take before its sender has shown who it is. */
export const GREETING_MAX = 512

/** What was turned away, by whom, and why; what is closed for it is closed without a word. */
export class HandshakeError extends KibitzError {
    /** For the counters. */
    readonly reason: 'bad-certificate' | 'bad-mac' | 'malformed' | 'no-key' | 'unknown-key'

    constructor(reason: HandshakeError['reason'], what: string) {
        super('unreachable', `${what} The line was cut; nothing was taken.`)
        this.reason = reason
    }
}

/**
 * Codes for the frames of one direction of one connection. Each covers the count of the frames
 * before it, so that none can be left out, doubled, moved, or come from another connection.
 */
export class FrameMac {
    readonly #secret: KeyObject
    readonly #count = Buffer.alloc(8)
    #sealed = 0n

    constructor(secret: Buffer) {
        this.#secret = createSecretKey(secret)
    }

    /** The code of the next frame. */
    next(vouched: Uint8Array): Buffer {
        this.#count.writeBigUInt64BE(this.#sealed)
        this.#sealed++
        return createHmac('sha256', this.#secret).update(this.#count).update(vouched).digest()
    }

    /** Checks the code of the next frame. @throws Stranger */
    check(vouched: Uint8Array, code: Uint8Array): void {
        if (!isSameCode(this.next(vouched), code)) {
            throw new HandshakeError('bad-mac', 'The code of a frame is wrong.')
        }
    }
}

/** What a caller says first. */
interface Hello {
    /** Under which key it speaks; `''` where under none. */
    readonly keyId: string
    /** All of it, as it was said. */
    readonly bytes: Buffer
}

/** Says hello, under a key or under none. */
export function greet(key: HeldKey | null): Buffer {
    const id = Buffer.from(key?.id ?? '')
    const nonce = key === null ? Buffer.alloc(0) : randomBytes(NONCE_BYTES)
    return Buffer.concat([MAGIC, Buffer.from([VERSION, id.length]), id, nonce])
}

/** Reads a hello. @throws Stranger */
export function readHello(bytes: Buffer): Hello {
    const at = MAGIC.length
    const idEnd = at + 2 + (bytes[at + 1] ?? 0)
    const keyId = bytes.toString('latin1', at + 2, idEnd)
    const end = idEnd + (keyId === '' ? 0 : NONCE_BYTES)
    if (!bytes.subarray(0, at).equals(MAGIC) || bytes[at] !== VERSION || bytes.length !== end) {
        throw new HandshakeError('malformed', 'A caller did not say hello.')
    }
    // What was read is gone with its chunk.
    return { keyId, bytes: Buffer.from(bytes) }
}

/** Both ways of one connection under one key, once each side has shown that it has that key. */
export class Session {
    readonly #key: HeldKey
    readonly #transcript: readonly [hello: Buffer, nonce: Buffer]

    private constructor(key: HeldKey, hello: Buffer, nonce: Buffer) {
        this.#key = key
        this.#transcript = [hello, nonce]
    }

    /** Answers a hello. @throws Stranger */
    static answer(ring: KeyRing, { keyId, bytes }: Hello): { session: Session; challenge: Buffer } {
        if (keyId === '') {
            throw new HandshakeError('no-key', 'A caller named no key.')
        }
        const key = ring.find(keyId)
        if (key === undefined) {
            throw new HandshakeError('unknown-key', 'A caller named a key that is not of the ring.')
        }
        const nonce = randomBytes(NONCE_BYTES)
        const session = new Session(key, bytes, nonce)
        return { session, challenge: Buffer.concat([nonce, session.#code('callee')]) }
    }

    /** Takes the answer to one's own hello. @throws Stranger */
    static take(key: HeldKey, hello: Buffer, challenge: Buffer): Session {
        if (challenge.length !== NONCE_BYTES + CODE_BYTES) {
            throw new HandshakeError('malformed', 'A callee did not answer a hello.')
        }
        const nonce = Buffer.from(challenge.subarray(0, NONCE_BYTES))
        const session = new Session(key, hello, nonce)
        session.#check('callee', challenge.subarray(NONCE_BYTES))
        return session
    }

    /** What a caller proves that it has the key with. */
    proof(): Buffer {
        return this.#code('caller')
    }

    /** Checks the proof of a caller. @throws Stranger */
    checkProof(proof: Buffer): void {
        this.#check('caller', proof)
    }

    /** Whether its key is the one that a ring signs with. */
    isFirstOf(ring: KeyRing | null): boolean {
        return ring?.first === this.#key
    }

    /** Whether its key is still one of a ring. */
    isOf(ring: KeyRing | null): boolean {
        return ring?.holds(this.#key) === true
    }

    /** The seals of both directions. No other connection has the same ones. */
    seals(): { readonly calls: FrameMac; readonly answers: FrameMac } {
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
                'bad-mac', 'A peer does not have the key that it speaks under.'
            )
        }
    }
}
