import Signal from 'signal'
import { Monotonic } from '../../base/monotonic.js'
import type { GovernmentBody, LogEntry } from '../../paxos/messages/messages.js'

/** A line of the text, as it is published. */
export interface LedgerLine {
    /** Who has taken it. */
    readonly publisher: string
    /** Its place in the text, from one. Whoever takes lines takes them in order. */
    readonly number: number
    readonly text: string
}

/** A government, as the application keeps it. */
export interface KeptGovernment {
    readonly kind: 'government'
    readonly promise: Monotonic
    readonly majority: readonly string[]
    readonly minority: readonly string[]
    readonly constituents: readonly string[]
    readonly naturalized: readonly string[]
    readonly exiled: string | null
    /** What changed, in words. */
    readonly change: string
}

/** A published line, as the application keeps it; `null` where an entry settled a doubt. */
export interface KeptLine {
    readonly kind: 'line'
    readonly promise: Monotonic
    readonly line: LedgerLine | null
}

/** What the application keeps of an entry of the log. */
export type Kept = KeptGovernment | KeptLine

function describe({ promise, ...body }: GovernmentBody, leader: string | undefined): string {
    const { immigrate, naturalize, exile, promote, demote, map } = body
    const changes = [
        immigrate !== null && promise === '1/0' ? `${immigrate.id} founded the republic` : null,
        immigrate !== null && promise !== '1/0' ? `${immigrate.id} immigrated` : null,
        naturalize !== null ? `${naturalize} naturalized` : null,
        exile !== null ? `${exile.id} was exiled` : null,
        promote !== null ? `${promote.map(({ id }) => id).join(', ')} took a seat` : null,
        demote !== null ? `${demote} gave up its seat` : null,
        map === null && promise !== '1/0' ? `${leader} leads after a collapse` : null
    ]
    return changes.filter((change) => change !== null).join('; ') || 'the seats were dealt anew'
}

/** Field by field, so that its JSON, and hence its hash, is the same at every member. */
function keep(entry: LogEntry): Kept {
    const { promise } = entry
    if (entry.method === 'government') {
        const { majority, minority, constituents, naturalized } = entry.government
        const exiled = entry.body.exile?.id ?? null
        const change = describe(entry.body, majority[0])
        const seats = { majority, minority, constituents, naturalized }
        return { kind: 'government', promise, ...seats, exiled, change }
    }
    const line = entry.body.body as LedgerLine | null
    if (line === null) {
        return { kind: 'line', promise, line }
    }
    const { publisher, number, text } = line
    return { kind: 'line', promise, line: { publisher, number, text } }
}

/**
 * The application of the demonstration: a state machine whose state is the log itself. Apply the
 * entries in order and every member has the same.
 */
export class Ledger {
    #kept: Kept[] = []
    #numbers = new Set<number>()
    readonly #applied = new Signal()

    /** Takes over another member's state: everything up to and with one entry of the log. */
    restore(kept: readonly Kept[]): void {
        this.#kept = []
        this.#numbers = new Set()
        for (const one of kept) {
            this.#add(one)
        }
        this.#applied.notify()
    }

    /** Applies the next entry of the log. */
    apply(entry: LogEntry): Kept {
        const kept = keep(entry)
        this.#add(kept)
        this.#applied.notify()
        return kept
    }

    /** Which of these lines are in the log. */
    find(numbers: readonly number[]): number[] {
        return numbers.filter((number) => this.#numbers.has(number))
    }

    /** The state as of an entry, once that has been applied. */
    async through(promise: Monotonic): Promise<readonly Kept[]> {
        const isBefore = (kept: Kept | undefined): boolean =>
            kept === undefined || Monotonic.compare(kept.promise, promise) < 0
        while (isBefore(this.#kept.at(-1))) {
            await new Promise<void>((resolve) => {
                this.#applied.wait(() => resolve())
            })
        }
        return this.#kept.filter((kept) => Monotonic.compare(kept.promise, promise) <= 0)
    }

    #add(kept: Kept): void {
        this.#kept.push(kept)
        if (kept.kind === 'line' && kept.line !== null) {
            this.#numbers.add(kept.line.number)
        }
    }
}
