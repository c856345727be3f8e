import { readSnapshot } from '../../journal/reader.js'
import type { Place } from '../../journal/place.js'
import type { FolderScan } from '../../journal/scan-folder.js'
import type { ReadBatch } from '../../journal/segment.js'
import { protocolVersion } from '../../member/engine-version.js'
import { Snapshot } from '../../member/snapshot-encoding.js'

/** The first bytes of the records that name a version. */
const BEGINNINGS = ['birth', 'revive'].map((method) =>
    Buffer.from(`{"module":"kibitz","method":"${method}",`))

function namedIn(record: Buffer): number | null {
    try {
        const { body } = JSON.parse(record.toString()) as {
            readonly body?: { readonly version?: number }
        }
        return protocolVersion(body?.version)
    } catch {
        return null
    }
}

/**
 * Searches the records of a journal for the protocol version that the journal names: a package of
 * a lower version refuses the folder.
 */
export class VersionSearch {
    #highest: number | null = null

    /** Looks at the records of a batch. */
    readonly onBatch = ({ records }: ReadBatch): void => {
        for (const bytes of records) {
            const record = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
            const isNaming = BEGINNINGS.some((beginning) =>
                record.subarray(0, beginning.length).equals(beginning))
            if (isNaming) {
                this.#raise(namedIn(record))
            }
        }
    }

    /** The version, after all batches; `null` if no member of kibitz has written the journal. */
    async end(place: Place, { identity, contents: { snapshot } }: FolderScan):
    Promise<number | null> {
        if (snapshot !== null) {
            try {
                const kept = new Snapshot(() => readSnapshot(place, identity, snapshot))
                this.#raise(protocolVersion((await kept.read()).engine))
            } catch {
                // The snapshot is whole, but not of a member.
            }
        }
        return this.#highest
    }

    #raise(version: number | null): void {
        this.#highest = version === null ? this.#highest : Math.max(this.#highest ?? 0, version)
    }
}
