import { createHash } from 'node:crypto'
import type { LogEntry } from '../../src/paxos/messages/messages.js'
import type { Said, Tally } from './words.js'

/** How often it says what the log comes to, in values. */
const MARK = 16

/** What a user publishes here. */
export interface Line {
    readonly by: string
    readonly n: number
    readonly text: string
}

/** The application: it counts what is in the log, where each publisher has 1, 2, 3 and so on. */
export class Register {
    tally: Tally = { count: 0, hash: '', lasts: {} }
    /** The last entry that was applied. */
    promise = '0/0'
    readonly #say: (said: Said) => void
    #watchers: (() => void)[] = []

    constructor(say: (said: Said) => void) {
        this.#say = say
    }

    /** Goes on from what a snapshot kept. */
    restore(promise: string, state: Buffer): void {
        this.tally = JSON.parse(state.toString()) as Tally
        this.promise = promise
    }

    /** Applies the next entry; whether that is a value. */
    apply(entry: LogEntry): boolean {
        this.promise = entry.promise
        const line = entry.method === 'entry' ? entry.body.body as Line | null : null
        if (line !== null) {
            this.#count(entry.promise, line)
        }
        for (const seen of this.#watchers.splice(0)) {
            seen()
        }
        return line !== null
    }

    /** Resolves with the next entry. */
    grown(): Promise<void> {
        return new Promise((resolve) => this.#watchers.push(resolve))
    }

    #count(promise: string, line: Line): void {
        const { hash, lasts } = this.tally
        const count = this.tally.count + 1
        const last = lasts[line.by] ?? 0
        if (line.n !== last + 1) {
            this.#say({ fault: `${promise}: ${line.by}'s ${line.n} follows on its ${last}` })
        }
        lasts[line.by] = line.n
        const text = `${hash} ${promise} ${JSON.stringify(line)}`
        this.tally = { count, hash: createHash('sha256').update(text).digest('base64'), lasts }
        if (count % MARK === 0) {
            this.#say({ mark: count, hash: this.tally.hash })
        }
    }
}
