import { damaged, isMissing } from './errors.js'
import { segmentName, segmentsIn } from './file-names.js'
import { HEAD, seedOf } from './format.js'
import type { Identity } from './identity.js'
import type { Position } from './record-batch.js'
import { type Place, readHead } from './place.js'
import type { FolderScan } from './scan-folder.js'
import { Segment } from './segment.js'

/** Records of a batch. They are valid until the next ones are requested. */
export interface TailRecords {
    /** The number of the first record. */
    readonly first: number
    readonly records: readonly Uint8Array[]
}

/**
 * Reads the records that a member adds to its journal after a scan. Changes nothing, and takes no
 * lock. A batch that is not completely written waits for a later call.
 */
export class JournalTail {
    readonly #place: Place
    readonly #identity: Identity
    /** The number of the first record of the segment that is read. */
    #segment: number
    /** The offset of the next batch in the segment. */
    #at: number
    #position: Position
    /** The number of the last record that was read. */
    #last: number

    constructor(place: Place, { identity, segments, position }: FolderScan) {
        this.#place = place
        this.#identity = identity
        const newest = segments.at(-1)
        this.#segment = newest?.first ?? 1
        this.#at = newest?.size ?? HEAD
        this.#position = position
        this.#last = position.last
    }

    /** The number of the last record that was read. */
    get last(): number {
        return this.#last
    }

    /**
     * The complete batches after the last record that was read, through the present end. If a
     * snapshot has replaced records before they were read, the numbers have a gap.
     *
     * @throws KibitzError `journal-damaged`; disk errors are passed on.
     */
    async* advance(): AsyncGenerator<TailRecords, void, undefined> {
        do {
            try {
                yield* this.#readSegment()
            } catch (error) {
                if (!isMissing(error)) {
                    throw error
                }
            }
        } while (await this.#moveOn())
    }

    async* #readSegment(): AsyncGenerator<TailRecords, void, undefined> {
        const { disk, folder } = this.#place
        const name = segmentName(this.#segment)
        const file = await disk.open(`${folder}/${name}`, 'read')
        try {
            const seed = seedOf(this.#identity.id)
            const segment = new Segment(
                file, await file.size(), this.#position, seed, this.#at
            )
            for (let batch = await segment.next(); batch !== null; batch = await segment.next()) {
                this.#at = segment.at
                this.#position = segment.position
                const records = batch.records.slice(Math.max(0, this.#last + 1 - batch.first))
                if (records.length !== 0) {
                    this.#last = segment.position.last
                    yield { first: this.#last - records.length + 1, records }
                }
            }
        } finally {
            await file.close()
        }
    }

    /** Moves to the segment with the next record. Returns whether there is another segment. */
    async #moveOn(): Promise<boolean> {
        const { disk, folder } = this.#place
        const segments = segmentsIn(await disk.list(folder) ?? [])
        const after = this.#position.last + 1
        // A start of the member removes an empty segment that its manifest does not name.
        const found = segments.includes(this.#segment)
            ? segments.find((first) => first > this.#segment && first === after)
            : segments.findLast((first) => first <= after) ?? segments[0]
        if (found === undefined) {
            return false
        }
        const name = segmentName(found)
        const file = await disk.open(`${folder}/${name}`, 'read')
        try {
            const { chain } = await readHead(this.#place, file, name, 'segment', this.#identity)
            if (found === after && chain !== this.#position.chain) {
                throw damaged(folder, `${name} does not follow on record ${after - 1}`)
            }
            this.#segment = found
            this.#at = HEAD
            this.#position = { last: found - 1, chain }
        } finally {
            await file.close()
        }
        return true
    }
}
