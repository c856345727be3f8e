import { Monotonic } from '../base/monotonic.js'
import { cut, UnreadState } from './chunks.js'
import type { ColleagueSettings } from './options.js'
import { packJson, packBytes } from './chunk-encoding.js'
import type { ChunkPost, RefusalCode, SnapshotOffer } from './out-of-band-messages.js'
import type { StateMachine } from './state-machine.js'
import { DiskBuffer } from './disk-buffer.js'

/** The maximum number of snapshots: the one that newcomers read, and a newer one. */
const SNAPSHOTS_MAX = 2

/** The time after the last request in which a snapshot counts as read, in milliseconds. */
const READING_MS = 5000

/** The maximum number of chunks that are read and encoded at the same time. */
const CHUNKS_ACTIVE = 16

/** The maximum number of chunk requests that wait; a further request is `overloaded`. */
const CHUNKS_WAITING = 1024

/** A snapshot for newcomers. */
interface CachedSnapshot {
    readonly key: string
    readonly diskBuffer: DiskBuffer
    /** Removes the snapshot if no newcomer requests a chunk within `handoverTimeout`. */
    readonly expiry: NodeJS.Timeout
    /** The instant of the last request, in milliseconds since the start of the process. */
    askedAt: number
}

type SnapshotOrRefusal = CachedSnapshot | RefusalCode

/**
 * The snapshots that newcomers read from this member.
 *
 * 1. The application writes its state to a DiskBuffer and continues; newcomers read from the
 *    DiskBuffer.
 * 2. Newcomers share a snapshot that is new enough for them. The cache holds at most two snapshots.
 *    While newcomers read both, no third snapshot begins.
 * 3. If no newcomer requests a chunk within `handoverTimeout`, the cache removes the snapshot.
 * 4. After a failure the next snapshot begins after a pause only. So the requests of a newcomer
 *    cannot occupy the application.
 */
export class SnapshotCache {
    readonly #stateMachine: Pick<StateMachine, 'applied' | 'snapshot'>
    readonly #settings: ColleagueSettings
    /** The newest is last. */
    #snapshots: CachedSnapshot[] = []
    /** Resolves when the position of the next snapshot in the log is known, or with a refusal. */
    #starting: Promise<SnapshotOrRefusal> | null = null
    #isSnapshotUnderWay = false
    /** The last failure: its code, the number of failures in a row, and its instant. */
    #failure: { readonly code: RefusalCode; readonly times: number; readonly at: number } | null =
        null
    #isClosed = false
    #readsActive = 0
    #readsWaiting: (() => void)[] = []
    #chunkRequests = 0

    constructor(
        stateMachine: Pick<StateMachine, 'applied' | 'snapshot'>, settings: ColleagueSettings
    ) {
        this.#stateMachine = stateMachine
        this.#settings = settings
    }

    /** Number of snapshots in the cache. */
    get size(): number {
        return this.#snapshots.length
    }

    /**
     * Offers a snapshot that contains an entry, as soon as the position of the snapshot in the log
     * is known; the application may still write the pieces. If the entry is not applied yet, or if
     * no snapshot begins within half of `outOfBandTimeout`, the answer is `not-ready`.
     */
    async offer(through: Monotonic): Promise<SnapshotOffer | RefusalCode> {
        if (Monotonic.compare(this.#stateMachine.applied, through) < 0) {
            return 'not-ready'
        }
        const cached = this.#snapshots.findLast(
            ({ diskBuffer }) =>
                diskBuffer.failure === null && Monotonic.compare(diskBuffer.promise, through) >= 0
        )
        const offered = cached ?? (await this.#orNotReady(this.#startOnce()))
        if (typeof offered === 'string') {
            return offered
        }
        if (Monotonic.compare(offered.diskBuffer.promise, through) < 0) {
            // This snapshot began before the entry was applied.
            return 'not-ready'
        }
        this.#markRead(offered)
        const { promise, total } = offered.diskBuffer
        return Object.freeze({ snapshot: offered.key, promise, size: total?.size ?? null })
    }

    /**
     * A chunk of an offered snapshot; the totals if `index` is behind the last chunk.
     * If the application does not write the chunk within half of `outOfBandTimeout`, the answer is
     * `not-ready`.
     */
    async chunk({ snapshot, index, bytes }: ChunkPost): Promise<object | RefusalCode> {
        const cached = this.#snapshots.find(({ key }) => key === snapshot)
        if (cached === undefined) {
            return 'expired'
        }
        this.#markRead(cached)
        if (this.#chunkRequests >= CHUNKS_WAITING) {
            return 'overloaded'
        }
        this.#chunkRequests++
        try {
            await cached.diskBuffer.wait(index, Math.ceil(this.#settings.outOfBandTimeout / 2))
            await this.#acquireReadSlot()
            return await this.#read(cached, index, bytes === true)
        } catch {
            return this.#isClosed ? 'expired' : 'failed'
        } finally {
            this.#chunkRequests--
        }
    }

    async #read(
        cached: CachedSnapshot, index: number, asBytes: boolean
    ): Promise<object | RefusalCode> {
        try {
            const { diskBuffer } = cached
            if (diskBuffer.failure !== null) {
                return refusalOf(diskBuffer.failure)
            }
            const { total } = diskBuffer
            if (total !== null && index >= total.chunks) {
                // This newcomer has read all chunks. The snapshot no longer counts as read.
                cached.askedAt = Number.NEGATIVE_INFINITY
                return total
            }
            const piece = await diskBuffer.read(index)
            if (piece === null) {
                return this.#snapshots.includes(cached) ? 'not-ready' : 'expired'
            }
            return asBytes ? packBytes(piece) : packJson(piece)
        } finally {
            this.#readsActive--
            this.#readsWaiting.shift()?.()
        }
    }

    /** Waits until fewer than `CHUNKS_ACTIVE` chunks are being read. */
    async #acquireReadSlot(): Promise<void> {
        if (this.#readsActive >= CHUNKS_ACTIVE) {
            await new Promise<void>((resolve) => {
                this.#readsWaiting.push(resolve)
            })
        }
        this.#readsActive++
    }

    #markRead(cached: CachedSnapshot): void {
        cached.askedAt = performance.now()
        cached.expiry.refresh()
    }

