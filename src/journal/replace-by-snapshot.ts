import { checkBytes } from '../base/state-bytes.js'
import type { Identity } from './identity.js'
import { encodeHead, FORMAT, MAGIC } from './format.js'
import type { Manifest } from './manifest.js'
import { BESIDE, snapshotName } from './file-names.js'
import { writeState, type Written } from './snapshot-file.js'
import type { Place } from './scan-folder.js'

/** What is to stand for the records through a number. */
export interface Replacement {
    readonly place: Place
    readonly identity: Identity
    readonly manifest: Manifest
    readonly through: number
    readonly state: AsyncIterable<Uint8Array> | Iterable<Uint8Array>
    /** Aborted when nobody waits for it any more; its reason is what the caller hears. */
    readonly signal: AbortSignal
}

/** What the source of a state threw. The disk has nothing to do with it. */
interface Refusal {
    readonly reason: unknown
}

/** Rejects when a signal is aborted; `end` forgets it. */
function abortion(signal: AbortSignal): { readonly wanted: Promise<never>, end: () => void } {
    let onAbort = (): void => {}
    const wanted = new Promise<never>((_, reject) => {
        onAbort = () => reject(signal.reason)
    })
    wanted.catch(() => {})
    signal.addEventListener('abort', onAbort)
    if (signal.aborted) {
        onAbort()
    }
    return { wanted, end: () => signal.removeEventListener('abort', onAbort) }
}

/** The pieces of a state as long as they are wanted, and whatever its source has thrown. */
class Source implements AsyncIterable<Uint8Array> {
    readonly #replacement: Replacement
    refusal: Refusal | null = null

    constructor(replacement: Replacement) {
        this.#replacement = replacement
    }

    async* [Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
        const { state, signal } = this.#replacement
        const { wanted, end } = abortion(signal)
        let iterator: AsyncIterator<Uint8Array> | Iterator<Uint8Array> | null = null
        try {
            iterator = Symbol.asyncIterator in state
                ? state[Symbol.asyncIterator]()
                : state[Symbol.iterator]()
            for (;;) {
                // A source that never yields must not keep anybody from closing.
                const result = await Promise.race([iterator.next(), wanted])
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
            // Whoever was stopped half way is told, and not waited for.
            Promise.resolve(iterator?.return?.()).catch(() => {})
        }
    }
}

/**
 * Writes a state beside what is there, makes it stable, gives it its name, and only then lets the
 * manifest say that it stands for the records. Until that is stable nothing of what it replaces
 * goes.
 *
 * @returns `null`, or what the source of the state threw; all is as it was then, but for a file
 * beside that does not count and is replaced or swept away.
 * @throws Errors of the disk as they are.
 */
export async function replaceState(replacement: Replacement): Promise<Refusal | null> {
    const { place: { disk, folder }, identity: { id, owner }, manifest, through } = replacement
    const beside = `${folder}/${BESIDE.snapshot}`
    const head = { format: FORMAT, identity: id, owner, number: through, chain: 0 }
    const source = new Source(replacement)
    const file = await disk.create(beside)
    let written: Written
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
    await disk.rename(beside, `${folder}/${snapshotName(through)}`)
    await disk.syncFolder(folder)
    const old = manifest.contents.snapshot
    await manifest.update({ snapshot: { through, ...written } })
    if (old !== null) {
        await disk.remove(`${folder}/${snapshotName(old.through)}`)
    }
    return null
}
