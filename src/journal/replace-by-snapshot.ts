import { onAbort } from '../base/abort-signal.js'
import { checkBytes } from '../base/state-bytes.js'
import type { Identity } from './identity.js'
import { encodeHead, PLAIN_FORMAT, MAGIC } from './format.js'
import { deleteSnapshot } from './delete-old-files.js'
import type { Manifest } from './manifest.js'
import { UNFINISHED_NAMES, snapshotName } from './file-names.js'
import { writeState, type WrittenState } from './snapshot-file.js'
import type { Place } from './place.js'

/** A snapshot to write in place of all records through a number. */
export interface Replacement {
    readonly place: Place
    readonly identity: Identity
    readonly manifest: Manifest
    readonly through: number
    readonly state: AsyncIterable<Uint8Array> | Iterable<Uint8Array>
    /** Aborts the write. The call then rejects with the reason of the signal. */
    readonly signal: AbortSignal
}

/** The error of the source of a state. The disk has not failed. */
interface SourceError {
    readonly reason: unknown
}

/** A promise that rejects when the signal aborts. `end` removes the listener. */
function rejectOnAbort(signal: AbortSignal): { readonly aborted: Promise<never>, end: () => void } {
    let end = (): void => {}
    const aborted = new Promise<never>((_, reject) => {
        if (signal.aborted) {
            reject(signal.reason)
        } else {
            end = onAbort(signal, () => reject(signal.reason))
        }
    })
    aborted.catch(() => {})
    return { aborted, end }
}

/** The pieces of a state until the signal aborts, and the error of the source. */
class AbortableSource implements AsyncIterable<Uint8Array> {
    readonly #replacement: Replacement
    refusal: SourceError | null = null

    constructor(replacement: Replacement) {
        this.#replacement = replacement
    }

    async* [Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
        const { state, signal } = this.#replacement
        const { aborted, end } = rejectOnAbort(signal)
        let iterator: AsyncIterator<Uint8Array> | Iterator<Uint8Array> | null = null
        try {
            iterator = Symbol.asyncIterator in state
                ? state[Symbol.asyncIterator]()
                : state[Symbol.iterator]()
            for (;;) {
                // Without the race, a source that never yields would block `close`.
                const result = await Promise.race([iterator.next(), aborted])
                if (result.done === true) {
                    iterator = null
                    break
                }
                yield checkBytes(result.value)
            }
        } catch (reason) {
            this.refusal = { reason }
            throw reason
        } finally {
            end()
            // An interrupted source is closed, but the close is not awaited.
            Promise.resolve(iterator?.return?.()).catch(() => {})
        }
    }
}

/**
 * Writes a state to a temporary file, makes the file stable, renames the file, and then names the
 * snapshot in the manifest. Older files stay until the manifest is stable.
 *
 * @returns `null`, or the error of the source. After an error of the source, only a temporary file
 * is left, which the next snapshot or the next `open` removes.
 * @throws Disk errors as they are.
 */
export async function replaceState(replacement: Replacement): Promise<SourceError | null> {
    const { place: { disk, folder }, identity: { id, owner }, manifest, through } = replacement
    const temporary = `${folder}/${UNFINISHED_NAMES.snapshot}`
    const head = { format: PLAIN_FORMAT, identity: id, owner, number: through, chain: 0 }
    const source = new AbortableSource(replacement)
    const file = await disk.create(temporary)
    let written: WrittenState
    try {
        written = await writeState(file, encodeHead(MAGIC.snapshot, head), source)
    } catch (error) {
        if (source.refusal === null) {
            throw error
        }
        return source.refusal
    } finally {
        await file.close()
    }
    await disk.rename(temporary, `${folder}/${snapshotName(through)}`)
    await disk.syncFolder(folder)
    const old = manifest.contents.snapshot
    await manifest.update({ snapshot: { through, ...written } })
    if (old !== null) {
        await deleteSnapshot(disk, folder, old.through)
    }
    return null
}