    /** Removes all snapshots. */
    close(): void {
        this.#isClosed = true
        for (const cached of [...this.#snapshots]) {
            this.#remove(cached)
        }
    }

    #startOnce(): Promise<SnapshotOrRefusal> {
        if (this.#starting === null) {
            const starting = this.#startSnapshot()
            this.#starting = starting
            const over = (): void => {
                this.#starting = null
            }
            starting.then(over, over)
        }
        return this.#starting
    }

    /** Resolves as soon as the position of the snapshot in the log is known. Never rejects. */
    #startSnapshot(): Promise<SnapshotOrRefusal> {
        if (this.#failure !== null && performance.now() - this.#failure.at < this.#pauseMs) {
            return Promise.resolve(this.#failure.code)
        }
        if (this.#isSnapshotUnderWay || !this.#makeRoom()) {
            return Promise.resolve('not-ready')
        }
        this.#isSnapshotUnderWay = true
        const { chunkSize, snapshotSize, spoolFolder } = this.#settings
        return new Promise((resolve) => {
            const writing = this.#stateMachine.snapshot('newcomer', async (promise, pieces) => {
                const diskBuffer = new DiskBuffer(promise, chunkSize, spoolFolder)
                resolve(this.#isClosed ? 'stateless' : this.#add(diskBuffer))
                await diskBuffer.fill(cut(pieces, chunkSize), snapshotSize)
            })
            const over = (failure: RefusalCode | null): void => {
                this.#isSnapshotUnderWay = false
                const at = performance.now()
                const times = (this.#failure?.times ?? 0) + 1
                this.#failure = failure === null ? null : { code: failure, times, at }
                resolve(failure ?? 'failed')
            }
            writing.then(
                () => over(null),
                (error) => over(error instanceof UnreadState ? refusalOf(error) : 'stateless')
            )
        })
    }

    /** The pause after a failure. Doubles with each further failure, up to `handoverTimeout`. */
    get #pauseMs(): number {
        const { timeout, handoverTimeout } = this.#settings
        return Math.min(handoverTimeout, timeout * 2 ** ((this.#failure?.times ?? 1) - 1))
    }

    /** Removes failed and unread snapshots until one more fits. Returns whether one more fits. */
    #makeRoom(): boolean {
        const now = performance.now()
        const isOver = ({ diskBuffer, askedAt }: CachedSnapshot): boolean =>
            diskBuffer.failure !== null || now - askedAt > READING_MS
        while (this.#snapshots.length >= SNAPSHOTS_MAX) {
            const over = this.#snapshots.find(isOver)
            if (over === undefined) {
                return false
            }
            this.#remove(over)
        }
        return true
    }

    #add(diskBuffer: DiskBuffer): CachedSnapshot {
        const key = this.#settings.drawHex(16)
        const expiry = setTimeout(() => this.#remove(cached), this.#settings.handoverTimeout)
        const cached: CachedSnapshot = { key, diskBuffer, expiry, askedAt: performance.now() }
        this.#snapshots.push(cached)
        return cached
    }

    #remove(cached: CachedSnapshot): void {
        clearTimeout(cached.expiry)
        this.#snapshots = this.#snapshots.filter((one) => one !== cached)
        void cached.diskBuffer.close()
    }

    #orNotReady(writing: Promise<SnapshotOrRefusal>): Promise<SnapshotOrRefusal> {
        return new Promise((resolve) => {
            const patienceMs = Math.ceil(this.#settings.outOfBandTimeout / 2)
            const timer = setTimeout(() => resolve('not-ready'), patienceMs)
            writing.then((offered) => {
                clearTimeout(timer)
                resolve(offered)
            })
        })
    }
}

function refusalOf({ fault }: UnreadState): RefusalCode {
    return fault === 'too-large' ? 'too-large' : 'failed'
}
