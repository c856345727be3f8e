import { resolve } from 'node:path'
import { KibitzError } from '../base/errors.js'
import type { DiskFile } from '../journal/disk.js'
import { damaged, isMissing } from '../journal/errors.js'
import { segmentName } from '../journal/file-names.js'
import { FileSystem } from '../journal/filesystem.js'
import { BATCH_HEADER, decodeBatch, FORMAT, HEAD, type Head, seedOf } from '../journal/format.js'
import { readIdentity } from '../journal/identity.js'
import { readManifest } from '../journal/manifest.js'
import { readHead } from '../journal/place.js'
import type { Position } from '../journal/record-batch.js'
import { Segment } from '../journal/segment.js'
import { endOfBytes, rejectTornWrite } from '../journal/torn-write.js'
import { singles } from '../member/fold-encoding.js'
import { type JournalEnd, RecordCopies } from './journal-records.js'

/** The number of looks at the end of a segment while its member writes. */
const TRIES = 5

function isSame(one: Position, other: Position): boolean {
    return one.last === other.last && one.chain === other.chain
}

/** Whether the bytes before an end are the ones that were read. */
async function hasRead(
    file: DiskFile, head: Head, { identity, segment, at, lastBatch, position }: JournalEnd
): Promise<boolean> {
    if (head.number !== segment || await file.size() < at) {
        return false
    }
    if (lastBatch === null) {
        return isSame(position, { last: segment - 1, chain: head.chain })
    }
    const seed = seedOf(identity.id)
    const bytes = Buffer.alloc(BATCH_HEADER)
    await file.read(bytes, lastBatch)
    const header = decodeBatch(bytes, 0, lastBatch, seed)
    if (header === null) {
        return false
    }
    const before = { last: header.first - 1, chain: header.chain }
    const again = new Segment(file, at, before, seed, lastBatch)
    await again.next(false)
    return again.at === at && isSame(again.position, position)
}

/** Whether the bytes behind an end are damage, and not a batch that is being written. */
async function isDamagedBehind(
    file: DiskFile, { identity, contents, segment, at, position }: JournalEnd, isInUse: boolean
): Promise<boolean> {
    const size = await file.size()
    const { closed } = contents
    if (segment !== contents.newest) {
        return size !== at
    }
    if (closed !== null) {
        return size !== at || closed.size !== at || !isSame(closed, position)
    }
    const mayBePrepared = contents.format === FORMAT
    if (size === at || (mayBePrepared && await endOfBytes(file, at, size) === at)) {
        return false
    }
    const seed = seedOf(identity.id)
    const tail = { file, at, size, seed, position, isInUse, mayBePrepared }
    return await rejectTornWrite(tail) !== null
}

/**
 * Reads the inputs that a member adds to its journal after a reading. Changes nothing, and takes no
 * lock. A batch that is not completely written waits for a later call.
 *
 * The identity, the snapshot and the last batch show whether the part that was read is unchanged.
 * The chain of checksums in each batch confirms all earlier records.
 */
export class JournalGrowth {
    readonly #folder: string
    readonly #sizeMax: number
    readonly #disk = new FileSystem()
    readonly #copies = new RecordCopies()
    #end: JournalEnd
    #inputs: Uint8Array[] = []

    /** @param sizeMax The size of all inputs that may be in memory, in bytes. */
    constructor(path: string, end: JournalEnd, sizeMax: number) {
        this.#folder = resolve(path)
        this.#end = end
        this.#sizeMax = sizeMax
    }

    /**
     * The inputs after the last ones that were read; `null` if only a reading of the whole journal
     * can tell its contents: a snapshot or another journal has replaced the part that was read, the
     * end is damaged, or the journal is too large.
     *
     * @throws Disk errors as they are.
     */
    async read(): Promise<readonly Uint8Array[] | null> {
        this.#inputs = []
        try {
            const end = await this.#readThrough()
            if (end === null) {
                return null
            }
            this.#end = end
            return this.#inputs
        } catch (error) {
            if (error instanceof KibitzError || isMissing(error)) {
                return null
            }
            throw error
        }
    }

    async #readThrough(): Promise<JournalEnd | null> {
        const { identity, contents: { snapshot } } = this.#end
        const { id, owner } = await readIdentity(this.#disk, this.#folder)
        const contents = await readManifest(this.#disk, this.#folder, identity.id)
        if (id !== identity.id || owner !== identity.owner || contents.newest < this.#end.segment
            || JSON.stringify(contents.snapshot) !== JSON.stringify(snapshot)) {
            return null
        }
        const isInUse = (await this.#disk.holders(this.#folder)).length > 0
        let end = await this.#readSegment({ ...this.#end, contents }, isInUse)
        while (end !== null && end.segment < contents.newest) {
            const next: number = end.position.last + 1
            // A segment without records is the newest one.
            end = next === end.segment
                ? null
                : await this.#readSegment({ ...end, segment: next, at: HEAD, lastBatch: null },
                    isInUse)
        }
        return end
    }

    /** Reads a segment from an end on; `null` if the segment differs, or is damaged. */
    async #readSegment(begin: JournalEnd, isInUse: boolean): Promise<JournalEnd | null> {
        const name = segmentName(begin.segment)
        const file = await this.#disk.open(`${this.#folder}/${name}`, 'read')
        try {
            const head =
                await readHead({ folder: this.#folder }, file, name, 'segment', begin.identity)
            if (!await hasRead(file, head, begin)) {
                return null
            }
            let end = await this.#readBatches(file, begin)
            for (let tries = 1; end.size <= this.#sizeMax; tries++) {
                if (!await isDamagedBehind(file, end, isInUse)) {
                    return end
                }
                // Between the two looks, the member may have written further batches.
                const again = await this.#readBatches(file, end)
                if (again.at === end.at) {
                    return null
                }
                end = again
                if (tries === TRIES) {
                    return end
                }
            }
            return null
        } finally {
            await file.close()
        }
    }

    /** The inputs of records. The records are valid until the next batch is read. */
    #unfold(records: readonly Uint8Array[]): readonly Uint8Array[] {
        try {
            return [...singles(records.map((record) => this.#copies.copy(record)))]
        } catch (cause) {
            throw damaged(this.#folder, 'a record holds no inputs', { cause })
        }
    }

    /** Reads the complete batches behind an end. Returns the new end. */
    async #readBatches(file: DiskFile, begin: JournalEnd): Promise<JournalEnd> {
        const { identity, position, at } = begin
        const segment =
            new Segment(file, await file.size(), position, seedOf(identity.id), at)
        let { size, lastBatch } = begin
        for (let batch = await segment.next(); batch !== null && size <= this.#sizeMax;
            batch = await segment.next()) {
            lastBatch = batch.at
            for (const input of this.#unfold(batch.records)) {
                this.#inputs.push(input)
                size += input.byteLength
            }
        }
        return { ...begin, at: segment.at, position: segment.position, lastBatch, size }
    }
}
