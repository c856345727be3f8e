import { createHash, randomBytes } from 'node:crypto'
import type { HeldKey, KeyRing } from '../security/keys.js'

/** What a code is for; nothing that is signed for another purpose fits here. */
const CALL = 'kibitz http call 2'
const ANSWER = 'kibitz http answer 1'

const NONCE_BYTES = 16

const CREDENTIALS = new RegExp(
    '^Kibitz-HMAC key=([A-Za-z0-9._-]{1,64}), nonce=([A-Za-z0-9_-]{22}), ' +
        'to=([A-Za-z0-9._:[\\]%-]{0,300}), digest=([A-Za-z0-9_-]{43}), code=([A-Za-z0-9_-]{43})$'
)
const CONFIRMATION = /^code=([A-Za-z0-9_-]{43})$/

/** What a server that asks for a key says to those who have none. */
export const CHALLENGE = 'Kibitz-HMAC'

/** What the head of a request says of the call, beside the header that announces the call. */
export interface CallHead {
    /** The method and the path with its query, `POST /kibitz`. */
    readonly target: string
    /** Length of the body in bytes, from the header `content-length`. */
    readonly length: number
}

/** Why the head of a request proves no key. */
type Unproven = 'bad-mac' | 'no-key' | 'unknown-key'

function digestOf(body: Uint8Array): string {
    return createHash('sha256').update(body).digest('base64url')
}

/**
 * One call over HTTP under a key, at the caller or at the listener.
 *
 * 1. The code stands in the head of the request, and covers a random nonce, the addressee (the
 *    `host:port` that the caller meant), the method, the path, and the length and digest of the
 *    body. So the listener checks the code before the listener reads the body.
 * 2. The code of the answer covers the same nonce: an answer fits one call.
 * 3. There is no time window. An eavesdropper can repeat a call at the same addressee, and the
 *    engine accepts repeated calls at any time (the simulator tests this). A time window would
 *    need clocks that agree, and would lock out a member with a wrong clock.
 */
export class SignedCall {
    /** The random number of this call. */
    readonly nonce: string
    /** The addressee that the caller meant, `host:port`. */
    readonly to: string
    readonly #key: HeldKey
    readonly #digest: string

    private constructor(key: HeldKey, nonce: string, to: string, digest: string) {
        this.#key = key
        this.nonce = nonce
        this.to = to
        this.#digest = digest
    }

    /** Begins a call to an addressee, `host:port`, with a body. */
    static begin(keys: KeyRing, to: string, body: Uint8Array): SignedCall {
        const nonce = randomBytes(NONCE_BYTES).toString('base64url')
        return new SignedCall(keys.first, nonce, to, digestOf(body))
    }

    /** The call that a header announces, if the code fits the head; else the reason. */
    static read(
        keys: KeyRing,
        header: string | undefined,
        head: CallHead
    ): SignedCall | Unproven {
        const fields = CREDENTIALS.exec(header ?? '')
        if (fields === null) {
            return 'no-key'
        }
        const [, id = '', nonce = '', to = '', digest = '', code = ''] = fields
        const key = keys.find(id)
        if (key === undefined) {
            return 'unknown-key'
        }
        const call = new SignedCall(key, nonce, to, digest)
        const isProven = key.verifies(Buffer.from(code, 'base64url'), call.#parts(head))
        return isProven ? call : 'bad-mac'
    }

    /** The header that announces the call. */
    credentials(head: CallHead): string {
        const code = this.#key.code(this.#parts(head)).toString('base64url')
        return (
            `${CHALLENGE} key=${this.#key.id}, nonce=${this.nonce}, to=${this.to}, ` +
            `digest=${this.#digest}, code=${code}`
        )
    }

    /** Whether a body is the body that the header announced. */
    covers(body: Uint8Array): boolean {
        return digestOf(body) === this.#digest
    }

    /** The header that comes with the answer. */
    confirmation(status: number, body: Buffer): string {
        const code = this.#key.code(this.#partsOfAnswer(status, body))
        return `code=${code.toString('base64url')}`
    }

    /** Whether status and body are those of the answer. */
    verifiesAnswer(status: number, body: Buffer, header: unknown): boolean {
        const [, code] = CONFIRMATION.exec(typeof header === 'string' ? header : '') ?? []
        return (
            code !== undefined &&
            this.#key.verifies(Buffer.from(code, 'base64url'), this.#partsOfAnswer(status, body))
        )
    }

    #parts({ target, length }: CallHead): readonly (string | Uint8Array)[] {
        return [CALL, this.#key.id, this.nonce, this.to, target, String(length), this.#digest]
    }

    #partsOfAnswer(status: number, body: Buffer): readonly (string | Uint8Array)[] {
        return [ANSWER, this.#key.id, this.nonce, String(status), body]
    }
}
