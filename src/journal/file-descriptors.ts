import { closeSync, open, openSync, readdirSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { devNull } from 'node:os'
import { promisify } from 'node:util'

const openLater = promisify(open)

/**
 * The maximum number of descriptors that a journal opens besides its permanent ones: a new segment,
 * a snapshot, the folder that is synchronized, and one more.
 */
const RESERVE = 4

function isExhausted(error: unknown): boolean {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    return code === 'EMFILE' || code === 'ENFILE'
}

/**
 * Opens the files of a journal, even if the process has no descriptor left. The sockets of other
 * peers may use all descriptors of a process, so the journal keeps a few open on the null device.
 * If the system refuses a descriptor, the journal closes a reserved one and opens the file in the
 * same turn, so that no socket can take the descriptor in between.
 */
export class Descriptors {
    #spare: number[] = []
    /** The number of journals that use the reserve. */
    #users = 0

    /** Opens the reserve. Throws if the process has no descriptors left. */
    reserve(): void {
        while (this.#spare.length < RESERVE) {
            this.#spare.push(openSync(devNull, 'r'))
        }
        this.#users++
    }

    /** Closes the reserve after its last user. */
    release(): void {
        this.#users--
        if (this.#users > 0) {
            return
        }
        for (const descriptor of this.#spare.splice(0)) {
            closeSync(descriptor)
        }
    }

    /** Opens a file, and yields the descriptor. */
    async open(path: string, flags: string | number, mode?: number): Promise<number> {
        try {
            return await openLater(path, flags, mode)
        } catch (error) {
            if (!this.#closeOne(error)) {
                throw error
            }
            return openSync(path, flags, mode)
        }
    }

    /** The names in a folder. */
    async list(folder: string): Promise<string[]> {
        try {
            return await readdir(folder)
        } catch (error) {
            if (!this.#closeOne(error)) {
                throw error
            }
            const names = readdirSync(folder)
            this.#refill()
            return names
        }
    }

    /** Closes a descriptor. If the reserve is short, the reserve takes the descriptor at once. */
    close(descriptor: number): void {
        closeSync(descriptor)
        this.#refill()
    }

    #closeOne(error: unknown): boolean {
        const descriptor = isExhausted(error) ? this.#spare.pop() : undefined
        if (descriptor === undefined) {
            return false
        }
        closeSync(descriptor)
        return true
    }

    #refill(): void {
        while (this.#users > 0 && this.#spare.length < RESERVE) {
            try {
                this.#spare.push(openSync(devNull, 'r'))
            } catch (error) {
                if (isExhausted(error)) {
                    return
                }
                throw error
            }
        }
    }
}
