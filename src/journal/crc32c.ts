/** The polynomial of CRC-32C (Castagnoli), bits reversed. */
const POLYNOMIAL = 0x82f63b78

/** The algorithm processes eight bytes at a time, with one table for each byte. */
const LANES = 8

function tables(): Uint32Array[] {
    const first = Uint32Array.from({ length: 256 }, (_, byte) => {
        let value = byte
        for (let bit = 0; bit < 8; bit++) {
            value = (value & 1) === 0 ? value >>> 1 : (value >>> 1) ^ POLYNOMIAL
        }
        return value
    })
    const all = [first]
    while (all.length < LANES) {
        // Each table is the table before, advanced by one zero byte.
        all.push((all.at(-1) ?? first).map((value) => (value >>> 8) ^ entryOf(first, value & 255)))
    }
    return all
}

const [T0, T1, T2, T3, T4, T5, T6, T7] = tables() as [
    Uint32Array, Uint32Array, Uint32Array, Uint32Array,
    Uint32Array, Uint32Array, Uint32Array, Uint32Array
]

/** A table entry for a byte. The index is always in range. */
function entryOf(table: Uint32Array, byte: number): number {
    return table[byte] as number
}

/**
 * The CRC-32C of the bytes in [from, to). `seed` 0 begins a new checksum, and `crc32c(b, …,
 * crc32c(a, …))` is the checksum of `a` followed by `b`. The checksum detects every change of up to
 * 32 bits in a row, and any other change with probability 1 - 2^-32.
 *
 * `zlib.crc32` has another polynomial, which detects fewer changes of a few bits in long records,
 * and older versions of Node lack `zlib.crc32`.
 */
export function crc32c(bytes: Uint8Array, from: number, to: number, seed: number = 0): number {
    let crc = ~seed
    let at = from
    for (const end = to - LANES; at <= end; at += LANES) {
        const one = crc ^ word(bytes, at)
        const two = word(bytes, at + 4)
        crc = entryOf(T7, one & 255) ^ entryOf(T6, (one >>> 8) & 255)
            ^ entryOf(T5, (one >>> 16) & 255) ^ entryOf(T4, one >>> 24)
            ^ entryOf(T3, two & 255) ^ entryOf(T2, (two >>> 8) & 255)
            ^ entryOf(T1, (two >>> 16) & 255) ^ entryOf(T0, two >>> 24)
    }
    for (; at < to; at++) {
        crc = (crc >>> 8) ^ entryOf(T0, (crc ^ (bytes[at] as number)) & 255)
    }
    return ~crc >>> 0
}

/** Four bytes as a number, lowest byte first. */
function word(bytes: Uint8Array, at: number): number {
    return (bytes[at] as number) | ((bytes[at + 1] as number) << 8)
        | ((bytes[at + 2] as number) << 16) | ((bytes[at + 3] as number) << 24)
}
