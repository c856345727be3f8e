import type { Identity } from './identity.js'
import { seedOf } from './format.js'
import type { Contents } from './manifest.js'
import { segmentName, snapshotName } from './file-names.js'
import { damaged } from './errors.js'
import { Segment } from './segment.js'
import { readState } from './snapshot-file.js'
import { type Place, readHead } from './place.js'
import type { FolderScan } from './scan-folder.js'

/**
 * The records of one checked segment, in [from, through], several batches at a time. The records
 * are valid until the next ones are requested.
 */
async function* readSegment(
    { disk, folder }: Place, identity: Identity, first: number, from: number, through: number
): AsyncGenerator<readonly Uint8Array[], void, undefined> {
    const name = segmentName(first)
    const file = await disk.open(`${folder}/${name}`, 'read')
    try {
        const { chain } = await readHead({ folder }, file, name, 'segment', identity)
        const before = { last: first - 1, chain }
        const segment = new Segment(file, await file.size(), before, seedOf(identity.id))
        while (segment.position.last < through) {
            const batches = await segment.nextSome()
            const [batch] = batches
            if (batch === undefined) {
                throw damaged(folder, `in ${name}, at byte ${segment.at}, `
                    + `${segment.fault ?? 'the file ends'}: it was not so when it was opened`)
            }
            if (segment.position.last >= from) {
                yield batches.flatMap(({ records }) => records)
                    .slice(Math.max(0, from - batch.first), through - batch.first + 1)
            }
        }
    } finally {
        await file.close()
    }
}

/**
 * The records from a number on, as `scanFolder` found them, several at a time: one promise per
 * record would cost more than reading the record. The records are valid until the next ones are
 * requested. A later change of the files is detected.
 *
 * @throws KibitzError `journal-damaged`; disk errors are passed on.
 */
export async function* readMany(
    place: Place, { identity, segments, position: { last } }: FolderScan, from: number
): AsyncGenerator<readonly Uint8Array[], void, undefined> {
    for (const [index, { first }] of segments.entries()) {
        const through = Math.min(last, (segments[index + 1]?.first ?? Number.POSITIVE_INFINITY) - 1)
        if (through < from) {
            continue
        }
        yield* readSegment(place, identity, first, from, through)
    }
}

/** Yields copies of records one by one. */
export async function* oneByOne(
    many: AsyncIterable<readonly Uint8Array[]>
): AsyncGenerator<Uint8Array, void, undefined> {
    for await (const records of many) {
        for (const record of records) {
            yield Buffer.from(record)
        }
    }
}

/**
 * The bytes of a snapshot, as `scanFolder` found it. A later change of the file is detected at the
 * end.
 *
 * @throws KibitzError `journal-damaged`; disk errors are passed on.
 */
export async function* readSnapshot(
    { disk, folder }: Place, identity: Identity,
    { through, size, checksum }: NonNullable<Contents['snapshot']>
): AsyncGenerator<Uint8Array, void, undefined> {
    const name = snapshotName(through)
    const file = await disk.open(`${folder}/${name}`, 'read')
    try {
        await readHead({ folder }, file, name, 'snapshot', identity)
        let found = -1
        yield* readState(file, size, (sum) => {
            found = sum
        })
        if (found !== checksum) {
            throw damaged(folder, `${name} is not what it was when it was opened`)
        }
    } finally {
        await file.close()
    }
}
