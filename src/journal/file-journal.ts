import '../base/packages.js'
import { resolve } from 'node:path'
import { KibitzError } from '../base/errors.js'
import { MemberLogger } from '../base/member-logger.js'
import { count, having, type OptionTable, readOptions } from '../base/option-table.js'
import { Appender, type Limits } from './appender.js'
import type { Disk, Hold } from './disk.js'
import { FileSystem } from './filesystem.js'
import { createJournal } from './create.js'
import { IDENTITY } from './identity.js'
import type { Holdings, Journal, JournalStat } from './journal.js'
import { checkOwner } from './owner.js'
import { Manifest } from './manifest.js'
import { readMany, readSnapshot, oneByOne } from './reader.js'
import { diskFailed } from './errors.js'
import { repair } from './repair.js'
import { replaceState } from './replace-by-snapshot.js'
import { setAside } from './set-aside.js'
import { type FolderScan, scanFolder } from './scan-folder.js'

const MIB = 1024 * 1024

/** The options of a FileJournal. */
export interface FileJournalOptions {
    /**
     * A segment file of at least this size is full, and the next one begins: 1024 to 1 GiB, in
     * bytes. A snapshot removes whole segment files.
     *
     * @default 64 MiB
     */
    readonly segmentSize?: number
    /**
     * The maximum size of a record, in bytes, up to 256 MiB.
     *
     * @default 16 MiB
     */
    readonly recordSize?: number
    /**
     * The maximum number of bytes that wait behind the current write, up to 1 GiB. Further records
     * throw `overloaded`; a single record is always accepted.
     *
     * @default 256 MiB
     */
    readonly waitingSize?: number
    /**
     * The file system of the folder.
     *
     * @default the file system of this machine
     */
    readonly disk?: Disk
}

/** The kinds of these options. */
export const FILE_JOURNAL_OPTIONS: OptionTable<FileJournalOptions> = {
    segmentSize: count(1024 * MIB, 1024),
    recordSize: count(256 * MIB),
    waitingSize: count(1024 * MIB),
    disk: having('a Disk', 'makeFolder', 'hold', 'list', 'open', 'create', 'rename', 'remove')
}

/** Reads pieces. If reading fails, the journal has failed. */
async function* failingWith<Piece>(
    pieces: AsyncGenerator<Piece, void, undefined>, appender: Appender
): AsyncGenerator<Piece, void, undefined> {
    try {
        yield* pieces
    } catch (error) {
        throw appender.fail(error)
    }
}

/** The parts of an open journal. */
interface Opened {
    readonly hold: Hold
    readonly scan: FolderScan
    readonly manifest: Manifest
    readonly appender: Appender
}

/**
 * A journal in a folder of its own on a local disk. Records are appended to segment files, with one
 * write and one synchronization for all records that wait. Nothing happens before `open`.
 *
 * The journal returns exactly the written bytes, or refuses to open. `open` cuts only the end of an
 * unfinished write, of which no `flush` has reported a record, and logs the cut.
 */
