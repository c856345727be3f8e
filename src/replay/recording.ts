import { KibitzError } from '../base/errors.js'
import type { RepeatingJson } from '../base/repeating-json.js'
import { admitRecorded } from '../member/admit-input.js'
import type { Played } from '../member/inputs.js'
import { inputOf } from '../member/record-encoding.js'
import type { JournalEnd } from './journal-records.js'
import { type MemberView, ReplayedMember, type ReplayedState } from './replayed-member.js'

/** A recorded input: an object from `played`, or its JSON as text or bytes. */
export type RecordedInput = Played | string | Uint8Array

/** The inputs of one member in order, in memory. */
export interface Recording {
    /** The id of the member; `null` if the first input must name the id. */
    readonly id: string | null
    /** The number of the first input. In a journal, the number of the first record. */
    readonly first: number
    /** The inputs from `first` on. */
    readonly inputs: readonly RecordedInput[]
    /** The state before the first input; `null` if the recording begins with the member's birth. */
    readonly start: ReplayedState | null
    /** Why the recording ends early. @default the recording is whole */
    readonly damage?: KibitzError
    /** The place in the journal at which further inputs follow. @default no sound journal */
    readonly end?: JournalEnd
}

/** Whether an error says that a recording is damaged. */
export function isDamage(error: unknown): error is KibitzError {
    return error instanceof KibitzError && error.code === 'journal-damaged'
}

/** Whether an input cannot be used: it is damaged, or of another engine. */
export function isUnusable(error: unknown): boolean {
    return isDamage(error) || (error instanceof KibitzError && error.code === 'journal-version')
}

/** The error of an input that cannot be used. */
function unusable(number: number, what: string, cause?: unknown): KibitzError {
    return new KibitzError('journal-damaged', `Input ${number} of the recording is not usable: `
        + `${what}. Nothing was changed, and the inputs before it can be replayed. The recording `
        + 'was damaged, or was not written by kibitz: take another copy of it.',
        cause === undefined ? {} : { cause })
}

function parse(number: number, input: RecordedInput, json: RepeatingJson | null): object {
    let value: unknown = input
    if (typeof input === 'string' || input instanceof Uint8Array) {
        try {
            value = typeof input === 'string' || json === null
                ? JSON.parse(String(input))
                : json.parse(bufferOf(input))
        } catch (cause) {
            throw unusable(number, 'it is no JSON', cause)
        }
    }
    if (typeof value !== 'object' || value === null) {
        throw unusable(number, 'it is no object')
    }
    return value
}

function bufferOf(bytes: Uint8Array): Buffer {
    return Buffer.isBuffer(bytes)
        ? bytes
        : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/** The fields of the body of an input; `null` if the body is no object. */
function bodyOf(value: object): Readonly<Record<string, unknown>> | null {
    return 'body' in value && typeof value.body === 'object' && value.body !== null
        ? value.body as Readonly<Record<string, unknown>>
        : null
}

/** The size of an input, in bytes. An object counts as 1 KiB. */
export function sizeOfInput(input: RecordedInput | undefined): number {
    if (input === undefined) {
        return 0
    }
    return input instanceof Uint8Array
        ? input.byteLength
        : typeof input === 'string' ? input.length : 1024
}

/**
 * The instant of an input, without a check of the rest.
 *
 * @throws KibitzError `journal-damaged`.
 */
export function instantOf(number: number, input: RecordedInput): number {
    const { when } = parse(number, input, null) as { readonly when?: unknown }
    if (typeof when !== 'number' || !Number.isFinite(when)) {
        throw unusable(number, 'it has no instant `when`')
    }
    return when
}

/**
 * Checks an input and rebuilds the input, frozen. A recording is foreign data.
 *
 * @param member The member before the input: a citizen can neither found nor join.
 * @param json Parses the inputs of one recording. @default `JSON.parse`
 * @throws KibitzError `journal-damaged`, `journal-version`.
 */
export function readInput(
    number: number, input: RecordedInput, member: Pick<MemberView, 'government'>,
    json: RepeatingJson | null = null
): Played {
    const record = parse(number, input, json) as Played
    const isVersioned = record.method === 'birth' || record.method === 'revive'
    const full = isVersioned && bodyOf(record) !== null ? inputOf(number, record) : record
    try {
        return admitRecorded(full, member, false)
    } catch (cause) {
        throw unusable(number, cause instanceof Error ? cause.message : 'it cannot be read', cause)
    }
}

/**
 * Applies an input.
 *
 * @throws KibitzError `journal-damaged` if the engine throws: members do not record such inputs.
 */
export function applyInput<T>(number: number, apply: () => T): T {
    try {
        return apply()
    } catch (cause) {
        throw unusable(number, 'it cannot be applied', cause)
    }
}

/** Rejects an input that no member records at this place: a second birth, or another member's. */
export function rejectPlace(number: number, { method, body }: Played, recording: Recording): void {
    if (method !== 'birth') {
        return
    }
    if (number !== recording.first || recording.start !== null) {
        throw unusable(number, 'a birth is the first input of a member')
    }
    if (recording.id !== null && body.id !== recording.id) {
        throw unusable(number, `the recording belongs to ${recording.id}, but the input to `
            + body.id)
    }
}

/**
 * The member of a recording before the first input.
 *
 * @throws KibitzError `invalid-argument` without a birth and without a state; `journal-damaged` if
 * the state is no state of this version.
 */
export function beginMember({ id, first, inputs, start }: Recording): ReplayedMember {
    if (start !== null) {
        try {
            return ReplayedMember.restore(start)
        } catch (cause) {
            throw new KibitzError('journal-damaged', 'The state before the recording is no state '
                + 'of a member, or the state of another version. Nothing was changed; replay with '
                + 'the version of kibitz that made the recording.', { cause })
        }
    }
    const [birth] = inputs
    const record = birth === undefined ? {} : parse(first, birth, null)
    const born = 'method' in record && record.method === 'birth' ? bodyOf(record)?.['id'] : null
    if (typeof born === 'string') {
        return ReplayedMember.begin(born)
    }
    if (id !== null && birth === undefined) {
        return ReplayedMember.begin(id)
    }
    throw new KibitzError('invalid-argument', 'The recording does not begin with the birth of its '
        + 'member. Nothing was done; pass the recording from its first input on, or pass the '
        + 'state before its first input as state.')
}
