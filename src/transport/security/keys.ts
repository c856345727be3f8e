import { createSecretKey, type KeyObject } from 'node:crypto'
import { types } from 'node:util'
import { itemsOf } from '../../base/bounded-list.js'
import { KibitzError } from '../../base/errors.js'
import { fitting, type OptionKind } from '../../base/option-table.js'
import { hmac, isSameCode } from './hmac.js'

/** A secret that members share, and the name under which they speak of it. */
export interface Key {
    /** 1 to 64 characters of `A-Z a-z 0-9 . _ -`. It travels in the clear. */
    readonly id: string
    /** 32 bytes or more, of a generator of random bytes; a string counts as its UTF-8. */
    readonly secret: string | Uint8Array
}

const KEY_ID = /^[A-Za-z0-9._-]{1,64}$/
const SECRET_BYTES_MIN = 32

/** One key of a ring, fit for use. Its secret is not to be read from it. */
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

    /** Whether a value is a held key. A value that throws when it is read is none. */
    static is(value: unknown): value is HeldKey {
        return typeof value === 'object' && value !== null && #secret in value
    }

    /**
     * The HMAC-SHA-256 of some parts, each behind its length: no two lists of parts are the same
     * bytes.
     */
    code(parts: readonly (string | Uint8Array)[]): Buffer {
        return hmac(this.#secret, parts)
    }

    /** Whether it is the same as another, name and secret. */
    equals(other: HeldKey): boolean {
        return this.id === other.id && this.#secret.equals(other.#secret)
    }

    /** Whether a code is that of the parts. Takes as long wherever it differs. */
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

/** Reads a key once: a later look may find other values. */
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

/** How many keys a ring has at most. */
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

/** A copy of the bytes of a secret; empty if the value is no secret. */
function bytesOf(secret: unknown): Buffer {
    return typeof secret === 'string' || types.isUint8Array(secret)
        ? Buffer.from(secret)
        : Buffer.alloc(0)
}

/** What an option may be that takes keys. */
export const KEYS: OptionKind = fitting(
    'a list of keys, or a KeyRing',
    (value) => Array.isArray(value) || value instanceof KeyRing
)

/** What a transport is given, made into what it uses; `null` where it is given nothing. */
export function ringOf(keys: readonly Key[] | KeyRing | undefined): KeyRing | null {
    return keys === undefined || keys instanceof KeyRing ? (keys ?? null) : new KeyRing(keys)
}

/**
 * The keys that a member knows: it signs with the first of them and accepts what any of them has
 * signed. One ring may serve several transports, and is changed for all of them at once.
 *
 * A shared key proves that a peer is one of those who have it, not which one: whoever has it can
 * speak for any member. To know which, use certificates.
 *
 * To rotate without a pause: give every member `[old, new]`, then every member `[new, old]`, then
 * every member `[new]`.
 */
export class KeyRing {
    #keys: ReadonlyMap<string, HeldKey> = new Map()
    #first: HeldKey

    /** @throws KibitzError `invalid-argument`. */
    constructor(keys: readonly Key[]) {
        this.#first = this.#hold(keys)
    }

    /**
     * Changes the keys. What comes under a key that is no longer there is refused from now on, on
     * connections that are open too.
     *
     * @throws KibitzError `invalid-argument`. Then nothing has changed.
     */
    replace(keys: readonly Key[]): void {
        this.#first = this.#hold(keys)
    }

    /** The key to sign with. */
    get first(): HeldKey {
        return this.#first
    }

    /** A key by its id; `undefined` where there is none. */
    find(id: string): HeldKey | undefined {
        return this.#keys.get(id)
    }

    /** Whether a key is still one of the ring. */
    holds(key: HeldKey): boolean {
        return HeldKey.is(key) && this.#keys.get(key.id) === key
    }

    #hold(keys: readonly Key[]): HeldKey {
        const held = readList(keys).map((key) => this.#keep(new HeldKey(key as Key)))
        const [first] = held
        const byId = new Map(held.map((key) => [key.id, key]))
        if (first === undefined) {
            refuse('there must be one at least')
        }
        if (byId.size !== held.length) {
            refuse('two of them have the same id')
        }
        this.#keys = byId
        return first
    }

    /** What is the same as before stays the same for those who speak under it. */
    #keep(key: HeldKey): HeldKey {
        const before = this.#keys.get(key.id)
        return before?.equals(key) === true ? before : key
    }
}
