/**
 * The facts that distinguish a file from every copy, as far as the file system reports these facts.
 */
export interface FileBirth {
    /** The number of the inode. */
    readonly inode: string
    /** The creation time of the inode, in nanoseconds since the epoch; `null` if unknown. */
    readonly born: string | null
}

/** An open file. Every method rejects with the error of the system, including its `code`. */
export interface DiskFile {
    /** The length in bytes. */
    size(): Promise<number>
    /** Reads until the buffer is full or the file ends. Yields the number of bytes read. */
    read(into: Uint8Array, at: number): Promise<number>
    /**
     * Writes all bytes. The bytes are stable only after `sync`. If the system takes a part of the
     * bytes and then fails, the file ends before the bytes.
     */
    write(bytes: Uint8Array, at: number): Promise<void>
    /**
     * Writes all bytes, and makes the bytes and the length stable: as safe as `write` and `sync`
     * in one call, and faster in place of other bytes. A crash keeps the first bytes of such a
     * write, and a loss of power any sectors of it. After a rejection, the state is unknown. If
     * the method is missing, the journal calls `write` and `sync`. Optional.
     */
    writeStable?(bytes: Uint8Array, at: number): Promise<void>
    /** Shortens the file. The new length is stable only after `sync`. */
    truncate(size: number): Promise<void>
    /** Makes the bytes and the length stable. After a rejection, the state of both is unknown. */
    sync(): Promise<void>
    close(): Promise<void>
}

/** An exclusive hold of a folder. The hold ends with `release`, or with the process in any way. */
export interface Hold {
    release(): Promise<void>
}

/**
 * The file system operations of a journal; tests pass a simulated file system. Paths are joined
 * with a slash. On one file, a call begins after the call before has ended.
 */
export interface Disk {
    /** Makes a folder and its missing parents, stable. The folder may exist. */
    makeFolder(path: string): Promise<void>
    /** The names in a folder, in any order; `null` if the folder does not exist. */
    list(folder: string): Promise<string[] | null>
    /** Opens an existing file, for reading or for reading and writing of records. */
    open(path: string, mode: 'read' | 'write'): Promise<DiskFile>
    /**
     * Makes an empty file in place of any existing file. The name is stable after `syncFolder`.
     *
     * @param use Whether the file gets records, for which `writeStable` is useful. @default 'once'
     */
    create(path: string, use?: 'once' | 'records'): Promise<DiskFile>
    /** Renames a file in place of any existing file; stable after `syncFolder`. */
    rename(from: string, to: string): Promise<void>
    /** Removes a file if the file exists; stable after `syncFolder`. */
    remove(path: string): Promise<void>
    /** Makes the names in a folder stable. */
    syncFolder(folder: string): Promise<void>
    /** The facts that distinguish a file from every copy. A rename does not change these facts. */
    birth(path: string): Promise<FileBirth>
    /** The live holders of a folder, in words. Changes nothing. */
    holders(folder: string): Promise<readonly string[]>
    /**
     * Takes an exclusive hold of a folder.
     *
     * @throws KibitzError `journal-locked` if a live process holds the folder.
     */
    hold(folder: string): Promise<Hold>
}
