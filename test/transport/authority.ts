import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'

const SEQUENCE = 0x30
const SET = 0x31
const INTEGER = 0x02
const BITS = 0x03
const OCTETS = 0x04
const OBJECT = 0x06
const TEXT = 0x0c
const TIME = 0x18
const TRUE = Buffer.from([0x01, 0x01, 0xff])

/** The name of an alternative name that is a URI. */
const URI = 0x86

const ED25519 = [0x2b, 0x65, 0x70]
const COMMON_NAME = [0x55, 0x04, 0x03]
const BASIC_CONSTRAINTS = [0x55, 0x1d, 0x13]
const SUBJECT_ALT_NAME = [0x55, 0x1d, 0x11]
const KEY_USAGE = [0x55, 0x1d, 0x0f]
const EXTENDED_KEY_USAGE = [0x55, 0x1d, 0x25]

/** The bits of `keyUsage` that allow to encipher keys and nothing else. */
const ENCIPHERS = Buffer.from([0x05, 0x20])

/** The uses that `extendedKeyUsage` may allow. */
const USAGES = {
    serverAuth: [0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x01],
    clientAuth: [0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x02],
    any: [0x55, 0x1d, 0x25, 0x00]
} as const

/** One element of DER: tag, length and content. */
function der(tag: number, ...parts: readonly Buffer[]): Buffer {
    const body = Buffer.concat(parts)
    const { length } = body
    const size = length < 0x80
        ? [length]
        : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
    return Buffer.concat([Buffer.from([tag, ...size]), body])
}

function object(bytes: readonly number[]): Buffer {
    return der(OBJECT, Buffer.from(bytes))
}

function named(name: string): Buffer {
    const pair = der(SEQUENCE, object(COMMON_NAME), der(TEXT, Buffer.from(name)))
    return der(SEQUENCE, der(SET, pair))
}

function time(at: number): Buffer {
    return der(TIME, Buffer.from(`${new Date(at).toISOString().replace(/\D/g, '').slice(0, 14)}Z`))
}

function extension(id: readonly number[], isCritical: boolean, value: Buffer): Buffer {
    return der(SEQUENCE, object(id), ...(isCritical ? [TRUE] : []), der(OCTETS, value))
}

function pem(label: string, bytes: Buffer): string {
    const lines = bytes.toString('base64').match(/.{1,64}/g) ?? []
    return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n')
}

/** A day in milliseconds. */
export const DAY_MS = 86_400_000

const LIFE_MS = 90 * DAY_MS

/** What a member shows and believes, in PEM. */
export interface Issued {
    readonly ca: string
    readonly cert: string
    readonly key: string
}

/** The unusual fields of a certificate. */
export interface Oddity {
    /** The alternative names, all of them URIs. */
    readonly uris?: readonly string[]
    /** When it ends, in milliseconds from now. */
    readonly endsIn?: number
    /** When it begins, in milliseconds from now. */
    readonly beginsIn?: number
    /** The allowed uses; without this field, every use. */
    readonly usages?: readonly (keyof typeof USAGES)[]
    /** Whether its key may sign. */
    readonly signs?: boolean
}

/** An authority that certifies the members of a test republic, with its own random keys. */
export class Authority {
    readonly #name = `authority ${randomBytes(4).toString('hex')}`
    readonly #pair = generateKeyPairSync('ed25519')
    /** Its own certificate. */
    readonly ca: string

    /** @param endsIn When the certificate of the authority ends, in milliseconds from now. */
    constructor(endsIn = LIFE_MS) {
        const constraints = extension(BASIC_CONSTRAINTS, true, der(SEQUENCE, TRUE))
        this.ca = this.#certify(this.#name, this.#pair.publicKey, [constraints], { endsIn })
    }

    /** What a member of a republic shows, and believes. */
    issue(id: string, oddity: Oddity = {}): Issued {
        const { uris, usages, signs = true } = oddity
        const { publicKey, privateKey } = generateKeyPairSync('ed25519')
        const names = (uris ?? [`kibitz://republic/${id}`])
            .map((uri) => der(URI, Buffer.from(uri, 'latin1')))
        const alternatives = extension(SUBJECT_ALT_NAME, false, der(SEQUENCE, ...names))
        const allowed = der(SEQUENCE, ...(usages ?? []).map((usage) => object(USAGES[usage])))
        const extensions = [
            alternatives,
            ...(usages === undefined ? [] : [extension(EXTENDED_KEY_USAGE, false, allowed)]),
            ...(signs ? [] : [extension(KEY_USAGE, true, der(BITS, ENCIPHERS))])
        ]
        return {
            ca: this.ca,
            cert: this.#certify(id, publicKey, extensions, oddity),
            key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
        }
    }

    #certify(
        subject: string,
        key: KeyObject,
        extensions: readonly Buffer[],
        { beginsIn = -2 * DAY_MS, endsIn = LIFE_MS }: Oddity
    ): string {
        const algorithm = der(SEQUENCE, object(ED25519))
        const now = Date.now()
        const statement = der(SEQUENCE,
            der(0xa0, der(INTEGER, Buffer.from([2]))),
            der(INTEGER, Buffer.from([1]), randomBytes(8)),
            algorithm,
            named(this.#name),
            der(SEQUENCE, time(now + beginsIn), time(now + endsIn)),
            named(subject),
            key.export({ type: 'spki', format: 'der' }),
            der(0xa3, der(SEQUENCE, ...extensions)))
        const signature = sign(null, statement, this.#pair.privateKey)
        const bits = der(BITS, Buffer.from([0]), signature)
        return pem('CERTIFICATE', der(SEQUENCE, statement, algorithm, bits))
    }
}
