import assert from 'node:assert/strict'
import type { Journal } from './journal.js'

/** A record that says which it is. */
export function text(number: number): Buffer {
    return Buffer.from(`record ${number}`)
}

/** Such records from one through another, as `all` yields them. */
export function texts(from: number, through: number): string[] {
    return Array.from({ length: through - from + 1 }, (_, index) => write(text(from + index)))
}

function write(piece: Uint8Array): string {
    return Buffer.from(piece).toString('latin1')
}

/** What is read, each piece as a string of its bytes. */
export async function all(pieces: AsyncIterable<Uint8Array>): Promise<string[]> {
    const read: string[] = []
    for await (const piece of pieces) {
        read.push(write(piece))
    }
    return read
}

/** The records of a journal from one on. Rejects where not every way of reading yields the same. */
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