export class FileJournal implements Journal {
    /** The absolute path of the folder. */
    readonly folder: string
    readonly #disk: Disk
    readonly #limits: Limits
    #owner = ''
    /** `open` comes before the member knows its republic, which the records name. */
    readonly #logger = new MemberLogger('kibitz/journal', () => {
        return { id: this.#owner, republic: null }
    }, this)
    #opening: Promise<Opened> | null = null
    #opened: Opened | null = null
    #replacing: Promise<void> | null = null
    #closing: Promise<void> | null = null
    readonly #abort: AbortController = new AbortController()

    /** @throws KibitzError `invalid-argument` if the folder or an option is not usable. */
    constructor(folder: string, options: FileJournalOptions | null = {}) {
        if (typeof folder !== 'string' || folder === '' || folder.includes('\0')) {
            throw new KibitzError('invalid-argument',
                'The folder of a FileJournal is a path, a text. Nothing was opened; pass a path.')
        }
        const {
            segmentSize = 64 * MIB, recordSize = 16 * MIB, waitingSize = 256 * MIB, disk
        } = readOptions('a FileJournal', options, FILE_JOURNAL_OPTIONS)
        this.folder = resolve(folder)
        this.#disk = disk ?? new FileSystem()
        this.#limits = { segmentSize, recordSize, waitingSize }
    }

    async open(owner: string): Promise<Holdings> {
        if (this.#opening !== null || this.#closing !== null) {
            throw new KibitzError('invalid-argument', 'A journal is opened once. Nothing was done.')
        }
        checkOwner(owner)
        this.#owner = owner
        this.#opening = this.#openFolder(owner)
        this.#opened = await this.#opening
        const { contents, first, position } = this.#opened.scan
        const snapshot = contents.snapshot === null ? null : { through: contents.snapshot.through }
        return { snapshot, first, last: position.last }
    }

    async #openFolder(owner: string): Promise<Opened> {
        const [disk, folder] = [this.#disk, this.folder]
        let hold: Hold | null = null
        try {
            await disk.makeFolder(folder)
            hold = await disk.hold(folder)
            let names = await disk.list(folder) ?? []
            if (!names.includes(IDENTITY)) {
                await createJournal(disk, folder, names, owner)
                names = await disk.list(folder) ?? []
            }
            const scan = await scanFolder({ disk, folder }, names, owner)
            const { identity, contents, segments, position } = scan
            const manifest = new Manifest(disk, folder, identity.id, contents)
            const file = await repair(disk, folder, names, scan, manifest, this.#logger)
            const appender = new Appender({
                disk, folder, identity, manifest, limits: this.#limits, file, segments, position
            })
            return { hold, scan, manifest, appender }
        } catch (error) {
            await hold?.release()
            throw diskFailed(folder, error)
        }
    }

    async* readSnapshot(): AsyncGenerator<Uint8Array, void, undefined> {
        const { appender, scan: { identity, contents: { snapshot } } } = this.#requireOpen()
        if (snapshot !== null) {
            const place = { disk: this.#disk, folder: this.folder }
            yield* failingWith(readSnapshot(place, identity, snapshot), appender)
        }
    }

    read(from: number): AsyncGenerator<Uint8Array, void, undefined> {
        return oneByOne(this.readMany(from))
    }

    async* readMany(from: number): AsyncGenerator<readonly Uint8Array[], void, undefined> {
        const { appender, scan } = this.#requireOpen()
        if (!Number.isSafeInteger(from) || from < scan.first) {
            throw new KibitzError('invalid-argument',
                `The records begin with ${scan.first}. Nothing was read.`)
        }
        const place = { disk: this.#disk, folder: this.folder }
        yield* failingWith(readMany(place, scan, from), appender)
    }

    append(record: Uint8Array): number {
        return this.#requireOpen().appender.append(record)
    }

    flush(): Promise<number> {
        try {
            return this.#requireOpen().appender.flush()
        } catch (error) {
            return Promise.reject(error)
        }
    }

    async snapshot(
        through: number, state: AsyncIterable<Uint8Array> | Iterable<Uint8Array>
    ): Promise<void> {
        const opened = this.#requireOpen()
        const { appender, manifest } = opened
        const before = manifest.contents.snapshot?.through ?? 0
        if (!Number.isSafeInteger(through) || through < Math.max(before, 1)
            || through > appender.last) {
            throw new KibitzError('invalid-argument', `A snapshot stands for all records through `
                + `one from ${Math.max(before, 1)} to ${appender.last}. Nothing was written.`)
        }
        if (this.#replacing !== null) {
            throw new KibitzError('invalid-argument',
                'A snapshot is being written already. Nothing was done. Wait for that.')
        }
        if (through === before) {
            return
        }
        this.#replacing = this.#replaceByState(opened, through, state)
        this.#replacing.catch(() => {})
        try {
            await this.#replacing
        } finally {
            this.#replacing = null
        }
    }

    async #replaceByState(
        { appender, manifest, scan: { identity } }: Opened, through: number,
        state: AsyncIterable<Uint8Array> | Iterable<Uint8Array>
    ): Promise<void> {
        if (appender.stable < through) {
            await appender.flush()
        }
        const place = { disk: this.#disk, folder: this.folder }
        const outcome = await replaceState({
            place, identity, manifest, through, state, signal: this.#abort.signal
        }).catch((error: unknown) => {
            throw appender.fail(error)
        })
        if (outcome !== null) {
            throw outcome.reason
        }
        await appender.deleteThrough(through).catch((error: unknown) => {
            throw appender.fail(error)
        })
    }

    stat(): JournalStat {
        const { appender, manifest: { contents: { snapshot } } } = this.#requireOpen()
        const { last, stable, waiting, commits, segments, size } = appender
        return {
            first: (snapshot?.through ?? 0) + 1, last, stable, waiting, commits, segments, size,
            snapshot: snapshot?.through ?? null,
            snapshotSize: snapshot?.size ?? 0
        }
    }

    prepareSpace(): void {
        this.#opened?.appender.prepareSpace()
    }

    /**
     * Renames the folder to `<folder>.<mark>`, or `<folder>.<mark>-2` and so on, and returns a
     * journal with the same options that begins with an empty folder. Nothing is deleted.
     *
     * @throws KibitzError `journal-failed`: the folder could not be renamed, and is as it was.
     */
    async setAside(mark: string): Promise<Journal> {
        await this.close()
        const target = await setAside(this.#disk, this.folder, mark)
        this.#logger.warn('setAside', { folder: this.folder, target })
        return new FileJournal(this.folder, { ...this.#limits, disk: this.#disk })
    }

    close(): Promise<void> {
        this.#closing ??= this.#closeFolder()
        return this.#closing
    }

    async #closeFolder(): Promise<void> {
        this.#abort.abort(new KibitzError('destroyed',
            'The journal was closed before the snapshot was whole. What it held it still holds.'))
        const opened = await this.#opening?.catch(() => null) ?? null
        if (opened === null) {
            return
        }
        const { appender, hold } = opened
        await this.#replacing?.catch(() => {})
        try {
            await appender.end()
        } catch (error) {
            // Without the mark of a close, the next `open` checks the end as after a crash.
            const reason = error instanceof Error ? error.message : String(error)
            this.#logger.error('unclosed', { folder: this.folder, reason })
        }
        await hold.release().catch(() => {})
    }

    /** The parts of the journal, if it is open. */
    #requireOpen(): Opened {
        if (this.#closing !== null) {
            throw new KibitzError('destroyed',
                'The journal was closed. What flush reported is kept; nothing was done.')
        }
        if (this.#opened === null) {
            throw new KibitzError('invalid-argument',
                'A journal is opened first. Nothing was done.')
        }
        return this.#opened
    }
}
