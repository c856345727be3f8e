/** The total size of the free blocks that are kept, in bytes. */
const FREE_SIZE_MAX = 1024 * 1024

/** A block is at most this part larger than asked for. */
const WASTE = 1 / 16

/** The size of the smallest block that holds so many bytes. */
function blockSize(size: number): number {
    const step = Math.max(64, 2 ** Math.floor(Math.log2(size)) * WASTE)
    return Math.ceil(size / step) * step
}

/**
 * Blocks of memory outside the heap of the runtime, which are used again. New memory outside the
 * heap makes the runtime collect the whole heap early, so a history that forgets as much as it adds
 * should need no new memory.
 *
 * 1. The content of a taken block is arbitrary.
 * 2. The giver of a block must not read the block any more.
 */
export class MemoryBlocks {
    readonly #free: Buffer[] = []
    #freeSize = 0

    /** A block of at least so many bytes, and at most a sixteenth more. */
    take(size: number): Buffer {
        const wanted = blockSize(size)
        const at = this.#free.findIndex(({ length }) => length === wanted)
        const [block] = at === -1 ? [] : this.#free.splice(at, 1)
        this.#freeSize -= block?.length ?? 0
        // A buffer from the pool of the runtime would keep the memory of other buffers.
        return block ?? Buffer.allocUnsafeSlow(wanted)
    }

    /** Takes a block back. Beyond a mebibyte of free blocks, the oldest free blocks go. */
    give(block: Buffer): void {
        this.#free.push(block)
        this.#freeSize += block.length
        while (this.#freeSize > FREE_SIZE_MAX) {
            this.#freeSize -= this.#free.shift()?.length ?? 0
        }
    }
}
