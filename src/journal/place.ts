import type { Disk, DiskFile } from './disk.js'
import type { Identity } from './identity.js'
import { decodeHead, FORMAT, HEAD, type Head, MAGIC } from './format.js'
import { damaged, laterFormat } from './errors.js'
import type { ReadBatch } from './segment.js'

/** A folder and the way to scan it. */
export interface Place {
    readonly disk: Disk
    readonly folder: string
    /** Whether another process may write during the scan. @default false */
    readonly isInUse?: boolean
    /** Reports the number of bytes that were checked since the last report. */
    readonly onBytes?: (bytes: number) => void
    /** Receives each batch, in order. The records are valid until the call has ended. */
    readonly onBatch?: (batch: ReadBatch) => Promise<void> | void
}

/**
 * Reads and checks the head of a file.
 *
 * @throws KibitzError if the bytes are no head, or belong to another journal.
 */
export async function readHead(
    { folder, onBytes }: Pick<Place, 'folder' | 'onBytes'>, file: DiskFile, name: string,
    kind: keyof typeof MAGIC, identity: Identity
): Promise<Head> {
    const bytes = Buffer.alloc(HEAD)
    const head = decodeHead(MAGIC[kind], bytes.subarray(0, await file.read(bytes, 0)))
    if (head === null) {
        throw damaged(folder, `the head of ${name} is not what was written`)
    }
    if (head.format > FORMAT) {
        throw laterFormat(folder, head.format)
    }
    if (head.identity !== identity.id || head.owner !== identity.owner) {
        throw damaged(folder, `${name} belongs to another journal`)
    }
    onBytes?.(HEAD)
    return head
}
