import { mkdtemp, open, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { KibitzError, rejectArgument } from '../base/errors.js'
import { IDENTITY } from '../journal/identity.js'
import { isLoopback } from '../transport/address.js'
import { isGrowing, isJournalFile, PIECE_MAX } from '../replay/journal-files.js'
import { type JournalFile, journalFilesIn } from '../replay/journal-sizes.js'

/** A journal that grows. */
export interface LiveJournal {
    /** The folder with the files of the journal. */
    readonly folder: string
    /** Looks for changes. Returns whether the journal has changed since the last look. */
    look(): Promise<boolean>
    /** Ends the looks, and removes copies. */
    close(): Promise<void>
}

/** The journal in a folder of this machine. */
export function journalIn(folder: string): LiveJournal {
    let seen = ''
    return {
        folder,
        async look() {
            const now = JSON.stringify(await journalFilesIn(folder))
            const hasChanged = now !== seen
            seen = now
            return hasChanged
        },
        close: async () => await Promise.resolve()
    }
}

/** The time limit of a request, in milliseconds. */
const ANSWER_MS = 10_000

/** The largest copy of a journal, in bytes. A `Replayer` reads no larger journals. */
const SIZE_MAX = 2 * 1024 * 1024 * 1024

/** The number of files of a journal. */
const FILES_MAX = 10_000

/** The size of a list of files, in bytes. */
const LIST_MAX = 1024 * 1024

function unreadable(url: string, what: string, cause?: unknown): KibitzError {
    const message = `The recording at ${url} cannot be read: ${what}. Nothing was changed; check `
        + 'the address, the route recordingHandler of the member, and the secret.'
    return new KibitzError('unreachable', message, cause === undefined ? {} : { cause })
}

/** A body within a limit. A member may be hostile, or another server. */
async function readWithin(response: Response, bytesMax: number): Promise<Buffer | null> {
    const pieces: Uint8Array[] = []
    let size = 0
    for await (const piece of response.body ?? []) {
        size += piece.length
        if (size > bytesMax) {
            return null
        }
        pieces.push(piece as Uint8Array)
    }
    return Buffer.concat(pieces)
}

/** A copy of the journal of a member that serves its recording. Each look copies the new bytes. */
export class RemoteJournal implements LiveJournal {
    readonly folder: string
    readonly #url: string
    readonly #secret: string | null
    readonly #sizes = new Map<string, number>()
    /** The content of the identity file: another journal has another one. */
    #identity = ''

    private constructor(folder: string, url: string, secret: string | null) {
        this.folder = folder
        this.#url = url
        this.#secret = secret
    }

    /**
     * Makes the first copy.
     *
     * @throws KibitzError `invalid-argument` if others could read the secret on its way;
     * `unreachable`, `too-large`.
     */
    static async open(url: string, secret: string | null): Promise<RemoteJournal> {
        const { protocol, hostname } = new URL(url)
        const isLocal = isLoopback(hostname.replace(/^\[|\]$/g, ''))
        if (secret !== null && protocol !== 'https:' && !isLocal) {
            rejectArgument(`The address ${url} is no https: address, so others could read the `
                + 'secret.')
        }
        // The folder of the copy is for this user alone.
        const folder = await mkdtemp(join(tmpdir(), 'kibitz-inspect-'))
        const journal = new RemoteJournal(folder, url, secret)
        try {
            await journal.look()
            return journal
        } catch (error) {
            await journal.close()
            throw error
        }
    }

    async #get(query: string, bytesMax: number): Promise<Buffer | null> {
        let response: Response
        try {
            response = await fetch(`${this.#url}${query}`, {
                redirect: 'error', signal: AbortSignal.timeout(ANSWER_MS),
                headers: this.#secret === null ? {} : { authorization: `Bearer ${this.#secret}` }
            })
            if (response.status === 200) {
                const body = await readWithin(response, bytesMax)
                if (body !== null) {
                    return body
                }
            } else {
                await response.body?.cancel()
            }
        } catch (error) {
            const { cause, message } = error as Error
            const reason = cause instanceof Error && 'code' in cause ? cause.code : message
            throw unreadable(this.#url, String(reason), error)
        }
        if (response.status === 404 && query !== '') {
            return null // A snapshot has replaced the file meanwhile.
        }
        throw unreadable(this.#url, response.status === 200
            ? 'the answer is too long' : `status ${response.status}`)
    }

    async #list(): Promise<readonly JournalFile[]> {
        const body = await this.#get('', LIST_MAX)
        let files: unknown
        try {
            files = JSON.parse(body?.toString() ?? '')
        } catch (cause) {
            throw unreadable(this.#url, 'the answer is no list of files', cause)
        }
        const isList = Array.isArray(files) && files.length <= FILES_MAX
            && files.every((file: Partial<JournalFile> | null) => typeof file?.name === 'string'
                && isJournalFile(file.name) && Number.isSafeInteger(file.size)
                && Number(file.size) >= 0)
        if (!isList) {
            throw unreadable(this.#url, 'the answer is no list of files')
        }
        const list = files as readonly JournalFile[]
        if (list.reduce((sum, { size }) => sum + size, 0) > SIZE_MAX) {
            throw new KibitzError('too-large', `The journal at ${this.#url} has more than ${SIZE_MAX
                } bytes. Nothing was copied; inspect a copy of the folder.`)
        }
        return list
    }

    async look(): Promise<boolean> {
        const files = await this.#list()
        let hasChanged = await this.#forgetOther()
        for (const file of files) {
            const known = this.#sizes.get(file.name)
            if (known !== file.size || !isGrowing(file.name)) {
                hasChanged = await this.#copy(file, known ?? 0) || hasChanged
            }
        }
        const names = new Set(files.map(({ name }) => name))
        for (const name of this.#sizes.keys()) {
            if (!names.has(name)) {
                await rm(join(this.folder, name), { force: true })
                this.#sizes.delete(name)
                hasChanged = true
            }
        }
        return hasChanged
    }

    /** Forgets the copy if the member has begun another journal. Returns whether it has. */
    async #forgetOther(): Promise<boolean> {
        const body = await this.#get(`?file=${IDENTITY}&from=0`, PIECE_MAX)
        const identity = body?.toString() ?? this.#identity
        const isOther = this.#identity !== '' && identity !== this.#identity
        this.#identity = identity
        for (const name of isOther ? this.#sizes.keys() : []) {
            await rm(join(this.folder, name), { force: true })
            this.#sizes.delete(name)
        }
        return isOther
    }

    /** The bytes of a file from an offset through its size, or up to the end that comes earlier. */
    async *#pieces({ name, size }: JournalFile, from: number): AsyncGenerator<Buffer, void, void> {
        for (let at = from; at < size;) {
            const piece = await this.#get(`?file=${name}&from=${at}`, PIECE_MAX)
            if (piece === null || piece.length === 0) {
                return
            }
            yield piece
            at += piece.length
        }
    }

    /** Copies the new bytes of a file. Returns whether there were any. */
    async #copy({ name, size }: JournalFile, known: number): Promise<boolean> {
        const path = join(this.folder, name)
        if (!isGrowing(name)) {
            return await this.#replace({ name, size }, path)
        }
        // A member that starts again cuts an incomplete batch off.
        const from = size < known ? 0 : known
        const file = await open(path, from === 0 ? 'w' : 'r+', 0o600)
        let at = from
        try {
            for await (const piece of this.#pieces({ name, size }, from)) {
                // The piece may go on into the zeros that the member has prepared.
                const length = Math.min(piece.length, size - at)
                await file.write(piece, 0, length, at)
                at += length
            }
        } finally {
            await file.close()
            this.#sizes.set(name, at)
        }
        return at !== known
    }

    /** Copies a small file, or a snapshot, as a whole, if the size or the content differs. */
    async #replace({ name, size }: JournalFile, path: string): Promise<boolean> {
        if (this.#sizes.get(name) === size && name.endsWith('.snapshot')) {
            return false
        }
        const pieces: Buffer[] = []
        for await (const piece of this.#pieces({ name, size }, 0)) {
            pieces.push(piece)
        }
        await writeFile(`${path}.new`, Buffer.concat(pieces), { mode: 0o600 })
        await rename(`${path}.new`, path)
        const isNew = this.#sizes.get(name) !== size
        this.#sizes.set(name, size)
        return isNew
    }

    async close(): Promise<void> {
        await rm(this.folder, { recursive: true, force: true })
    }
}
