import Signal from 'signal'
import { Monotonic } from '../../src/base/monotonic.js'
import type { LogEntry } from '../../src/paxos/messages/messages.js'
import type { Assignment } from './service.js'

/** A write, and the entry it came with. */
interface Write extends Assignment {
    readonly promise: Monotonic
}

/** What was written last under each key, and what before, so that it can be had as of an entry. */
export class Keys {
    readonly #writes: Write[] = []
    readonly #last = new Map<string, string>()
    readonly #moved = new Signal()
    /** The last entry that was applied. */
    applied: Monotonic = '0/0'

    /** What a key holds. */
    read(key: string): string | null {
        return this.#last.get(key) ?? null
    }

    /** Takes over another member's state as of an entry. */
    restore(promise: Monotonic, state: unknown): void {
        for (const write of state as readonly Write[]) {
            this.#write(write)
        }
        this.#move(promise)
    }

    /** Applies the next entry. */
    apply({ promise, method, body }: LogEntry): void {
        const assignment = method === 'entry' ? body.body as Assignment | null : null
        if (assignment !== null) {
            this.#write({ promise, ...assignment })
        }
        this.#move(promise)
    }

    /** Resolves once an entry has been applied. */
    async until(promise: Monotonic): Promise<void> {
        while (Monotonic.compare(this.applied, promise) < 0) {
            await new Promise<void>((resolve) => {
                this.#moved.wait(() => resolve())
            })
        }
    }

    /** The state as of an entry, once that has been applied. */
    async through(promise: Monotonic): Promise<readonly Write[]> {
        await this.until(promise)
        const writes = this.#writes.filter((write) =>
            Monotonic.compare(write.promise, promise) <= 0)
        return [...new Map(writes.map((write) => [write.key, write])).values()]
    }

    #write(write: Write): void {
        this.#writes.push(write)
        this.#last.set(write.key, write.value)
    }

    #move(promise: Monotonic): void {
        this.applied = promise
        this.#moved.notify()
    }
}
