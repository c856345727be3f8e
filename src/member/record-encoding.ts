import { KibitzError } from '../base/errors.js'
import { RepeatingJson } from '../base/repeating-json.js'
import { guardInput } from '../guard/input.js'
import { isFold, unfold } from './fold-encoding.js'
import type { Inputs, Played } from './inputs.js'
import { otherVersion, protocolVersion, replayVersion } from './engine-version.js'

const METHODS: Readonly<Record<keyof Inputs, true>> = {
    birth: true,
    revive: true,
    bootstrap: true,
    join: true,
    upgrade: true,
    naturalize: true,
    leave: true,
    cede: true,
    move: true,
    locate: true,
    event: true,
    immigrate: true,
    receive: true,
    enqueue: true,
    publish: true,
    publishAll: true,
    published: true,
    sent: true,
    stable: true
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

/**
 * The text of an input in the journal. An `upgrade` has the form of a birth without an id: a
 * package that does not know the version refuses such a record with `journal-version`.
 */
export function textOf(played: Played): string {
    const { method, module, when, body } = played
    const form = method === 'upgrade'
        ? { module, method: 'birth', when, body: { version: replayVersion(body.version) } }
        : played
    return JSON.stringify(form)
}

/** Encodes an input as a record of its own. */
export function writePlayed(played: Played): Uint8Array {
    return Buffer.from(textOf(played))
}

/**
 * The input of a record.
 *
 * @throws KibitzError `journal-version`.
 */
export function inputOf(number: number, record: Played): Played {
    const { method, module, when, body } = record
    if (method !== 'revive' && method !== 'birth') {
        return record
    }
    const version = protocolVersion(body.version)
    if (version === null) {
        throw otherVersion(number, body.version)
    }
    return method === 'birth' && !('id' in body)
        ? Object.freeze({ module, method: 'upgrade', when, body: { version } })
        : record
}

function bufferOf(bytes: Uint8Array): Buffer {
    const { buffer, byteOffset, byteLength } = bytes
    return Buffer.isBuffer(bytes) ? bytes : Buffer.from(buffer, byteOffset, byteLength)
}

function isPackedRun(entry: unknown): boolean {
    return typeof entry === 'object' && entry !== null && Object.hasOwn(entry, 'bodies')
}

/** Whether the entries of a message, if there are any, have the packed form. */
function isPacked(message: unknown): boolean {
    const entries = (message as { readonly entries?: unknown } | null)?.entries
    return Array.isArray(entries) && entries.some(isPackedRun)
}

/**
 * Whether an input holds packed entries. The members of a MemoryNetwork hand each other runs that
 * pack themselves as JSON, so the records of such a member hold packed runs.
 */
function holdsPacked({ method, body }: Played): boolean {
    if (method === 'receive' || method === 'enqueue') {
        return isPacked(body)
    }
    return method === 'sent' && Object.values(body?.responses ?? {}).some(isPacked)
}

/** The input of a record with packed entries, unpacked by the guard of the method. */
function unpacked(number: number, { module, method, when, body }: Played): Played {
    const guarded = guardInput(method, body)
    if (!guarded.ok) {
        throw damaged(number, 'it holds no entries', undefined)
    }
    return Object.freeze({ module, method, when, body: guarded.value }) as Played
}

function parseInput(record: Buffer, number: number, json: RepeatingJson): Played {
    let played: unknown
    try {
        played = json.parse(record)
    } catch (cause) {
        throw damaged(number, 'it is no JSON', cause)
    }
    if (!isPlayed(played)) {
        throw damaged(number, 'it is no input', undefined)
    }
    return holdsPacked(played) ? unpacked(number, played) : inputOf(number, played)
}

/**
 * The inputs of a record: one, or several quiet inputs.
 *
 * @param json Parses the records of one journal. @default a parser without earlier records
 * @throws KibitzError `journal-damaged` if the bytes are no inputs; `journal-version`.
 */
export function inputsOf(
    bytes: Uint8Array, number: number, json: RepeatingJson = new RepeatingJson()
): readonly Played[] {
    if (!isFold(bytes)) {
        return [parseInput(bufferOf(bytes), number, json)]
    }
    let texts: readonly string[]
    try {
        texts = unfold(bytes)
    } catch (cause) {
        throw damaged(number, 'it is no fold', cause)
    }
    return texts.map((text) => parseInput(Buffer.from(text), number, json))
}

/**
 * Decodes the inputs of a record and applies the inputs.
 *
 * @param number The number of the record, for the error text.
 * @param json Parses the records of one journal. @default a parser without earlier records
 * @returns The last input.
 * @throws KibitzError `journal-damaged` if the bytes are no inputs or applying fails;
 * `journal-version`.
 */
export function readPlayed(
    bytes: Uint8Array,
    number: number,
    apply: (played: Played) => void,
    json?: RepeatingJson
): Played {
    const inputs = inputsOf(bytes, number, json)
    const last = inputs[inputs.length - 1]
    if (last === undefined) {
        throw damaged(number, 'it is no input', undefined)
    }
    try {
        for (const input of inputs) {
            apply(input)
        }
    } catch (cause) {
        throw damaged(number, 'it cannot be applied', cause)
    }
    return last
}
