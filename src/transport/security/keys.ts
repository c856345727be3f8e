import { createSecretKey, type KeyObject } from 'node:crypto'
import { types } from 'node:util'
import { itemsOf } from '../../base/bounded-list.js'
import { KibitzError } from '../../base/errors.js'
import { fitting, type OptionKind } from '../../base/option-table.js'
import { isSameCode } from '../../base/constant-time.js'
import { hmac } from './hmac.js'

/** A secret that members share, and its id. */
export interface Key {
    /** 1 to 64 characters of `A-Z a-z 0-9 . _ -`. The id travels in the clear. */
    readonly id: string
    /** At least 32 bytes from a generator of random bytes. A string counts as its UTF-8 bytes. */
    readonly secret: string | Uint8Array
}

const KEY_ID = /^[A-Za-z0-9._-]{1,64}$/
const SECRET_BYTES_MIN = 32

/** A checked key of a ring. The secret cannot be read back. */
export class HeldKey {
    readonly id: string
    readonly #secret: KeyObject

    constructor(key: Key) {
        const { id, secret } = readKey(key)
        if (typeof id !== 'string' || !KEY_ID.test(id)) {
            refuse('the id of a key is 1 to 64 of A-Z, a-z, 0-9, dot, underscore, hyphen')
        }
        const bytes = bytesOf(secret)
        if (bytes.length < SECRET_BYTES_MIN) {
            refuse(`the secret of key ${id} must be of ${SECRET_BYTES_MIN} bytes or more`)
        }
        this.id = id
        this.#secret = createSecretKey(bytes)
        bytes.fill(0)
    }

    /** Whether a value is a held key. A value that throws on access is not a held key. */
    static is(value: unknown): value is HeldKey {
        return typeof value === 'object' && value !== null && #secret in value
    }

    /** The HMAC-SHA-256 of a list of parts, see `hmac`. */
    code(parts: readonly (string | Uint8Array)[]): Buffer {
        return hmac(this.#secret, parts)
    }

    /** Whether another key has the same id and the same secret. */
    equals(other: HeldKey): boolean {
        return this.id === other.id && this.#secret.equals(other.#secret)
    }

    /**
     * Whether a code is the code of the parts. The time does not depend on the place of a
     * difference.
     */
    verifies(code: Uint8Array, parts: readonly (string | Uint8Array)[]): boolean {
        return isSameCode(code, this.code(parts))
    }
}

function refuse(what: string, cause?: unknown): never {
    throw new KibitzError(
        'invalid-argument',
        `The keys are not usable: ${what}. Nothing was started or changed; correct them.`,
        cause === undefined ? {} : { cause }
    )
}

/** Reads each field of a key once, because a getter may return another value later. */
function readKey(key: unknown): { readonly id: unknown; readonly secret: unknown } {
    if (typeof key !== 'object' || key === null) {
        refuse('a key is an object { id, secret }')
    }
    try {
        const { id, secret } = key as { readonly id?: unknown; readonly secret?: unknown }
        return { id, secret }
    } catch (cause) {
        return refuse('a key cannot be read', cause)
    }
}

/** The limit of keys in a ring. */
const KEYS_MAX = 1024

/** Reads a list of keys, once. */
function readList(keys: unknown): readonly unknown[] {
    try {
        if (!Array.isArray(keys)) {
            refuse('they are a list')
        }
        return itemsOf(keys, KEYS_MAX) ?? refuse(`there are ${KEYS_MAX} at most`)
    } catch (cause) {
        if (cause instanceof KibitzError) {
            throw cause
        }
        return refuse('the list cannot be read', cause)
    }
}

/** A copy of the bytes of a secret; empty if the value is not a secret. */
function bytesOf(secret: unknown): Buffer {
    return typeof secret === 'string' || types.isUint8Array(secret)
        ? Buffer.from(secret)
        : Buffer.alloc(0)
}

/** The kind of the option `keys`. */
export const KEYS: OptionKind = fitting(
    'a list of keys, or a KeyRing',
    (value) => Array.isArray(value) || value instanceof KeyRing
)

/** Makes a `KeyRing` from the option `keys`; `null` if the option is absent. */
export function ringOf(keys: readonly Key[] | KeyRing | undefined): KeyRing | null {
    return keys === undefined || keys instanceof KeyRing ? (keys ?? null) : new KeyRing(keys)
}

/**
 * The keys of a member. The member signs with the first key, and accepts signatures of each key.
 * One ring may serve several transports; `replace` changes all of them at once.
 *
 * A shared key proves that a peer holds the key, but not which member the peer is: each holder of
 * the key can act as any member. Certificates prove which member a peer is.
 *
 * To rotate keys without a pause, give every member `[old, new]`, then every member `[new, old]`,
 * then every member `[new]`.
 */
export class KeyRing {
    #keys: ReadonlyMap<string, HeldKey> = new Map()
    #first: HeldKey

    /** @throws KibitzError `invalid-argument`. */
    constructor(keys: readonly Key[]) {
        this.#first = this.#setKeys(keys)
    }

    /**
     * Replaces the keys. A message under a removed key is refused from now on, on open connections
     * too.
     *
     * @throws KibitzError `invalid-argument`; then the old keys stay in use.
     */
    replace(keys: readonly Key[]): void {
        this.#first = this.#setKeys(keys)
    }

    /** The key with which the member signs. */
    get first(): HeldKey {
        return this.#first
    }

    /** The key with an id; `undefined` if the ring has no such key. */
    find(id: string): HeldKey | undefined {
        return this.#keys.get(id)
    }

    /** Whether the ring still holds a key. */
    holds(key: HeldKey): boolean {
        return HeldKey.is(key) && this.#keys.get(key.id) === key
    }

    #setKeys(keys: readonly Key[]): HeldKey {
        const heldKeys = readList(keys).map((key) => this.#reuse(new HeldKey(key as Key)))
        const [first] = heldKeys
        const byId = new Map(heldKeys.map((key) => [key.id, key]))
        if (first === undefined) {
            refuse('there must be one at least')
        }
        if (byId.size !== heldKeys.length) {
            refuse('two of them have the same id')
        }
        this.#keys = byId
        return first
    }

    /** An unchanged key keeps its object, so that sessions under the key stay valid. */
    #reuse(key: HeldKey): HeldKey {
        const before = this.#keys.get(key.id)
        return before?.equals(key) === true ? before : key
    }
}
