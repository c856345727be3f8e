import { KibitzError } from '../base/errors.js'
import type { Inputs, Played } from './inputs.js'
import { otherVersion, REPLAY_VERSION } from './engine-version.js'

const METHODS: Readonly<Record<keyof Inputs, true>> = {
    birth: true,
    revive: true,
    bootstrap: true,
    join: true,
    naturalize: true,
    leave: true,
    cede: true,
    event: true,
    immigrate: true,
    receive: true,
    enqueue: true,
    publish: true,
    publishAll: true,
    published: true,
    sent: true
}

function damaged(number: number, what: string, cause: unknown): KibitzError {
    return new KibitzError(
        'journal-damaged',
        `Record ${number} of the journal is whole, but ${what}. Nothing was changed. It was ` +
            'written by another version, or not by kibitz: start that version, or clear the ' +
            'folder and let this member join as a newcomer.',
        { cause }
    )
}

function isPlayed(value: unknown): value is Played {
    if (typeof value !== 'object' || value === null) {
        return false
    }
    const { module, method, when, body } = value as Record<string, unknown>
    return (
        module === 'kibitz' &&
        typeof method === 'string' &&
        Object.hasOwn(METHODS, method) &&
        Number.isFinite(when) &&
        body !== undefined
    )
}

/** Encodes an input for the journal. */
export function writePlayed(played: Played): Uint8Array {
    return Buffer.from(JSON.stringify(played))
}

/**
 * Decodes an input and applies the input.
 *
 * @param number The number of the record, for the error text.
 * @throws KibitzError `journal-damaged` if the bytes are no input or applying fails;
 * `journal-version`.
 */
export function readPlayed(
    bytes: Uint8Array,
    number: number,
    apply: (played: Played) => void
): Played {
    let played: unknown
    try {
        const { buffer, byteOffset, byteLength } = bytes
        const record = Buffer.isBuffer(bytes) ? bytes : Buffer.from(buffer, byteOffset, byteLength)
        played = JSON.parse(record.toString())
    } catch (cause) {
        throw damaged(number, 'it is no JSON', cause)
    }
    if (!isPlayed(played)) {
        throw damaged(number, 'it is no input', undefined)
    }
    const { method } = played
    if ((method === 'revive' || method === 'birth') && played.body.version !== REPLAY_VERSION) {
        throw otherVersion(number, played.body.version)
    }
    try {
        apply(played)
    } catch (cause) {
        throw damaged(number, 'it cannot be applied', cause)
    }
    return played
}
