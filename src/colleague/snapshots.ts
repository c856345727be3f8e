import { createHash, randomBytes } from 'node:crypto'
import Logger from 'prolific.logger'
import { KibitzError } from '../error.js'
import { Monotonic } from '../monotonic.js'
import type { ColleagueSettings } from './options.js'
import { CHUNK_SIZE_MAX, type ChunkAnswer, type RefusalCode, type SnapshotOffer } from './post.js'
import type { Replica, Snapshot } from './replica.js'

const logger = Logger.createLogger('kibitz/colleague')

/** How many snapshots are kept at a time: one that is being read, and a newer one. */
const KEPT_MAX = 2

/** A snapshot that newcomers may be reading. */
interface Kept extends Snapshot {
    readonly key: string
    /** Drops it unless somebody asks for it in time. */
    readonly expiry: NodeJS.Timeout
}

/** How a part of a state travels. */
export function pack(piece: Buffer): ChunkAnswer {
    return Object.freeze({ data: piece.toString('base64'), digest: digestOf(piece) })
}

/** What travelled; `null` where it is not what was sent. */
export function unpack({ data, digest }: ChunkAnswer): Buffer | null {
    const piece = Buffer.from(data, 'base64')
    return piece.length <= CHUNK_SIZE_MAX && digestOf(piece) === digest ? piece : null
}

function digestOf(piece: Buffer): string {
    return createHash('sha256').update(piece).digest('hex')
}

/**
 * The snapshots that newcomers read from this member.
 *
 * 1. A snapshot is made whole, then read: its reader may take its time, and the log goes on.
 * 2. Whoever needs no newer one reads the one there is. No more than two are kept.
 * 3. One that nobody has asked for in `handoverTimeout` is dropped.
 */
export class Snapshots {
    readonly #replica: Pick<Replica, 'applied' | 'snapshot'>
    readonly #settings: ColleagueSettings
    /** The newest is last. */
    #kept: Kept[] = []
    #making: Promise<Kept | RefusalCode> | null = null
    #isClosed = false

    constructor(replica: Pick<Replica, 'applied' | 'snapshot'>, settings: ColleagueSettings) {
        this.#replica = replica
        this.#settings = settings
    }

    /** How many are kept. */
    get size(): number {
        return this.#kept.length
    }

    /**
     * Offers a snapshot that holds an entry, made now where there is none. Where that entry is not
     * applied yet it is `not-ready`, and so is one that is not made in half of the time that an
     * answer may take: it goes on being made.
     */
    async offer(through: Monotonic): Promise<SnapshotOffer | RefusalCode> {
        if (Monotonic.compare(this.#replica.applied, through) < 0) {
            // Nobody waits here for an entry that may never come.
            return 'not-ready'
        }
        const kept = this.#kept.findLast(({ promise }) => Monotonic.compare(promise, through) >= 0)
        const made = kept ?? (await this.#inTime(this.#make()))
        if (typeof made === 'string') {
            return made
        }
        if (Monotonic.compare(made.promise, through) < 0) {
            // It was begun for somebody who needed less.
            return 'not-ready'
        }
        made.expiry.refresh()
        const { key, promise, size, pieces } = made
        return Object.freeze({ snapshot: key, promise, size, chunks: pieces.length })
    }

    /** A part of a snapshot that was offered. */
    chunk(key: string, index: number): ChunkAnswer | RefusalCode {
        const kept = this.#kept.find((one) => one.key === key)
        if (kept === undefined) {
            return 'expired'
        }
        const piece = kept.pieces[index]
        kept.expiry.refresh()
        return piece === undefined ? 'malformed' : pack(piece)
    }

    /** Drops all. */
    close(): void {
        this.#isClosed = true
        for (const { expiry } of this.#kept.splice(0)) {
            clearTimeout(expiry)
        }
    }

    #make(): Promise<Kept | RefusalCode> {
        this.#making ??= this.#makeOne().finally(() => {
            this.#making = null
        })
        return this.#making
    }

    /** Never rejects. */
    async #makeOne(): Promise<Kept | RefusalCode> {
        const { chunkSize, snapshotSize } = this.#settings
        try {
            const snapshot = await this.#replica.snapshot(chunkSize, snapshotSize)
            if (snapshot === null) {
                logger.error('snapshot', { code: 'too-large', snapshotSize })
                return 'too-large'
            }
            return this.#isClosed ? 'stateless' : this.#keep(snapshot)
        } catch (error) {
            if (error instanceof KibitzError) {
                return 'stateless'
            }
            const { message } = error instanceof Error ? error : { message: String(error) }
            logger.error('snapshot', { code: 'failed', message })
            return 'failed'
        }
    }

    #keep(snapshot: Snapshot): Kept {
        const key = randomBytes(16).toString('hex')
        const expiry = setTimeout(() => this.#drop(key), this.#settings.handoverTimeout)
        const kept = Object.freeze({ ...snapshot, key, expiry })
        this.#kept.push(kept)
        if (this.#kept.length > KEPT_MAX) {
            this.#drop(this.#kept[0]?.key ?? '')
        }
        return kept
    }

    #drop(key: string): void {
        const kept = this.#kept.find((one) => one.key === key)
        clearTimeout(kept?.expiry)
        this.#kept = this.#kept.filter((one) => one.key !== key)
    }

    #inTime(making: Promise<Kept | RefusalCode>): Promise<Kept | RefusalCode> {
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
