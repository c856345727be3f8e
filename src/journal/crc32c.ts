/** The polynomial of CRC-32C (Castagnoli), bits reversed. */
const POLYNOMIAL = 0x82f63b78

/**
 * The algorithm processes 16 bytes at a time, and then eight, with one table of 256 entries for
 * each byte. Only four of the 16 bytes wait for the checksum of the bytes before.
 */
const LANES = 16
const HALF = 8
const ENTRIES = 256

/** All tables one after the other, so that one register addresses all of them. */
const TABLE = new Int32Array(LANES * ENTRIES)

for (let byte = 0; byte < ENTRIES; byte++) {
    let value = byte
    for (let bit = 0; bit < 8; bit++) {
        value = (value & 1) === 0 ? value >>> 1 : (value >>> 1) ^ POLYNOMIAL
    }
    TABLE[byte] = value
}
for (let index = ENTRIES; index < TABLE.length; index++) {
    // Each table is the table before, advanced by one zero byte.
    const before = entryOf(index - ENTRIES)
    TABLE[index] = (before >>> 8) ^ entryOf(before & 255)
}

/** A table entry. The index is always in range. */
function entryOf(index: number): number {
    return TABLE[index] as number
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
        crc = entryOf(3840 + ((crc ^ byteOf(bytes, at)) & 255))
            ^ entryOf(3584 + (((crc >>> 8) ^ byteOf(bytes, at + 1)) & 255))
            ^ entryOf(3328 + (((crc >>> 16) ^ byteOf(bytes, at + 2)) & 255))
            ^ entryOf(3072 + ((crc >>> 24) ^ byteOf(bytes, at + 3)))
            ^ entryOf(2816 + byteOf(bytes, at + 4)) ^ entryOf(2560 + byteOf(bytes, at + 5))
            ^ entryOf(2304 + byteOf(bytes, at + 6)) ^ entryOf(2048 + byteOf(bytes, at + 7))
            ^ entryOf(1792 + byteOf(bytes, at + 8)) ^ entryOf(1536 + byteOf(bytes, at + 9))
            ^ entryOf(1280 + byteOf(bytes, at + 10)) ^ entryOf(1024 + byteOf(bytes, at + 11))
            ^ entryOf(768 + byteOf(bytes, at + 12)) ^ entryOf(512 + byteOf(bytes, at + 13))
            ^ entryOf(256 + byteOf(bytes, at + 14)) ^ entryOf(byteOf(bytes, at + 15))
    }
    for (const end = to - HALF; at <= end; at += HALF) {
        crc = entryOf(1792 + ((crc ^ byteOf(bytes, at)) & 255))
            ^ entryOf(1536 + (((crc >>> 8) ^ byteOf(bytes, at + 1)) & 255))
            ^ entryOf(1280 + (((crc >>> 16) ^ byteOf(bytes, at + 2)) & 255))
            ^ entryOf(1024 + ((crc >>> 24) ^ byteOf(bytes, at + 3)))
            ^ entryOf(768 + byteOf(bytes, at + 4)) ^ entryOf(512 + byteOf(bytes, at + 5))
            ^ entryOf(256 + byteOf(bytes, at + 6)) ^ entryOf(byteOf(bytes, at + 7))
    }
    for (; at < to; at++) {
        crc = (crc >>> 8) ^ entryOf((crc ^ byteOf(bytes, at)) & 255)
    }
    return ~crc >>> 0
}

/** A byte. The index is always in range. */
function byteOf(bytes: Uint8Array, at: number): number {
    return bytes[at] as number
}
