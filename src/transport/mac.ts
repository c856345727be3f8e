import { randomBytes } from 'node:crypto'
import type { HeldKey, KeyRing } from './keys.js'

/** What a code is for; nothing that is signed for another purpose fits here. */
const CALL = 'kibitz http call 1'
const ANSWER = 'kibitz http answer 1'

const NONCE_BYTES = 16

const CREDENTIALS =
    /^Kibitz-HMAC key=([A-Za-z0-9._-]{1,64}), nonce=([A-Za-z0-9_-]{22}), code=([A-Za-z0-9_-]{43})$/
const CONFIRMATION = /^code=([A-Za-z0-9_-]{43})$/

/** What a server that asks for a key says to those who have none. */
export const CHALLENGE = 'Kibitz-HMAC'

/**
 * One call over HTTP under a key, on either side of it.
 *
 * The code of a call covers a number drawn for it, the method and path, and the body, in which the
 * republic, the sender, the addressee and what is asked stand; the code of its answer covers that
 * number too, so that no answer fits another call. There is no window of time: a call that somebody
 * has listened to can be repeated by them, and the engine bears repeated calls at any time, which
 * is tested; a window would need clocks that agree, and lock out members whose clock is off.
 */
export class SignedCall {
    readonly #key: HeldKey
    readonly #nonce: string

    private constructor(key: HeldKey, nonce: string) {
        this.#key = key
        this.#nonce = nonce
    }

    /** A call that is about to be made. */
    static begin(keys: KeyRing): SignedCall {
        return new SignedCall(keys.first, randomBytes(NONCE_BYTES).toString('base64url'))
    }

    /** The call that a header announces, or why there is none. Looks at no body. */
    static read(keys: KeyRing, header: string | undefined): Announced {
        const [, id, nonce, code] = CREDENTIALS.exec(header ?? '') ?? []
        if (id === undefined || nonce === undefined || code === undefined) {
            return 'no-key'
        }
        const key = keys.find(id)
        return key === undefined
            ? 'unknown-key'
            : { signed: new SignedCall(key, nonce), code: Buffer.from(code, 'base64url') }
    }

    /** The header that announces the call. The target is its method and its path. */
    credentials(target: string, body: Buffer): string {
        const code = this.#key.code(this.#parts(CALL, target, body)).toString('base64url')
        return `${CHALLENGE} key=${this.#key.id}, nonce=${this.#nonce}, code=${code}`
    }

    /** Whether target and body are those of the call. */
    verifiesCall(target: string, body: Buffer, code: Buffer): boolean {
        return this.#key.verifies(code, this.#parts(CALL, target, body))
    }

    /** The header that comes with the answer. */
    confirmation(status: number, body: Buffer): string {
        const code = this.#key.code(this.#parts(ANSWER, String(status), body))
        return `code=${code.toString('base64url')}`
    }

    /** Whether status and body are those of the answer. */
    verifiesAnswer(status: number, body: Buffer, header: unknown): boolean {
        const [, code] = CONFIRMATION.exec(typeof header === 'string' ? header : '') ?? []
        return (
            code !== undefined &&
            this.#key.verifies(
                Buffer.from(code, 'base64url'),
                this.#parts(ANSWER, String(status), body)
            )
        )
    }

    #parts(purpose: string, about: string, body: Buffer): readonly (string | Uint8Array)[] {
        return [purpose, this.#key.id, this.#nonce, about, body]
    }
}

/** What a header says, and the code that the body has to have. */
type Announced = { readonly signed: SignedCall; readonly code: Buffer } | 'no-key' | 'unknown-key'
