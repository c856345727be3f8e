import Signal from 'signal'
import { Monotonic } from '../../src/monotonic.js'
import type { LogEntry } from '../../src/paxos/message.js'
import type { Observation } from './log.js'

/** A write, and the entry it came with. */
export interface Write {
    readonly promise: Monotonic
    readonly key: string
    readonly value: string
}

/** The same text for the same value, whatever the order in which its fields were put. */
function canonical(value: unknown): string {
    return JSON.stringify(value, (_key, one: unknown) =>
        typeof one === 'object' && one !== null && !Array.isArray(one)
            ? Object.fromEntries(Object.entries(one).sort(([left], [right]) =>
                left < right ? -1 : 1))
            : one)
}

/** The state of the service: what was written last under each key, and what was before. */
export class Keys {
    #writes: Write[] = []
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

    /** Applies the next entry, and yields what an observer notes of it. */
    apply(entry: LogEntry): Observation {
        const { promise, method, body } = entry
        const text = canonical(method === 'government' ? [body, entry.government] : body)
        const write = method === 'entry'
            ? body.body as { readonly key: string; readonly value: string } | null
            : null
        if (write !== null) {
            this.#write({ promise, ...write })
        }
        this.#move(promise)
        return { promise, text, value: write?.value ?? null }
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
