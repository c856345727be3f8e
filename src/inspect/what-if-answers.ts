// The answers about variants. The page runs in a browser, so this file has types alone.
import type { PlaceAnswer } from './answers.js'

/** The outcome of one of the compared times. Instants are in milliseconds after the point. */
export interface WhatIfColumn {
    readonly name: string
    /** The end of the recordings, or of the continuation. */
    readonly endsAt: number
    readonly governments: readonly {
        readonly promise: string
        readonly leader: string
        readonly majority: readonly string[]
        readonly minority: readonly string[]
        readonly at: number
    }[]
    readonly gaps: readonly {
        readonly from: number
        readonly to: number
        readonly before: string | null
        readonly after: string | null
    }[]
    /** The number of published values, and of these in the log. */
    readonly published: number
    readonly inLog: number
}

/** The fate of a published value: as recorded, continued, and with the change. */
export interface WhatIfPublish {
    readonly member: string
    readonly ticket: number
    readonly value: string
    readonly fates: readonly string[]
}

/** The first input that a change changes: an input of the continuation. */
export interface WhatIfDifference extends PlaceAnswer {
    readonly at: number
    readonly unchanged: string
    /** `null`: with the change, the member gets no input. */
    readonly changed: string | null
}

/** The result of a change beside the recorded history. */
export interface WhatIfAnswer {
    /** The name of the variant in later questions. */
    readonly id: number
    /** The change, in words. */
    readonly what: string
    /** The point, as an aligned instant. */
    readonly at: number
    readonly durationMs: number
    /** The citizens without a recording. */
    readonly missing: readonly string[]
    readonly columns: readonly WhatIfColumn[]
    readonly publishes: readonly WhatIfPublish[]
    readonly publishesTotal: number
    readonly difference: WhatIfDifference | null
    readonly isSavable: boolean
}

/** A test that repeats a variant. */
export interface WhatIfTestAnswer {
    readonly name: string
    readonly text: string
}
