/** What tells a file from every copy of it, as far as the file system says so. */
export interface Birth {
    /** The number of its inode. */
    readonly inode: string
    /** When that was made, in nanoseconds since the epoch; `null` where nobody knows. */
    readonly born: string | null
}

/** An open file. Every method rejects with the error of the system, whose `code` is kept. */
export interface DiskFile {
    /** How long it is, in bytes. */
    size(): Promise<number>
    /** Reads into all of a buffer, or up to the end of the file; yields how many bytes it read. */
    read(into: Uint8Array, at: number): Promise<number>
    /** Writes all of it. What is written is not stable before `sync`. */
    write(bytes: Uint8Array, at: number): Promise<void>
    /** Shortens it. Not stable before `sync`. */
    truncate(size: number): Promise<void>
    /** Makes its bytes and its length stable. After a rejection nothing is known of either. */
    sync(): Promise<void>
    close(): Promise<void>
}

/** Exclusive hold of a folder. It ends with `release`, or with the process however that ends. */
export interface Hold {
    release(): Promise<void>
}

/**
 * All that the journal wants of a file system, so that a simulated one can stand under it. Paths
 * are joined with a slash. No call begins on a file before the one before it has ended.
 */
export interface Disk {
    /** Makes a folder, and those above it, and makes them stable. It may be there already. */
    makeFolder(path: string): Promise<void>
    /** The names in a folder, in any order; `null` where there is no such folder. */
    list(folder: string): Promise<string[] | null>
    /** Opens a file that is there, for reading alone or for both. */
    open(path: string, mode: 'read' | 'write'): Promise<DiskFile>
    /**
     * Makes an empty file, in place of any that is there. Its name is stable after `syncFolder`.
     */
    create(path: string): Promise<DiskFile>
    /** Gives a file another name, in place of any that has it; stable after `syncFolder`. */
    rename(from: string, to: string): Promise<void>
    /** Takes a file away, if it is there; stable after `syncFolder`. */
    remove(path: string): Promise<void>
    /** Makes the names in a folder stable. */
    syncFolder(folder: string): Promise<void>
    /** What tells a file from every copy of it. It outlives a rename. */
    birth(path: string): Promise<Birth>
    /** Those alive who hold a folder, each in words. Nothing is changed. */
    holders(folder: string): Promise<readonly string[]>
    /**
     * Takes exclusive hold of a folder.
     *
     * @throws KibitzError `journal-locked` where somebody alive has it.
     */
    hold(folder: string): Promise<Hold>
}
