import { KibitzError } from '../base/errors.js'
import { checkBytes } from '../base/state-bytes.js'
import { Batch, type Position } from './record-batch.js'
import type { Disk, DiskFile } from './disk.js'
import { createSegment } from './create.js'
import type { Identity } from './identity.js'
import { FORMAT, HEAD, PLAIN_FORMAT, seedOf } from './format.js'
import type { Manifest } from './manifest.js'
import { deleteSegments } from './delete-old-files.js'
import { diskFailed } from './errors.js'
import type { FoundSegment } from './scan-folder.js'
import { SegmentWriter } from './segment-writer.js'

/** The size limits of a journal, in bytes. */
export interface Limits {
    readonly segmentSize: number
    readonly recordSize: number
    readonly waitingSize: number
}

/** The state from which an appender continues. */
export interface AppendStart {
    readonly disk: Disk
    readonly folder: string
    readonly identity: Identity
    readonly manifest: Manifest
    readonly limits: Limits
    /** The newest segment, open for writing. */
    readonly file: DiskFile
    readonly segments: readonly FoundSegment[]
    readonly position: Position
}

/**
 * Collects records and writes them, batch by batch, to the newest segment.
 *
 * 1. A batch is written only after the batch before has become stable. `rejectTornWrite` relies
 *    on this order.
 * 2. After the first failure, nothing is written.
 */
export class Appender {
    readonly #disk: Disk
    readonly #folder: string
    readonly #identity: Identity
    readonly #manifest: Manifest
    readonly #limits: Limits
    readonly #seed: number
    readonly #segments: FoundSegment[]
    /** The number of the first record of the newest segment, which is not in `#segments`. */
    #newest: number
    #writer: SegmentWriter
    #at: number
    #position: Position
    #stable: number
    #collecting: Batch
    #spare: Batch
    /** The number of bytes of records in the current write. */
    #writingSize = 0
    #commits = 0
    #running: Promise<number> | null = null
    #next: Promise<number> | null = null
    #mayPrepare = false
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
        const newest = this.#segments.pop()
        this.#newest = newest?.first ?? 1
        this.#at = newest?.size ?? 0
        this.#writer = this.#writerOf(file)
        this.#position = position
        this.#stable = position.last
        this.#collecting = new Batch(position)
        this.#spare = new Batch(position)
    }

    /** The number of the last appended record. */
    get last(): number {
        return this.#position.last
    }

    /** The number of the last stable record. */
    get stable(): number {
        return this.#stable
    }

    /** The number of appended bytes that are not stable yet. */
    get waiting(): number {
        return this.#collecting.size + this.#writingSize
    }

    /** The number of written batches. */
    get commits(): number {
        return this.#commits
    }

    /** The number of segments. */
    get segments(): number {
        return this.#segments.length + 1
    }

    /** The total size of the segments, in bytes. */
    get size(): number {
        return this.#segments.reduce((sum, { size }) => sum + size, this.#at)
    }

    /** The failure after which nothing is written; `null` without a failure. */
    get failure(): KibitzError | null {
        return this.#failure
    }

    /**
     * Records a failure. The first failure stays, and every later call reports the first failure.
     */
    fail(error: unknown): KibitzError {
        this.#failure ??= diskFailed(this.#folder, error)
        return this.#failure
    }

    /** See `Journal.append`. */
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
        if (this.#collecting.size + record.length > waitingSize && this.#collecting.count > 0) {
            throw new KibitzError('overloaded',
                `${this.#collecting.size} bytes wait for the disk already, and ${waitingSize} may. `
                + 'Nothing was appended. Wait for flush, then try again.')
        }
        this.#position = this.#collecting.append(record, this.#position)
        return this.#position.last
    }

    /** See `Journal.flush`. */
    flush(): Promise<number> {
        if (this.#failure !== null) {
            return Promise.reject(this.#failure)
        }
        if (this.#collecting.count === 0) {
            return this.#running ?? Promise.resolve(this.#stable)
        }
        if (this.#next === null) {
            const next = (this.#running ?? Promise.resolve(0)).then(() => {
                this.#next = null
                this.#running = next
                return this.#commit()
            })
            // A caller that does not await the flush gets the failure from the next call.
            next.catch(() => {})
            this.#next = next
        }
        return this.#next
    }

    async #commit(): Promise<number> {
        try {
            if (this.#at >= this.#limits.segmentSize) {
                await this.#startSegment()
            }
            if (this.#collecting.count === 0) {
                // The batch before took all records while the batch before waited for a new
                // segment.
                this.#running = null
                return this.#stable
            }
            const batch = this.#collecting
            const { last } = this.#position
            this.#collecting = this.#spare
            this.#collecting.restart(this.#position)
            this.#writingSize = batch.size
            const bytes = batch.toBytes(this.#at, this.#seed)
            await this.#allowPreparation()
            await this.#writer.write(bytes, this.#at)
            this.#spare = batch
            this.#at += bytes.length
            this.#writingSize = 0
            this.#commits++
            this.#stable = last
            this.#running = null
            return last
        } catch (error) {
            throw this.fail(error)
        }
    }

    /** See `Journal.prepareSpace`. */
    prepareSpace(): void {
        this.#mayPrepare = true
    }

    /** Names the format with prepared space in the manifest, before the first zeros are written. */
    async #allowPreparation(): Promise<void> {
        if (this.#mayPrepare && !this.#writer.isPreparing && this.#writer.isStable) {
            await this.#manifest.update({ format: FORMAT })
            this.#writer.isPreparing = true
        }
    }

    #writerOf(file: DiskFile): SegmentWriter {
        const isPreparing = this.#manifest.contents.format === FORMAT
        return new SegmentWriter(file, this.#at, this.#limits.segmentSize, isPreparing)
    }

    /** Begins a new segment. The manifest names the segment before the first batch is written. */
    async #startSegment(): Promise<void> {
        const { before } = this.#collecting
        const first = before.last + 1
        const file = await createSegment(this.#disk, this.#folder, this.#identity, before)
        try {
            await this.#manifest.update({ newest: first })
        } catch (error) {
            await file.close()
            throw error
        }
        const old = this.#writer
        this.#segments.push({ first: this.#newest, size: this.#at })
        this.#newest = first
        this.#at = HEAD
        this.#writer = this.#writerOf(file)
        await old.close()
    }

    /** Removes the segments without records after `through`, oldest first. */
    async deleteThrough(through: number): Promise<void> {
        const newest = (): number => this.#newest
        await deleteSegments(this.#disk, this.#folder, this.#segments, newest, through)
    }

    /**
     * Flushes, removes the prepared space, writes the end of the journal to the manifest if no
     * write has failed, and closes the file. Older packages can read the folder then.
     */
    async end(): Promise<void> {
        try {
            const last = await this.flush()
            const { chain } = this.#position
            await this.#writer.truncate(this.#at)
            const closed = { last, size: this.#at, chain }
            await this.#manifest.update({ closed, format: PLAIN_FORMAT })
        } finally {
            await this.#running?.catch(() => {})
            await this.#writer.close()
        }
    }
}
