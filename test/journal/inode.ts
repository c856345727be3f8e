/** One thing that was done to a file and has not been synchronized. */
export type Change = { readonly at: number, readonly bytes: Buffer } | { readonly size: number }

/** A file, whatever its name: what everybody sees, and what a loss of power leaves. */
export class Inode {
    readonly number: number
    readonly born: number
    seen: Buffer = Buffer.alloc(0)
    stable: Buffer = Buffer.alloc(0)
    changes: Change[] = []

    constructor(number: number, born: number) {
        this.number = number
        this.born = born
    }
}

/** The bytes of a file after a change. */
export function applied(bytes: Buffer, change: Change): Buffer {
    if ('size' in change) {
        return Buffer.from(bytes.subarray(0, change.size))
    }
    const grown = Buffer.alloc(Math.max(bytes.length, change.at + change.bytes.length))
    bytes.copy(grown)
    change.bytes.copy(grown, change.at)
    return grown
}
