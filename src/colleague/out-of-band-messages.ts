import { WIRE_LIMITS, type WireLimits } from '../guard/limits.js'
import { Fault } from '../guard/rejection.js'
import { flag, id, index, name, oneOf, jsonUpTo, promise, text } from '../guard/scalars.js'
import { type Guard, applyGuard, nullable, record } from '../guard/combinators.js'
import type { Monotonic } from '../base/monotonic.js'
import type { Republic } from '../paxos/messages/messages.js'

/** An out-of-band question of one Colleague to another. The question does not enter the log. */
export interface Post {
    /** The name of the service. */
    readonly islandName: string
    /** The run of the service; `null` if the sender does not know the run. */
    readonly islandId: Republic | null
    /** The id of the recipient; `null` if the sender does not know the id. */
    readonly colleagueId: string | null
    /** The name of the question. Names that begin with `colleague.` are reserved. */
    readonly name: string
    /** The contents of the question. */
    readonly post: unknown
}

const REFUSALS = [
    /** The recipient belongs to another service, or to another run of the service. */
    'other-island',
    /** The recipient has another id. */
    'other-colleague',
    /** The recipient has stopped and has no state. */
    'stateless',
    /** The recipient cannot answer yet: ask again. */
    'not-ready',
    /** The recipient no longer holds the snapshot: request a new snapshot. */
    'expired',
    /** The application has no method `outOfBand`, or the name is reserved. */
    'unknown-name',
    /** The question is malformed. */
    'malformed',
    /** The answer, or the state, is larger than the limit. */
    'too-large',
    /** Too many questions wait at the recipient. */
    'overloaded',
    /** The recipient threw an error. */
    'failed'
] as const

/** The reason for which a Colleague refuses a question. */
export type RefusalCode = (typeof REFUSALS)[number]

/** The answer to a question: a result or a refusal. Plain data. */
export type Reply =
    | { readonly result: unknown; readonly refusal?: never }
    | { readonly refusal: RefusalCode; readonly result?: never }

/** The question for the recipient's run of the service, and for the use of an id. */
export const INTRODUCE = 'colleague.introduce'
/** The question for a snapshot. */
export const SNAPSHOT = 'colleague.snapshot'
/** The question for a chunk of a snapshot. */
export const CHUNK = 'colleague.chunk'

/** The largest chunk of a state, in bytes. */
export const CHUNK_SIZE_MAX: number = 1024 * 1024

/** The largest answer of an application, in bytes of its JSON. */
export const ANSWER_SIZE_MAX: number = 4 * 1024 * 1024

const TOO_LONG = new Fault('too-long')
const WRONG_TYPE = new Fault('wrong-type')

/** The bytes of a chunk in base64. */
const data: Guard<string> = (value) => {
    if (typeof value !== 'string') {
        return WRONG_TYPE
    }
    return value.length > Math.ceil(CHUNK_SIZE_MAX / 3) * 4 ? TOO_LONG : value
}

const guardOfPost: Guard<Post> = record<Post>({
    islandName: text,
    islandId: nullable(name),
    colleagueId: nullable(id),
    name: text,
    post: jsonUpTo('bodyBytesMax')
})

/** The contents of `INTRODUCE`: the id of the newcomer. */
export interface IntroducePost {
    readonly id: string
}

/** The answer to `INTRODUCE`. */
export interface Introduction {
    readonly islandId: Republic
    /** Whether a citizen has the id of the newcomer. */
    readonly isTaken: boolean
}

/** The contents of `SNAPSHOT`. */
export interface SnapshotPost {
    /** Distinguishes this founding of the republic from other foundings of the same name. */
    readonly founding: string
    /** The entry that admitted the newcomer. The snapshot must contain this entry. */
    readonly through: Monotonic
}

/** The answer to `SNAPSHOT`. */
export interface SnapshotOffer {
    /** The key of the snapshot for chunk requests. */
    readonly snapshot: string
    /** The last entry that the snapshot contains. */
    readonly promise: Monotonic
    /** In bytes; `null` while the application still writes the snapshot. */
    readonly size: number | null
}

