import { monitorEventLoopDelay } from 'node:perf_hooks'
import { MemberLogger, type Named } from '../base/member-logger.js'
import { type ReadingTerms, type SnapshotFault, UnreadState } from './chunks.js'

/** The use of a snapshot: the state of a newcomer, or this member's own journal. */
export type SnapshotPurpose = 'newcomer' | 'journal'

/** A snapshot that failed. */
export interface SnapshotFailure {
    /** In milliseconds since the epoch. */
    readonly at: number
    readonly purpose: SnapshotPurpose
    /** `journal` if the journal refused the snapshot. */
    readonly code: SnapshotFault | 'journal'
    readonly message: string
}

/** A time in which making a snapshot kept this process from everything else. */
export interface Stall {
    /** In milliseconds since the epoch. */
    readonly at: number
    /** How long it lasted, in milliseconds. */
    readonly ms: number
}

/** What an operator wants to know of the snapshots of a Colleague, as of now. */
export interface SnapshotHealth {
    /** For how long the application has been yielding its state; `null` while it does not. */
    readonly makingMs: number | null
    /** The last failure; `null` if none has failed, or if a later one of the same use succeeded. */
    readonly failure: SnapshotFailure | null
    /** How many have failed since the start. */
    readonly failures: number
    /** The longest stall of the last snapshot that caused one; `null` if none has. */
    readonly stall: Stall | null
    /** When the journal last took a snapshot; `null` if it has not since the start. */
    readonly storedAt: number | null
    /** The age of that snapshot, in milliseconds. */
    readonly storedAgeMs: number | null
}

/** What the watch is told of the options. */
interface WatchSettings {
    /** A stall of half of this is reported. */
    readonly timeout: number
    readonly snapshotTimeout: number
}

/** Watches the snapshots of an application: bounds them, measures them, and remembers failures. */
export class SnapshotWatch {
    readonly #logger: MemberLogger
    readonly #now: () => number
    readonly #settings: WatchSettings
    readonly #closed = new AbortController()
    readonly #failures = new Map<SnapshotPurpose, SnapshotFailure>()
    #failureCount = 0
    #makingAt: number | null = null
    #stall: Stall | null = null
    #storedAt: number | null = null

    /** @param now The time, in milliseconds since the epoch. */
    constructor(now: () => number, settings: WatchSettings, member: Named) {
        this.#logger = new MemberLogger('kibitz/colleague', () => member)
        this.#now = now
        this.#settings = settings
    }

    /** Watches one snapshot from its beginning to its end, and settles as the work does. */
    async watch<T>(
        purpose: SnapshotPurpose,
        work: (terms: ReadingTerms) => Promise<T>
    ): Promise<T> {
        const delay = monitorEventLoopDelay({ resolution: 20 })
        let blockedMs = 0
        this.#makingAt = this.#now()
        delay.enable()
        try {
            const result = await work({
                limitMs: this.#settings.snapshotTimeout,
                signal: this.#closed.signal,
                blocked: (ms) => {
                    blockedMs = Math.max(blockedMs, ms)
                }
            })
            this.#failures.delete(purpose)
            if (purpose === 'journal') {
                this.#storedAt = this.#now()
            }
            return result
        } catch (error) {
            this.#recordFailure(purpose, error)
            throw error
        } finally {
            delay.disable()
            this.#makingAt = null
            this.#recordStall(Math.max(blockedMs, delay.max / 1e6))
        }
    }

    #recordFailure(purpose: SnapshotPurpose, error: unknown): void {
        const { message } = error instanceof Error ? error : { message: String(error) }
        const code = error instanceof UnreadState ? error.fault : 'journal'
        if (code === 'closed' || this.#closed.signal.aborted) {
            return
        }
        const failure = Object.freeze({ at: this.#now(), purpose, code, message })
        this.#failureCount++
        this.#failures.set(purpose, failure)
        this.#logger.error('snapshot', failure)
    }

    #recordStall(ms: number): void {
        if (ms * 2 > this.#settings.timeout) {
            this.#stall = Object.freeze({ at: this.#now(), ms: Math.round(ms) })
            this.#logger.warn('stall', { during: 'snapshot', ms: this.#stall.ms })
        }
    }

    /** What an operator wants to know, as of now. */
    health(): SnapshotHealth {
        const now = this.#now()
        const [last = null] = [...this.#failures.values()].sort((one, other) => other.at - one.at)
        return Object.freeze({
            makingMs: this.#makingAt === null ? null : now - this.#makingAt,
            failure: last,
            failures: this.#failureCount,
            stall: this.#stall,
            storedAt: this.#storedAt,
            storedAgeMs: this.#storedAt === null ? null : now - this.#storedAt
        })
    }

    /** Ends the snapshot that is being made. */
    close(): void {
        this.#closed.abort()
    }
}
