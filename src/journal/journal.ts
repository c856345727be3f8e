/** The contents of a journal at `open`. */
export interface Holdings {
    /** The snapshot in place of all records through its number; `null` without a snapshot. */
    readonly snapshot: { readonly through: number } | null
    /** The number of the first record after the snapshot. The record may not exist yet. */
    readonly first: number
    /** The number of the last record; `first - 1` without records. */
    readonly last: number
}

/** Counts and sizes of a journal, for operators. */
export interface JournalStat {
    /** The number of the first record after the snapshot. */
    readonly first: number
    /** The number of the last appended record. */
    readonly last: number
    /** The number of the last record on stable storage. */
    readonly stable: number
    /** The number of the snapshot; `null` without a snapshot. */
    readonly snapshot: number | null
    /** The size of the stored records with all headers, in bytes. */
    readonly size: number
    /** The size of the snapshot in bytes; 0 without a snapshot. */
    readonly snapshotSize: number
    /** The number of segments that store the records. */
    readonly segments: number
    /** The number of appended bytes that are not stable yet. */
    readonly waiting: number
    /** The number of group commits since `open`. */
    readonly commits: number
}

/**
 * Stores the inputs of a member before the effects of these inputs leave the process. Records are
 * opaque bytes with the numbers 1, 2, 3 … without gaps. A snapshot replaces all records through its
 * number.
 *
 * A journal fails once and for good. After the first storage error, every call rejects with this
 * error. Records that were not reported stable may be stored or lost; only a new journal that opens
 * the stored data finds out. `kibitz/journal/conformance` tests this behaviour for any
 * implementation.
 */
export interface Journal {
    /**
     * Locks the journal, checks all stored data, and reports the contents. Every reported record is
     * on stable storage. Called once, before any other method.
     *
     * @param owner The id of the member. A journal of another owner is rejected.
     * @throws KibitzError `journal-locked`, `journal-damaged`, `journal-foreign`, `journal-version`
     * or `journal-failed`. Then the journal is not locked, and no record was changed.
     */
    open(owner: string): Promise<Holdings>
    /**
     * The bytes of the snapshot as of `open`, in pieces of any size; no pieces without a snapshot.
     */
    readSnapshot(): AsyncIterable<Uint8Array>
    /**
     * The records from a number on, oldest first, through `last` as of `open`. Read all records
     * before the first call of `snapshot`.
     *
     * @param from At least `first`.
     */
    read(from: number): AsyncIterable<Uint8Array>
    /**
     * Like `read`, several records at a time, for a faster recovery. The bytes of the records may
     * change when the next records are requested. Optional.
     */
    readMany?(from: number): AsyncIterable<readonly Uint8Array[]>
    /**
     * Appends a record in memory and returns its number. The bytes are copied. The record is stable
     * only after `flush` has reported its number.
     *
     * @throws KibitzError `too-large` or `overloaded`; nothing was appended. After a failure of the
     * journal, the error of the failure.
     */
    append(record: Uint8Array): number
    /**
     * Resolves with the number of the last stable record: at least the last record appended before
     * the call. Records that are appended during a flush go into the next flush, in one write and
     * one synchronization. After the first failure, every flush rejects and nothing is written.
     */
    flush(): Promise<number>
    /**
     * Replaces all records through a number by a state. Appends and flushes continue meanwhile.
     * Until the call resolves, the journal also keeps the old records or the old state: after a
     * crash at any moment, `open` finds either the old or the new contents, complete. One call at a
     * time.
     *
     * @param through The number of an appended record, not below the number of the present
     * snapshot.
     * @param state Pieces, each a `Uint8Array`. If the iteration throws, or if a piece has another
     * type (`invalid-argument`), the call rejects and the journal is unchanged.
     */
    snapshot(
        through: number, state: AsyncIterable<Uint8Array> | Iterable<Uint8Array>
    ): Promise<void>
    /** Counts and sizes, as of now. */
    stat(): JournalStat
    /**
     * Allows a form of storage that earlier packages refuse: space that is prepared for later
     * records. The member calls this method when the earlier packages refuse its records anyway.
     * Optional.
     */
    prepareSpace?(): void
    /**
     * Moves the stored records and the snapshot to another place, and returns an empty journal at
     * the former place. Called after `close`. Optional. After an exile of its member, a Colleague
     * calls this method; without this method, the Colleague stops.
     *
     * @param mark A part of the name of the new place: `exiled`.
     */
    setAside?(mark: string): Promise<Journal>
    /** Flushes, unlocks, and closes all handles. Idempotent; never rejects. */
    close(): Promise<void>
}
