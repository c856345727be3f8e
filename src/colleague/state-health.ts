import { monitorEventLoopDelay } from 'node:perf_hooks'
import { MemberLogger, type Named } from '../base/member-logger.js'
import { type ReadingTerms, type SnapshotFault, UnreadState } from './chunks.js'

/** The use of a snapshot: the state of a newcomer, or this member's journal. */
export type SnapshotPurpose = 'newcomer' | 'journal'

/** A snapshot that failed. */
export interface SnapshotFailure {
    /** In milliseconds since the epoch. */
    readonly at: number
    readonly purpose: SnapshotPurpose
    /** The reason; `journal` if the journal has refused the snapshot. */
    readonly code: SnapshotFault | 'journal'
    readonly message: string
}

/** A time in which a snapshot blocked the whole process. */
export interface Stall {
    /** The end of the snapshot, in milliseconds since the epoch. */
    readonly at: number
    /** The duration, in milliseconds. */
    readonly ms: number
}

/** The snapshots of a Colleague, for an operator. */
export interface SnapshotHealth {
    /** The time since the begin of the snapshot under way, in milliseconds; `null` otherwise. */
    readonly makingMs: number | null
    /** The last failure; `null` if there is none, or if a later snapshot of the use succeeded. */
    readonly failure: SnapshotFailure | null
    /** Number of failures since the start. */
    readonly failures: number
    /** The longest stall of the last snapshot that has caused a stall; `null` without a stall. */
    readonly stall: Stall | null
    /**
     * The instant of the last snapshot in the journal, in milliseconds since the epoch; `null` if
     * the journal has received no snapshot since the start.
     */
    readonly storedAt: number | null
    /** The age of that snapshot, in milliseconds. */
    readonly storedAgeMs: number | null
}

/** The options that the watch uses. */
interface WatchSettings {
    /** A stall of more than half of this time is reported. In milliseconds. */
    readonly timeout: number
    /** The longest time without a piece, in milliseconds. */
    readonly snapshotTimeout: number
}

/** Limits and measures the snapshots of the application, and keeps their failures. */
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

    /** Runs and measures one snapshot. Settles like `work`. */
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

    /** The snapshots at this instant. */
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

    /** Ends the snapshot under way with the fault `closed`. */
    close(): void {
        this.#closed.abort()
    }
}
