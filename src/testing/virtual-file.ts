/** A change of a file that no synchronization has made stable. */
export type FileChange =
    { readonly at: number, readonly bytes: Uint8Array } | { readonly size: number }

/** The smallest growth of the memory for a file, in bytes. */
const GROWTH = 1024

/** Bytes that grow at their end without a copy for each change. */
class GrowingBytes {
    #bytes: Buffer = Buffer.alloc(0)
    size = 0

    /** The current contents. */
    get contents(): Buffer {
        return this.#bytes.subarray(0, this.size)
    }

    /** Applies a change. */
    apply(change: FileChange): void {
        if ('size' in change) {
            this.#reserve(change.size)
            this.#clear(change.size)
            this.size = change.size
            return
        }
        const end = change.at + change.bytes.length
        this.#reserve(end)
        this.#clear(change.at)
        this.#bytes.set(change.bytes, change.at)
        this.size = Math.max(this.size, end)
    }

    /** Replaces the contents. */
    set(contents: Uint8Array): void {
        this.#bytes = Buffer.from(contents)
        this.size = contents.length
    }

    #reserve(size: number): void {
        if (size > this.#bytes.length) {
            const grown = Buffer.allocUnsafe(Math.max(size, 2 * this.#bytes.length + GROWTH))
            this.#bytes.copy(grown, 0, 0, this.size)
            this.#bytes = grown
        }
    }

    /** Fills the space between the end and an offset behind the end with zeros. */
    #clear(to: number): void {
        if (to > this.size) {
            this.#bytes.fill(0, this.size, to)
        }
    }
}

/** The size of the part of a write that a disk writes as a whole, in bytes. */
const SECTOR = 512

/** A file of a virtual disk: the contents that processes see, and the stable contents. */
export class VirtualFile {
    readonly inode: number
    readonly #seen = new GrowingBytes()
    readonly #stable = new GrowingBytes()
    #changes: FileChange[] = []

    constructor(inode: number) {
        this.inode = inode
    }

    /** The contents that processes see. */
    get contents(): Buffer {
        return this.#seen.contents
    }

    /** Whether a loss of power would lose a change. */
    get isUnstable(): boolean {
        return this.#changes.length !== 0
    }

    /** Changes the contents. */
    change(change: FileChange): void {
        this.#seen.apply(change)
        this.#changes.push(change)
    }

    /** Makes all changes so far stable. */
    sync(): void {
        for (const change of this.#changes) {
            this.#stable.apply(change)
        }
        this.#changes = []
    }

    /** Keeps the stable contents, and the sectors of later writes that `isKept` accepts. */
    losePower(isKept: () => boolean): void {
        for (const change of this.#changes) {
            if ('size' in change) {
                if (isKept()) {
                    this.#stable.apply(change)
                }
                continue
            }
            for (let from = 0; from < change.bytes.length;) {
                const left = SECTOR - (change.at + from) % SECTOR
                const to = Math.min(change.bytes.length, from + left)
                if (isKept()) {
                    const bytes = change.bytes.subarray(from, to)
                    this.#stable.apply({ at: change.at + from, bytes })
                }
                from = to
            }
        }
        this.#changes = []
        this.#seen.set(this.#stable.contents)
    }
}