/** The contents of `CHUNK`. */
export interface ChunkPost {
    /** The key of the snapshot. */
    readonly snapshot: string
    /** The position of the chunk, from 0. */
    readonly index: number
    /** `true` for an answer as bytes, `false` for an answer as JSON. */
    readonly bytes: boolean
}

/** The answer to `CHUNK` as JSON. */
export interface ChunkAnswer {
    /** The bytes of the chunk in base64. */
    readonly data: string
    /** The SHA-256 of the bytes, in hexadecimal. */
    readonly digest: string
}

/** The answer to `CHUNK` if the index is behind the last chunk: the totals of the snapshot. */
export interface TotalAnswer {
    readonly chunks: number
    /** In bytes. */
    readonly size: number
    /** The SHA-256 over the digests of all chunks, in order, in hexadecimal. */
    readonly digest: string
}

const guardOfIntroducePost = record<IntroducePost>({ id })
const guardOfIntroduction = record<Introduction>({ islandId: name, isTaken: flag })
const guardOfSnapshotPost = record<SnapshotPost>({ founding: text, through: promise })
const guardOfSnapshotOffer = record<SnapshotOffer>({
    snapshot: text,
    promise,
    size: nullable(index)
})
const guardOfChunkPost = record<ChunkPost>({ snapshot: text, index, bytes: flag })
const guardOfTotalAnswer = record<TotalAnswer>({ chunks: index, size: index, digest: text })
const guardOfChunkAnswer = record<ChunkAnswer>({ data, digest: text })
const guardOfRefusal = record<{ readonly refusal: RefusalCode }>({
    refusal: oneOf(REFUSALS, 'unknown-method')
})
const LIMITS_OF_ANSWERS: WireLimits = { ...WIRE_LIMITS, bodyBytesMax: ANSWER_SIZE_MAX }
const guardOfResult = record<{ readonly result: unknown }>({ result: jsonUpTo('bodyBytesMax') })

type Reader<T> = (value: unknown) => T | null

function reader<T>(guard: Guard<T>, limits: WireLimits = WIRE_LIMITS): Reader<T> {
    return (value) => {
        const guarded = applyGuard(guard, value, limits)
        return guarded.ok ? guarded.value : null
    }
}

/** Readers that rebuild a received value field by field; `null` if the value is malformed. */
export const read: {
    readonly post: Reader<Post>
    readonly introducePost: Reader<IntroducePost>
    readonly introduction: Reader<Introduction>
    readonly snapshotPost: Reader<SnapshotPost>
    readonly snapshotOffer: Reader<SnapshotOffer>
    readonly chunkPost: Reader<ChunkPost>
    readonly chunkAnswer: Reader<ChunkAnswer>
    readonly totalAnswer: Reader<TotalAnswer>
} = Object.freeze({
    post: reader(guardOfPost),
    introducePost: reader(guardOfIntroducePost),
    introduction: reader(guardOfIntroduction),
    snapshotPost: reader(guardOfSnapshotPost),
    snapshotOffer: reader(guardOfSnapshotOffer),
    chunkPost: reader(guardOfChunkPost),
    chunkAnswer: reader(guardOfChunkAnswer),
    totalAnswer: reader(guardOfTotalAnswer)
})

const readRefusal = reader(guardOfRefusal)
const readResult = reader(guardOfResult, LIMITS_OF_ANSWERS)

/** The maximum number of bytes that an encoding adds to a chunk. */
const CHUNK_OVERHEAD = 64

/** Reads an answer of bytes. Only `CHUNK` has such an answer. */
function readBytes(value: unknown): Reply | null {
    const { result } = (value ?? {}) as { readonly result?: unknown }
    return result instanceof Uint8Array && result.length <= CHUNK_SIZE_MAX + CHUNK_OVERHEAD
        ? { result }
        : null
}

/** Reads the answer of a peer. A malformed answer becomes the refusal `failed`. */
export function readReply(value: unknown, name: string = ''): Reply {
    const bytes = name === CHUNK ? readBytes(value) : null
    return bytes ?? readRefusal(value) ?? readResult(value) ?? { refusal: 'failed' }
}
