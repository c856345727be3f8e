import { CHUNK_SIZE_MAX, type ChunkAnswer } from './out-of-band-messages.js'
import { DIGEST_SIZE, digestOf, type Piece } from './disk-buffer.js'

/** A chunk as JSON, for transports that carry JSON only. */
export function packJson({ bytes, digest }: Piece): ChunkAnswer {
    return Object.freeze({ data: bytes.toString('base64'), digest: digest.toString('hex') })
}

/** The bytes of a chunk from JSON; `null` if the digest does not match. */
export function unpackJson({ data, digest }: ChunkAnswer): Piece | null {
    return checked(Buffer.from(data, 'base64'), Buffer.from(digest, 'hex'))
}

/** A chunk as bytes: 32 bytes of digest, then the bytes of the chunk. */
export function packBytes({ bytes, digest, packed }: Piece): Uint8Array {
    return packed ?? Buffer.concat([digest, bytes])
}

/** The bytes of a chunk from `packBytes`; `null` if the digest does not match. */
export function unpackBytes(packed: Uint8Array): Piece | null {
    const all = Buffer.from(packed.buffer, packed.byteOffset, packed.byteLength)
    return checked(all.subarray(DIGEST_SIZE), all.subarray(0, DIGEST_SIZE))
}

function checked(bytes: Buffer, digest: Buffer): Piece | null {
    return bytes.length <= CHUNK_SIZE_MAX && digestOf(bytes).equals(digest)
        ? { bytes, digest }
        : null
}
