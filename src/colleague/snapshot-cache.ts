import { randomBytes } from 'node:crypto'
import { Monotonic } from '../base/monotonic.js'
import { cut, UnreadState } from './chunks.js'
import type { ColleagueSettings } from './options.js'
import { packJson, packBytes } from './chunk-encoding.js'
import type { ChunkPost, RefusalCode, SnapshotOffer } from './out-of-band-messages.js'
import type { StateMachine } from './state-machine.js'
import { DiskBuffer } from './disk-buffer.js'

/** How many snapshots are kept at a time: one that is being read, and a newer one. */
const SNAPSHOTS_MAX = 2

/** For so long after the last question a snapshot counts as being read, in milliseconds. */
const READING_MS = 5000

/** How many chunks are read and packed at a time, and how many questions may wait for one. */
const CHUNKS_ACTIVE = 16
const CHUNKS_WAITING = 1024

/** A snapshot that newcomers may be reading. */
interface CachedSnapshot {
    readonly key: string
    readonly diskBuffer: DiskBuffer
    /** Drops the snapshot if no newcomer asks for it in time. */
    readonly expiry: NodeJS.Timeout
    /** When a newcomer last asked for a part of it. */
    askedAt: number
}

type SnapshotOrRefusal = CachedSnapshot | RefusalCode

/**
 * The snapshots that newcomers read from this member.
 *
 * 1. The application hands its state to a spool and goes on; newcomers read from the spool.
 * 2. Newcomers share a snapshot if it is new enough for them. At most two are kept, and no third
 *    one is begun while both are being read.
 * 3. A snapshot that no newcomer has asked for in `handoverTimeout` is dropped.
 * 4. After a failure no other one is begun for a while: a newcomer that asks again and again does
 *    not keep the application from its work.
 */
export class SnapshotCache {
    readonly #stateMachine: Pick<StateMachine, 'applied' | 'snapshot'>
    readonly #settings: ColleagueSettings
    /** The newest is last. */
    #snapshots: CachedSnapshot[] = []
    /** Settled when the snapshot that is being begun has its place in the log, or has failed. */
    #starting: Promise<SnapshotOrRefusal> | null = null
    #isSnapshotUnderWay = false
    /** Why the last one failed, how many failed in a row, and when the last of them did. */
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

    /** How many are kept. */
    get size(): number {
        return this.#snapshots.length
    }

    /**
     * Offers a snapshot that holds an entry, as soon as its place in the log is known: the pieces
     * follow while the newcomer reads. If the entry is not applied yet, or if no snapshot can be
     * begun within half of the time that an answer may take, the answer is `not-ready`.
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
            // This snapshot was begun for a newcomer that needed less.
            return 'not-ready'
        }
        this.#markRead(made)
        const { promise, total } = made.diskBuffer
        return Object.freeze({ snapshot: made.key, promise, size: total?.size ?? null })
    }

    /**
     * A part of a snapshot that was offered; what all parts come to, if the state ends before it.
     * If the part is not made in half of the time that an answer may take, the answer is
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
                // This newcomer has read all of it.
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

    /** Waits until fewer chunks are being read than may be. */
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

    /** Drops all. */
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

    /** Resolves as soon as the snapshot has its place in the log. Never rejects. */
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

    /** After a failure the application has a rest, and after each further one a longer rest. */
    get #pauseMs(): number {
        const { timeout, handoverTimeout } = this.#settings
        return Math.min(handoverTimeout, timeout * 2 ** ((this.#failure?.times ?? 1) - 1))
    }

    /** Drops what is not being read any more, until another one may be kept. */
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
