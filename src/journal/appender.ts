import { KibitzError } from '../base/errors.js'
import { checkBytes } from '../base/state-bytes.js'
import { Batch, type Position } from './record-batch.js'
import type { Disk, DiskFile } from './disk.js'
import { createSegment } from './create.js'
import type { Identity } from './identity.js'
import { HEAD, seedOf } from './format.js'
import type { Manifest } from './manifest.js'
import { segmentName } from './file-names.js'
import { failed } from './errors.js'
import type { Found } from './scan-folder.js'

/** How large things may become, in bytes. */
export interface Limits {
    readonly segmentSize: number
    readonly recordSize: number
    readonly waitingSize: number
}

/** Where an appender goes on. */
export interface AppendStart {
    readonly disk: Disk
    readonly folder: string
    readonly identity: Identity
    readonly manifest: Manifest
    readonly limits: Limits
    /** The newest segment, open for writing. */
    readonly file: DiskFile
    readonly segments: readonly Found[]
    readonly position: Position
}

/**
 * Gathers records and writes them, batch after batch, to the newest segment.
 *
 * 1. A batch is written only after the one before it has become stable. `rejectTear` stands on
 * that.
 * 2. After the first failure nothing is written any more.
 */
export class Appender {
    readonly #disk: Disk
    readonly #folder: string
    readonly #identity: Identity
    readonly #manifest: Manifest
    readonly #limits: Limits
    readonly #seed: number
    readonly #segments: Found[]
    /** The number of the first record of the newest segment, which is not among `#segments`. */
    #newest: number
    #file: DiskFile
    #at: number
    #position: Position
    #stable: number
    #gathering: Batch
    #resting: Batch
    /** How many bytes of records are being written. */
    #leaving = 0
    #commits = 0
    #running: Promise<number> | null = null
    #next: Promise<number> | null = null
    #failure: KibitzError | null = null

    constructor({
        disk, folder, identity, manifest, limits, file, segments, position
    }: AppendStart) {
        this.#disk = disk
        this.#folder = folder
        this.#identity = identity
        this.#manifest = manifest
        this.#limits = limits
        this.#seed = seedOf(identity.id)
        this.#segments = [...segments]
        this.#file = file
        const newest = this.#segments.pop()
        this.#newest = newest?.first ?? 1
        this.#at = newest?.size ?? 0
        this.#position = position
        this.#stable = position.last
        this.#gathering = new Batch(position)
        this.#resting = new Batch(position)
    }

    /** The number of the last record appended. */
    get last(): number {
        return this.#position.last
    }

    /** The number through which everything is stable. */
    get stable(): number {
        return this.#stable
    }

    /** How many bytes are appended and not yet stable. */
    get waiting(): number {
        return this.#gathering.size + this.#leaving
    }

    /** How many batches were written. */
    get commits(): number {
        return this.#commits
    }

    /** How many segments there are. */
    get segments(): number {
        return this.#segments.length + 1
    }

    /** How many bytes these take. */
    get size(): number {
        return this.#segments.reduce((sum, { size }) => sum + size, this.#at)
    }

    /** Why nothing is written any more, or `null`. */
    get failure(): KibitzError | null {
        return this.#failure
    }

    /** Takes notice of a failure. The first one counts; it is what everybody hears from now on. */
    fail(error: unknown): KibitzError {
        this.#failure ??= failed(this.#folder, error)
        return this.#failure
    }

    /** As `Journal.append`. */
    append(record: Uint8Array): number {
        const { recordSize, waitingSize } = this.#limits
        if (this.#failure !== null) {
            throw this.#failure
        }
        checkBytes(record)
        if (record.length > recordSize) {
            throw new KibitzError('too-large',
                `A record takes ${record.length} bytes, and the journal takes ${recordSize}. `
                + 'Nothing was appended.')
        }
        if (this.#gathering.size + record.length > waitingSize && this.#gathering.count > 0) {
            throw new KibitzError('overloaded',
                `${this.#gathering.size} bytes wait for the disk already, and ${waitingSize} may. `
                + 'Nothing was appended. Wait for flush, then try again.')
        }
        this.#position = this.#gathering.append(record, this.#position)
        return this.#position.last
    }

    /** As `Journal.flush`. */
    flush(): Promise<number> {
        if (this.#failure !== null) {
            return Promise.reject(this.#failure)
        }
        if (this.#gathering.count === 0) {
            return this.#running ?? Promise.resolve(this.#stable)
        }
        if (this.#next === null) {
            const next = (this.#running ?? Promise.resolve(0)).then(() => {
                this.#next = null
                this.#running = next
                return this.#commit()
            })
            // Who does not wait for it hears of a failure from the next call.
            next.catch(() => {})
            this.#next = next
        }
        return this.#next
    }

    async #commit(): Promise<number> {
        try {
            if (this.#at >= this.#limits.segmentSize) {
                await this.#turn()
            }
            if (this.#gathering.count === 0) {
                // All of it went with the batch before, while that waited for a new segment.
                this.#running = null
                return this.#stable
            }
            const batch = this.#gathering
            const { last } = this.#position
            this.#gathering = this.#resting
            this.#gathering.begin(this.#position)
            this.#leaving = batch.size
            const bytes = batch.seal(this.#at, this.#seed)
            await this.#file.write(bytes, this.#at)
            await this.#file.sync()
            this.#resting = batch
            this.#at += bytes.length
            this.#leaving = 0
            this.#commits++
            this.#stable = last
            this.#running = null
            return last
        } catch (error) {
            throw this.fail(error)
        }
    }

    /** Begins a new segment. Before its first batch is written, the manifest knows of it. */
    async #turn(): Promise<void> {
        const { before } = this.#gathering
        const first = before.last + 1
        const file = await createSegment(this.#disk, this.#folder, this.#identity, before)
        try {
            await this.#manifest.update({ newest: first })
        } catch (error) {
            await file.close()
            throw error
        }
        const old = this.#file
        this.#segments.push({ first: this.#newest, size: this.#at })
        this.#newest = first
        this.#file = file
        this.#at = HEAD
        await old.close()
    }

    /** Takes away the segments that hold nothing behind a record, oldest first. */
    async drop(through: number): Promise<void> {
        for (;;) {
            const [oldest, next] = this.#segments
            const following = next?.first ?? this.#newest
            if (oldest === undefined || following > through + 1) {
                return
            }
            await this.#disk.remove(`${this.#folder}/${segmentName(oldest.first)}`)
            this.#segments.shift()
        }
    }

    /** Writes down how the journal ends, if all went well, and lets go of the file. */
    async end(): Promise<void> {
        try {
            const last = await this.flush()
            const { chain } = this.#position
            await this.#manifest.update({ closed: { last, size: this.#at, chain } })
        } finally {
            await this.#running?.catch(() => {})
            await this.#file.close()
        }
    }
}
