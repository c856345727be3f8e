import { WIRE_LIMITS, type WireLimits } from '../guard/limits.js'
import { Fault } from '../guard/rejection.js'
import { flag, id, index, name, oneOf, jsonUpTo, promise, text } from '../guard/scalars.js'
import { type Guard, applyGuard, nullable, record } from '../guard/combinators.js'
import type { Monotonic } from '../base/monotonic.js'
import type { Republic } from '../paxos/messages/messages.js'

/** What one colleague asks of another beside the log. */
export interface Post {
    /** The service. */
    readonly islandName: string
    /** The run of its republic; `null` where the asker does not know it yet. */
    readonly islandId: Republic | null
    /** Who is asked; `null` where the asker does not know it yet. */
    readonly colleagueId: string | null
    /** What is asked. Names that begin with `colleague.` are taken. */
    readonly name: string
    readonly post: unknown
}

const REFUSALS = [
    /** Another service, or another run of it. */
    'other-island',
    /** Not who was asked for. */
    'other-colleague',
    /** It has no state itself yet, or any more. */
    'stateless',
    /** Not yet: ask again. */
    'not-ready',
    /** What was asked for is gone: begin anew. */
    'expired',
    /** Nobody answers that. */
    'unknown-name',
    /** That is no question. */
    'malformed',
    /** The answer is larger than may travel. */
    'too-large',
    /** Too many ask. */
    'overloaded',
    /** What was to answer threw. */
    'failed'
] as const

/** Why a colleague refuses an answer; one of a closed set. */
export type RefusalCode = (typeof REFUSALS)[number]

/** What comes back: plain data, whatever it travels by. */
export type Reply =
    | { readonly result: unknown; readonly refusal?: never }
    | { readonly refusal: RefusalCode; readonly result?: never }

/** Asks who is there: which run of which service, and whether a name is taken. */
export const INTRODUCE = 'colleague.introduce'
/** Asks for a snapshot. */
export const SNAPSHOT = 'colleague.snapshot'
/** Asks for a part of it. */
export const CHUNK = 'colleague.chunk'

/** How many bytes of a state travel at a time, at most. */
export const CHUNK_SIZE_MAX: number = 1024 * 1024

/** How much an answer of an application may weigh, in bytes of its JSON. */
export const ANSWER_SIZE_MAX: number = 4 * 1024 * 1024

const TOO_LONG = new Fault('too-long')
const WRONG_TYPE = new Fault('wrong-type')

/** Bytes in base64. */
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

/** A newcomer says which name it wants. */
export interface IntroducePost {
    readonly id: string
}

/** What whoever knows of the republic says to it. */
export interface Introduction {
    readonly islandId: Republic
    /** Whether the name that was asked for is a citizen's. */
    readonly isTaken: boolean
}

/** Which snapshot a newcomer needs. */
export interface SnapshotPost {
    /** Tells this founding of the republic from others of the same name. */
    readonly founding: string
    /** The entry that admitted the newcomer: the snapshot may not be older. */
    readonly through: Monotonic
}

/** What a member offers. */
export interface SnapshotOffer {
    /** The name by which its chunks are asked for. */
    readonly snapshot: string
    /** The last entry that was applied to it. */
    readonly promise: Monotonic
    /** In bytes; `null` while the application still yields pieces. */
    readonly size: number | null
}

/** Which chunk of it. */
export interface ChunkPost {
    readonly snapshot: string
    /** From zero. */
    readonly index: number
    /** Whether the transport carries the answer as bytes; as JSON otherwise. */
    readonly bytes: boolean
}

/** A chunk. */
export interface ChunkAnswer {
    /** In base64. */
    readonly data: string
    /** The SHA-256 of its bytes, in hexadecimal. */
    readonly digest: string
}

/** What all chunks come to: the answer to a question for a chunk behind the last one. */
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

/** What has arrived, rebuilt field by field; `null` where it is no such thing. */
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

/** How many bytes stand around those of a chunk, at most. */
const CHUNK_OVERHEAD = 64

/** An answer that arrived as bytes. Only the question for a chunk has such an answer. */
function readBytes(value: unknown): Reply | null {
    const { result } = (value ?? {}) as { readonly result?: unknown }
    return result instanceof Uint8Array && result.length <= CHUNK_SIZE_MAX + CHUNK_OVERHEAD
        ? { result }
        : null
}

/** What a peer's answer says; one that says nothing sensible is `failed`. */
export function readReply(value: unknown, name: string = ''): Reply {
    const bytes = name === CHUNK ? readBytes(value) : null
    return bytes ?? readRefusal(value) ?? readResult(value) ?? { refusal: 'failed' }
}
