import assert from 'node:assert/strict'
import type { Journal } from './journal.js'

/** A record that contains its own number. */
export function text(number: number): Buffer {
    return Buffer.from(`record ${number}`)
}

/** The records `from` to `through`, in the form in which `all` returns records. */
export function texts(from: number, through: number): string[] {
    return Array.from({ length: through - from + 1 }, (_, index) => write(text(from + index)))
}

function write(piece: Uint8Array): string {
    return Buffer.from(piece).toString('latin1')
}

/** Reads all pieces; each piece becomes a string of its bytes. */
export async function all(pieces: AsyncIterable<Uint8Array>): Promise<string[]> {
    const read: string[] = []
    for await (const piece of pieces) {
        read.push(write(piece))
    }
    return read
}

/** Reads the records of a journal from a number on. Rejects if `read` and `readMany` differ. */
export async function records(journal: Journal, from: number): Promise<string[]> {
    const read = await all(journal.read(from))
    if (journal.readMany !== undefined) {
        const many: string[] = []
        for await (const some of journal.readMany(from)) {
            many.push(...some.map(write))
        }
        assert.deepEqual(many, read)
    }
    return read
}
