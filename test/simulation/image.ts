import { Batch, type Position } from '../../src/journal/record-batch.js'
import {
    BATCH_HEADER, batchEnd, decodeBatch, decodeRecord, encodeHead, HEAD, MAGIC, PADDING,
    PLAIN_FORMAT, RECORD_HEADER, seedOf
} from '../../src/journal/format.js'
import { SECTOR, sectors } from '../support/sectors.js'
import type { Dice } from '../../src/testing/dice.js'
import { bytesOf } from './tape.js'

/** What befalls bytes that were safe. */
export const DAMAGES = ['bitFlip', 'misdirected', 'staleSector'] as const

/** One of them. */
export type Damage = (typeof DAMAGES)[number]

const IDENTITY = '00112233445566778899aabbccddeeff'

/** What the checksums begin with. */
export const SEED: number = seedOf(IDENTITY)

/** What a file begins with, whoever's it is. */
export const BEGINNING: Position = { last: 0, chain: 0 }

/** How many bytes are prepared for the batches to come at a time: zeros. */
const STEP = 1024

/** The batches of a journal as a disk has them, in the format of the journal in files. */
export class Image {
    /** Whether batches are written in place of zeros that were there before. */
    readonly isPrepared: boolean
    bytes: Buffer = encodeHead(MAGIC.segment, {
        format: PLAIN_FORMAT, identity: IDENTITY, owner: 'nobody', number: 1, chain: BEGINNING.chain
    })
    /** Where the last batch begins. */
    lastAt = HEAD
    /** Where the last batch ends. */
    #end = HEAD
    #position = BEGINNING

    constructor(isPrepared: boolean) {
        this.isPrepared = isPrepared
    }

    /** Writes some records as one. */
    write(records: readonly string[]): void {
        const batch = new Batch(this.#position)
        for (const record of records) {
            this.#position = batch.append(bytesOf(record), this.#position)
        }
        this.lastAt = this.#end
        const written = batch.toBytes(this.lastAt, SEED)
        this.#end = this.lastAt + written.length
        const size = this.isPrepared ? Math.ceil(this.#end / STEP) * STEP : this.#end
        this.bytes = Buffer.concat([this.written(this.lastAt), written], size)
    }

    /** What stands before a place, or before the prepared space. */
    written(end: number = this.#end): Buffer {
        return this.bytes.subarray(0, end)
    }

    /** Leaves of the last batch the sectors that are drawn: zeros, or nothing, in the others. */
    tear(dice: Dice): void {
        const { bytes, lastAt } = this
        let end = lastAt
        for (const [from, to] of sectors(lastAt, this.#end)) {
            if (dice.chance(0.5)) {
                end = to
            } else {
                bytes.fill(0, from, to)
            }
        }
        this.bytes = !this.isPrepared && dice.chance(0.5) ? bytes.subarray(0, end) : bytes
    }

    /** Changes what was safe; tells whether anything is other than before. */
    damage(kind: Damage, dice: Dice): boolean {
        const before = Buffer.from(this.bytes)
        DO[kind](this.written(), this.lastAt, dice)
        return !before.equals(this.bytes)
    }
}

/** The sectors of a file in which batches stand, by their numbers, up to a place. */
function sectorsBefore(end: number): number {
    return Math.floor(end / SECTOR)
}

const DO: Readonly<Record<Damage, (bytes: Buffer, lastAt: number, dice: Dice) => void>> = {
    bitFlip: (bytes, _lastAt, dice) => {
        if (bytes.length > HEAD) {
            const at = HEAD + dice.below(bytes.length - HEAD)
            bytes.writeUInt8(bytes.readUInt8(at) ^ 1 << dice.below(8), at)
        }
    },
    misdirected: (bytes, _lastAt, dice) => {
        const count = sectorsBefore(bytes.length)
        if (count > 2) {
            const from = dice.below(count) * SECTOR
            bytes.copyWithin((1 + dice.below(count - 1)) * SECTOR, from, from + SECTOR)
        }
    },
    // In the last batch that would look like one that never became safe: no reader could tell.
    staleSector: (bytes, lastAt, dice) => {
        const count = sectorsBefore(lastAt)
        if (count > 1) {
            const from = (1 + dice.below(count - 1)) * SECTOR
            bytes.fill(0, from, from + SECTOR)
        }
    }
}

/** What stands at a place: where the next batch begins and the records so far, or what is wrong. */
function follow(bytes: Buffer, at: number, { last, chain }: Position): number | Position | null {
    const header = at + BATCH_HEADER > bytes.length ? null : decodeBatch(bytes, at, at, SEED)
    if (header === null || header.first !== last + 1 || header.chain !== chain) {
        return null
    }
    const end = batchEnd(at, header.length)
    const behind = at + BATCH_HEADER + header.length
    if (end > bytes.length || bytes.subarray(behind, end).some((byte) => byte !== PADDING)) {
        return end
    }
    let position = { last, chain }
    for (let from = at + BATCH_HEADER; from < behind;) {
        const record = decodeRecord(bytes, from, behind, position.chain)
        if (record === null || record.number !== position.last + 1) {
            return end
        }
        from += RECORD_HEADER + record.length
        position = { last: record.number, chain: record.chain }
    }
    return position.last === last + header.count ? position : end
}

function isBlank(bytes: Buffer, from: number, to: number): boolean {
    return bytes.subarray(from, to).every((byte) => byte === 0)
}

/** Whether bytes that are no batch may be one that was never safe. */
function isTorn(
    { bytes, isPrepared }: Pick<Image, 'bytes' | 'isPrepared'>, at: number, end: number | null
): boolean {
    const last = bytes.length - BATCH_HEADER
    for (let later = at + BATCH_HEADER; later <= last; later += BATCH_HEADER) {
        if (decodeBatch(bytes, later, later, SEED) !== null) {
            return false
        }
    }
    if (bytes.length - at < BATCH_HEADER) {
        return true
    }
    if (end === null) {
        const sector = Math.floor(at / SECTOR + 1) * SECTOR
        return isBlank(bytes, at, isPrepared ? sector : at + BATCH_HEADER)
    }
    const lacks = (): boolean =>
        [...sectors(at, end)].some(([from, to]) => isBlank(bytes, from, to))
    const isLast = bytes.length === end || (isPrepared && isBlank(bytes, end, bytes.length))
    return bytes.length < end || (isLast && lacks())
}

/**
 * How many records a journal in a file finds in its bytes; `null` where it refuses them. (That one
 * waits for a disk. Here nobody waits, and so its rules stand here once more.)
 */
export function recordsIn(image: Pick<Image, 'bytes' | 'isPrepared'>): number | null {
    const { bytes } = image
    let position = BEGINNING
    for (let at = HEAD; at < bytes.length;) {
        const next = follow(bytes, at, position)
        if (next === null || typeof next === 'number') {
            return isTorn(image, at, next) ? position.last : null
        }
        const header = decodeBatch(bytes, at, at, SEED)
        at = batchEnd(at, header?.length ?? 0)
        position = next
    }
    return position.last
}
