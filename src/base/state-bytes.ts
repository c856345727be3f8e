import { types } from 'node:util'
import { KibitzError } from './errors.js'

/** A piece of a state: bytes in any view or buffer, or a text, which is stored as UTF-8. */
export type StatePiece = string | ArrayBufferView | ArrayBufferLike

/** The application's state: bytes or text, in one piece or in several pieces. */
export type StateBytes = StatePiece | Iterable<StatePiece> | AsyncIterable<StatePiece>

function isPiece(value: unknown): value is StatePiece {
    return typeof value === 'string' || ArrayBuffer.isView(value) || types.isAnyArrayBuffer(value)
}

function kindOf(value: unknown): string {
    return value === null ? 'null' : Array.isArray(value) ? 'a list' : `a ${typeof value}`
}

/** Rejects a piece that is neither bytes nor text. */
function rejectPiece(piece: unknown): never {
    throw new KibitzError(
        'invalid-argument',
        `A piece of a state is bytes or text, not ${kindOf(piece)}. No snapshot was stored and ` +
            'nothing was dropped; encode the state, for example with JSON.stringify.'
    )
}

function bytesOf(piece: unknown): Uint8Array {
    if (typeof piece === 'string') {
        return Buffer.from(piece, 'utf8')
    }
    if (ArrayBuffer.isView(piece)) {
        return new Uint8Array(piece.buffer, piece.byteOffset, piece.byteLength)
    }
    return types.isAnyArrayBuffer(piece) ? new Uint8Array(piece) : rejectPiece(piece)
}

/**
 * Rejects a value that is not a state. Reads nothing of an iterable.
 *
 * @throws KibitzError `invalid-argument`.
 */
export function checkState(state: unknown): asserts state is StateBytes {
    const isList = typeof state === 'object' && state !== null && !isPiece(state)
        && (Symbol.asyncIterator in state || Symbol.iterator in state)
    if (!isPiece(state) && !isList) {
        throw new KibitzError(
            'invalid-argument',
            `A state is bytes, text, or an iterable of these, not ${kindOf(state)}. Nothing was ` +
                'written and nothing was dropped; if the state is a promise, await the promise.'
        )
    }
}

/**
 * Yields the pieces of a state as bytes. A piece of another kind ends the iteration with an error,
 * so that a journal never stores a part of a state as the whole state.
 *
 * @throws KibitzError `invalid-argument`.
 */
export async function* piecesOf(state: StateBytes): AsyncGenerator<Uint8Array> {
    if (isPiece(state)) {
        yield bytesOf(state)
        return
    }
    for await (const piece of state) {
        yield bytesOf(piece)
    }
}

/**
 * Returns a piece or a record as a journal takes it: a `Uint8Array` of any realm.
 *
 * @throws KibitzError `invalid-argument`.
 */
export function checkBytes(piece: unknown): Uint8Array {
    if (!types.isUint8Array(piece)) {
        throw new KibitzError(
            'invalid-argument',
            `A journal takes a Uint8Array, not ${kindOf(piece)}. Nothing was kept or dropped.`
        )
    }
    return piece
}
