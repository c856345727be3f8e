import { createHash, randomBytes } from 'node:crypto'
import type { HeldKey, KeyRing } from '../security/keys.js'

/** The purposes of codes. A code for one purpose is not valid for another purpose. */
const CALL = 'kibitz http call 2'
const ANSWER = 'kibitz http answer 1'

const NONCE_BYTES = 16

const CREDENTIALS = new RegExp(
    '^Kibitz-HMAC key=([A-Za-z0-9._-]{1,64}), nonce=([A-Za-z0-9_-]{22}), ' +
        'to=([A-Za-z0-9._:[\\]%-]{0,300}), digest=([A-Za-z0-9_-]{43}), code=([A-Za-z0-9_-]{43})$'
)
const CONFIRMATION = /^code=([A-Za-z0-9_-]{43})$/

/** The challenge of a server with keys, in the header `www-authenticate`. */
export const CHALLENGE = 'Kibitz-HMAC'

/** The signed fields of the head of a request, besides the header with the credentials. */
export interface CallHead {
    /** The method and the path with its query, for example `POST /kibitz`. */
    readonly target: string
    /** The length of the body in bytes, from the header `content-length`. */
    readonly length: number
}

/** Why a head proves no key. */
type Unproven = 'bad-mac' | 'no-key' | 'unknown-key'

function digestOf(body: Uint8Array): string {
    return createHash('sha256').update(body).digest('base64url')
}

/**
 * One signed call over HTTP, at the caller or at the listener.
 *
 * 1. The code stands in the head of the request. The code covers a random nonce, the addressee (the
 *    `host:port` that the caller meant), the method, the path, and the length and digest of the
 *    body. So the listener checks the code before the listener reads the body.
 * 2. The code of the answer covers the same nonce, so an answer fits one call only.
 * 3. There is no time window. An eavesdropper can repeat a call at the same addressee, and the
 *    engine accepts repeated calls at any time (the simulator tests this). A time window would need
 *    clocks that agree, and would lock out a member with a wrong clock.
 */
export class SignedCall {
    /** The random nonce of this call. */
    readonly nonce: string
    /** The addressee that the caller meant, as `host:port`. */
    readonly to: string
    readonly #key: HeldKey
    readonly #digest: string

    private constructor(key: HeldKey, nonce: string, to: string, digest: string) {
        this.#key = key
        this.nonce = nonce
        this.to = to
        this.#digest = digest
    }

    /** Begins a call to the addressee `host:port` with a body. */
    static begin(keys: KeyRing, to: string, body: Uint8Array): SignedCall {
        const nonce = randomBytes(NONCE_BYTES).toString('base64url')
        return new SignedCall(keys.first, nonce, to, digestOf(body))
    }

    /** Reads the credentials of a call. Returns the call if the code is valid; else the reason. */
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

    /** The credentials: the value of the header `authorization`. */
    credentials(head: CallHead): string {
        const code = this.#key.code(this.#parts(head)).toString('base64url')
        return (
            `${CHALLENGE} key=${this.#key.id}, nonce=${this.nonce}, to=${this.to}, ` +
            `digest=${this.#digest}, code=${code}`
        )
    }

    /** Whether the body has the announced digest. */
    covers(body: Uint8Array): boolean {
        return digestOf(body) === this.#digest
    }

    /** The value of the header `authentication-info` of the answer. */
    confirmation(status: number, body: Buffer): string {
        const code = this.#key.code(this.#partsOfAnswer(status, body))
        return `code=${code.toString('base64url')}`
    }

    /** Whether the header of an answer is valid for its status and body. */
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
