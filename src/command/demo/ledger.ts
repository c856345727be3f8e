import Signal from 'signal'
import { Monotonic } from '../../base/monotonic.js'
import type { GovernmentBody, LogEntry } from '../../paxos/messages/messages.js'

/** A published line of the text. */
export interface LedgerLine {
    /** The client that has taken the line. */
    readonly publisher: string
    /** The position in the text, from 1. Each publisher takes its lines in rising order. */
    readonly number: number
    readonly text: string
}

/** A government in the ledger. */
export interface LedgerGovernment {
    readonly kind: 'government'
    readonly promise: Monotonic
    readonly majority: readonly string[]
    readonly minority: readonly string[]
    readonly constituents: readonly string[]
    readonly naturalized: readonly string[]
    readonly exiled: string | null
    /** The change in words, for example `d immigrated`. */
    readonly change: string
}

/** An entry in the ledger; `line` is `null` if the entry is a barrier, which has no body. */
export interface LedgerLineEntry {
    readonly kind: 'line'
    readonly promise: Monotonic
    readonly line: LedgerLine | null
}

/** An entry of the log in the ledger. */
export type LedgerEntry = LedgerGovernment | LedgerLineEntry

function describe({ promise, ...body }: GovernmentBody, leader: string | undefined): string {
    const { immigrate, naturalize, exile, promote, demote = null, map } = body
    const changes = [
        immigrate !== null && promise === '1/0' ? `${immigrate.id} founded the republic` : null,
        immigrate !== null && promise !== '1/0' ? `${immigrate.id} immigrated` : null,
        naturalize !== null ? `${naturalize} naturalized` : null,
        exile !== null ? `${exile.id} was exiled` : null,
        promote !== null ? `${promote.map(({ id }) => id).join(', ')} took a seat` : null,
        demote !== null ? `${demote} gave up its seat` : null,
        map === null && promise !== '1/0' ? `${leader} leads after a collapse` : null
    ]
    return changes.filter((change) => change !== null).join('; ') || 'the seats changed'
}

/** Copies field by field, so that the JSON, and thus the hash, is the same at every member. */
function ledgerEntryOf(entry: LogEntry): LedgerEntry {
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
 * The application of the demo: a state machine with the log as its state. Members that apply the
 * same entries in order have equal states.
 */
export class Ledger {
    #entries: LedgerEntry[] = []
    #numbers = new Set<number>()
    readonly #applied = new Signal()

    /** Replaces the state by the state of another member. */
    restore(entries: readonly LedgerEntry[]): void {
        this.#entries = []
        this.#numbers = new Set()
        for (const entry of entries) {
            this.#add(entry)
        }
        this.#applied.notify()
    }

    /** Applies the next entry of the log. */
    apply(entry: LogEntry): LedgerEntry {
        const applied = ledgerEntryOf(entry)
        this.#add(applied)
        this.#applied.notify()
        return applied
    }

    /** Selects the line numbers that the ledger contains. */
    find(numbers: readonly number[]): number[] {
        return numbers.filter((number) => this.#numbers.has(number))
    }

    /** Waits until an entry is applied; resolves with the state through this entry. */
    async through(promise: Monotonic): Promise<readonly LedgerEntry[]> {
        const isBefore = (entry: LedgerEntry | undefined): boolean =>
            entry === undefined || Monotonic.compare(entry.promise, promise) < 0
        while (isBefore(this.#entries.at(-1))) {
            await new Promise<void>((resolve) => {
                this.#applied.wait(() => resolve())
            })
        }
        return this.#entries.filter((entry) => Monotonic.compare(entry.promise, promise) <= 0)
    }

    #add(entry: LedgerEntry): void {
        this.#entries.push(entry)
        if (entry.kind === 'line' && entry.line !== null) {
            this.#numbers.add(entry.line.number)
        }
    }
}
