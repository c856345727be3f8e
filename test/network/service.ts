import type { Kibitzer } from '../../src/member/kibitzer.js'
import { Monotonic } from '../../src/base/monotonic.js'
import type { LogEntry } from '../../src/paxos/messages/messages.js'
import type { Observation } from './log.js'

/** What a read yields, and the last entry that had been applied then. */
export interface Reading {
    readonly value: string | null
    readonly at: Monotonic
}

/** Keys that hold values, as one member of a republic offers them. */
export interface Service {
    readonly kibitzer: Kibitzer
    /** Takes the calls of the others. */
    start(): Promise<void>
    /** Founds the republic. */
    found(): Promise<void>
    /** Joins the republic through whoever is there. */
    join(addresses: readonly string[]): Promise<void>
    /** Writes, and yields the entry that did. */
    write(key: string, value: string): Promise<Monotonic>
    read(key: string): Promise<Reading>
    /** Ends all that keeps the process alive. */
    stop(): void
}

/** The name of the republic. */
export const REPUBLIC = 'network'

/** What is published. */
export interface Assignment {
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

/** What an observer notes of an entry. */
export function observe(entry: LogEntry): Observation {
    const { promise } = entry
    if (entry.method === 'government') {
        return { promise, text: canonical([entry.body, entry.government]), value: null }
    }
    const assignment = entry.body.body as Assignment | null
    return { promise, text: canonical(entry.body), value: assignment?.value ?? null }
}

/** The later of two promises. */
export function later(one: Monotonic, other: Monotonic): Monotonic {
    return Monotonic.compare(one, other) < 0 ? other : one
}
