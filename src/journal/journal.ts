/** What a journal holds when it is opened. */
export interface Holdings {
    /** The state that stands for all records through its number; `null` where there is none. */
    readonly snapshot: { readonly through: number } | null
    /** The number of the first record behind the snapshot, whether it is there yet or not. */
    readonly first: number
    /** The number of the last record; `first - 1` where there is none. */
    readonly last: number
}

/** Counts and bytes of a journal, for operators. */
export interface JournalStat {
    /** The number of the first record behind the snapshot. */
    readonly first: number
    /** The number of the last record appended. */
    readonly last: number
    /** The number through which everything is on stable storage. */
    readonly stable: number
    /** The number the snapshot stands for; `null` where there is none. */
    readonly snapshot: number | null
    /** How many bytes the records take where they are kept, with all that surrounds them. */
    readonly size: number
    /** How many bytes the snapshot takes; 0 where there is none. */
    readonly snapshotSize: number
    /** How many pieces the records are kept in. */
    readonly segments: number
    /** How many bytes are appended and not yet stable. */
    readonly waiting: number
    /** How many group commits there were since it was opened. */
    readonly commits: number
}

/**
 * Where a member writes down what happened to it, before anything that follows from it leaves the
 * process. Records are opaque bytes, numbered 1, 2, 3 … without gaps; a snapshot stands for all
 * through its number.
 *
 * A journal fails once and for good: after the first error of the storage below, every call rejects
 * with that error, and what was not yet reported stable is in the journal or not. Only a new
 * journal, opened on what is stored, can tell. `kibitz/journal/conformance` asks all of this of any
 * implementation.
 */
export interface Journal {
    /**
     * Takes exclusive hold of it, verifies all of it, and tells what it holds. Everything told is
     * on stable storage. Called once, before anything else.
     *
     * @param owner The id of the member. A journal that somebody else began is refused.
     * @throws KibitzError `journal-locked`, `journal-damaged`, `journal-foreign`, `journal-version`
     * or `journal-failed`. Nothing is held then, and no record was changed.
     */
    open(owner: string): Promise<Holdings>
    /** The bytes of the snapshot as of `open`, in pieces of any size; none where there is none. */
    readSnapshot(): AsyncIterable<Uint8Array>
    /**
     * Records from a number on, oldest first, through `last` as of `open`. To be read to the end
     * before the first `snapshot`.
     *
     * @param from Not before `first`.
     */
    read(from: number): AsyncIterable<Uint8Array>
    /**
     * As `read`, some records at a time: a member has many to come back from. It reads them so
     * where this is there.
     */
    readMany?(from: number): AsyncIterable<readonly Uint8Array[]>
    /**
     * Appends a record in memory, synchronously, and returns its number. The bytes are copied. It
     * is not stable before `flush` says so.
     *
     * @throws KibitzError `too-large` or `overloaded`, with nothing appended; the error of the
     * failure where the journal has failed.
     */
    append(record: Uint8Array): number
    /**
     * Resolves with the number through which everything is on stable storage: at least all that was
     * appended before the call. What gathers while one is under way goes with the next, in one
     * write and one synchronization. Rejects for good after the first failure; nothing is tried
     * again.
     */
    flush(): Promise<number>
    /**
     * Replaces everything through a record by a state. Appends and flushes go on meanwhile. Until
     * it resolves, the journal holds the old records, or the old state, as well; whenever the
     * process or the machine stops, `open` finds the one or the other whole. One at a time.
     *
     * @param through The number of a record appended, and not before the snapshot there is.
     * @param state Pieces, each a `Uint8Array`. If the iteration throws, or if a piece is of
     * another kind (`invalid-argument`), the call rejects and leaves the journal as it was.
     */
    snapshot(
        through: number, state: AsyncIterable<Uint8Array> | Iterable<Uint8Array>
    ): Promise<void>
    /** Counts and bytes, as they are now. */
    stat(): JournalStat
    /**
     * Moves the stored records and the snapshot to another place, and returns an empty journal at
     * the former place. Called after `close`. A Colleague whose member was exiled calls it where
     * it is there, and otherwise stops.
     *
     * @param mark Becomes part of the name of the other place: `exiled`.
     */
    setAside?(mark: string): Promise<Journal>
    /** Flushes, lets go, and holds no handle any more. Idempotent; never rejects. */
    close(): Promise<void>
}
