const KIB = 1024

/**
 * How much of anything a wire may bring. A message beyond a limit is rejected as a whole, before
 * the engine sees it. The bytes of an envelope are the transport's to bound, and how deep a value
 * nests is bounded by `DEPTH_MAX` of `body.ts`; nothing else that travels nests at all.
 */
export interface WireLimits {
    /** How many entries one batch proposes, and how many receipts answer it. By default 1024. */
    readonly entriesMax: number
    /** How many entries one run, or one promise, carries. By default 2048. */
    readonly runMax: number
    /** How many citizens a government, a census or a report names. By default 1024. */
    readonly citizensMax: number
    /** How many proposals a government renumbers; above what may wait. By default 131072. */
    readonly remapsMax: number
    /** How many hexadecimal digits a word of a promise, ballot or cookie has. By default 64. */
    readonly wordMax: number
    /** How many characters name a republic, its founding or an incarnation. By default 256. */
    readonly nameMax: number
    /** How many bytes of JSON in UTF-8 the properties of one member take. By default 16 KiB. */
    readonly propertiesWeightMax: number
    /** How many bytes of JSON in UTF-8 the body of one entry takes. By default 256 KiB. */
    readonly bodyWeightMax: number
}

/** The limits where none are given. Every member of a republic must be given the same. */
export const WIRE_LIMITS: WireLimits = Object.freeze({
    entriesMax: 1024,
    runMax: 2048,
    citizensMax: 1024,
    remapsMax: 128 * KIB,
    wordMax: 64,
    nameMax: 256,
    propertiesWeightMax: 16 * KIB,
    bodyWeightMax: 256 * KIB
})
