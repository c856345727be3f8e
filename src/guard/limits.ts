const KIB = 1024

/**
 * The limits of an arriving message. A message beyond a limit is rejected as a whole, before the
 * engine sees the message. The transport limits the bytes of an envelope. `DEPTH_MAX` of
 * `json-value.ts` limits the depth of a value; other parts of a message do not nest.
 */
export interface WireLimits {
    /** Entries of one batch, and receipts in its answer. @default 1024 */
    readonly entriesMax: number
    /** Entries of one run, or of one promise. @default 2048 */
    readonly runMax: number
    /** Citizens in a government, a census or a report. @default 1024 */
    readonly citizensMax: number
    /** Proposals that a government renumbers; above the number that may wait. @default 131072 */
    readonly remapsMax: number
    /** Hexadecimal digits in one word of a promise, ballot or cookie. @default 64 */
    readonly wordMax: number
    /** Characters in the name of a republic, a founding or an incarnation. @default 256 */
    readonly nameMax: number
    /** JSON bytes in UTF-8 of the properties of one member. @default 16384 */
    readonly propertiesBytesMax: number
    /** JSON bytes in UTF-8 of the body of one entry. @default 262144 */
    readonly bodyBytesMax: number
}

/** The default limits. Every member of a republic must use the same limits. */
export const WIRE_LIMITS: WireLimits = Object.freeze({
    entriesMax: 1024,
    runMax: 2048,
    citizensMax: 1024,
    remapsMax: 128 * KIB,
    wordMax: 64,
    nameMax: 256,
    propertiesBytesMax: 16 * KIB,
    bodyBytesMax: 256 * KIB
})
