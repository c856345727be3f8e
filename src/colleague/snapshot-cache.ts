import { randomBytes } from 'node:crypto'
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
        const kept = this.#snapshots.findLast(
            ({ diskBuffer }) =>
                diskBuffer.failure === null && Monotonic.compare(diskBuffer.promise, through) >= 0
        )
        const made = kept ?? (await this.#orNotReady(this.#startOnce()))
        if (typeof made === 'string') {
            return made
        }
        if (Monotonic.compare(made.diskBuffer.promise, through) < 0) {
            // This snapshot began before the entry was applied.
            return 'not-ready'
        }
        this.#markRead(made)
        const { promise, total } = made.diskBuffer
        return Object.freeze({ snapshot: made.key, promise, size: total?.size ?? null })
    }

    /**
     * A chunk of an offered snapshot; the totals if `index` is behind the last chunk.
     * If the application does not write the chunk within half of `outOfBandTimeout`, the answer is
     * `not-ready`.
     */
    async chunk({ snapshot, index, bytes }: ChunkPost): Promise<object | RefusalCode> {
        const kept = this.#snapshots.find(({ key }) => key === snapshot)
        if (kept === undefined) {
            return 'expired'
        }
        this.#markRead(kept)
        if (this.#chunkRequests >= CHUNKS_WAITING) {
            return 'overloaded'
        }
        this.#chunkRequests++
        try {
            await kept.diskBuffer.wait(index, Math.ceil(this.#settings.outOfBandTimeout / 2))
            await this.#acquireReadSlot()
            return await this.#read(kept, index, bytes === true)
        } catch {
            return this.#isClosed ? 'expired' : 'failed'
        } finally {
            this.#chunkRequests--
        }
    }

    async #read(
        kept: CachedSnapshot, index: number, asBytes: boolean
    ): Promise<object | RefusalCode> {
        try {
            const { diskBuffer } = kept
            if (diskBuffer.failure !== null) {
                return refusalOf(diskBuffer.failure)
            }
            const { total } = diskBuffer
            if (total !== null && index >= total.chunks) {
                // This newcomer has read all chunks. The snapshot no longer counts as read.
                kept.askedAt = Number.NEGATIVE_INFINITY
                return total
            }
            const piece = await diskBuffer.read(index)
            if (piece === null) {
                return this.#snapshots.includes(kept) ? 'not-ready' : 'expired'
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

    #markRead(kept: CachedSnapshot): void {
        kept.askedAt = performance.now()
        kept.expiry.refresh()
    }

    /** Removes all snapshots. */
    close(): void {
        this.#isClosed = true
        for (const kept of [...this.#snapshots]) {
            this.#remove(kept)
        }
    }

    #startOnce(): Promise<SnapshotOrRefusal> {
        if (this.#starting === null) {
            const beginning = this.#startSnapshot()
            this.#starting = beginning
            const over = (): void => {
                this.#starting = null
            }
            beginning.then(over, over)
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
            const making = this.#stateMachine.snapshot('newcomer', async (promise, pieces) => {
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
            making.then(
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
        const key = randomBytes(16).toString('hex')
        const expiry = setTimeout(() => this.#remove(kept), this.#settings.handoverTimeout)
        const kept: CachedSnapshot = { key, diskBuffer, expiry, askedAt: performance.now() }
        this.#snapshots.push(kept)
        return kept
    }

    #remove(kept: CachedSnapshot): void {
        clearTimeout(kept.expiry)
        this.#snapshots = this.#snapshots.filter((one) => one !== kept)
        void kept.diskBuffer.close()
    }

    #orNotReady(making: Promise<SnapshotOrRefusal>): Promise<SnapshotOrRefusal> {
        return new Promise((resolve) => {
            const patienceMs = Math.ceil(this.#settings.outOfBandTimeout / 2)
            const timer = setTimeout(() => resolve('not-ready'), patienceMs)
            making.then((made) => {
                clearTimeout(timer)
                resolve(made)
            })
        })
    }
}

function refusalOf({ fault }: UnreadState): RefusalCode {
    return fault === 'too-large' ? 'too-large' : 'failed'
}
