import { crc32c } from './crc32c.js'
import type { Disk } from './disk.js'

/** No document is longer than this, in bytes. */
const SIZE_MAX = 64 * 1024

/** A small value as text with its checksum behind it: one line of JSON, one of digits. */
export function encodeSmallFile(value: unknown): Buffer {
    const text = Buffer.from(`${JSON.stringify(value)}\n`)
    const checksum = crc32c(text, 0, text.length).toString(16).padStart(8, '0')
    return Buffer.concat([text, Buffer.from(`${checksum}\n`)])
}

/** The value a document holds; `undefined` where a single bit of it is not what was written. */
export function decodeSmallFile(bytes: Buffer): unknown {
    const end = bytes.indexOf('\n') + 1
    const value: unknown = end === 0 ? undefined : parse(bytes.toString('utf8', 0, end))
    return value !== undefined && encodeSmallFile(value).equals(bytes) ? value : undefined
}

function parse(text: string): unknown {
    try {
        return JSON.parse(text)
    } catch {
        return undefined
    }
}

/** Puts a document in place of another, so that at any time the one or the other is there whole. */
export async function writeSmallFile(
    disk: Disk, folder: string, name: string, value: unknown
): Promise<void> {
    const beside = `${folder}/${name}.new`
    const file = await disk.create(beside)
    try {
        await file.write(encodeSmallFile(value), 0)
        await file.sync()
    } finally {
        await file.close()
    }
    await disk.rename(beside, `${folder}/${name}`)
    await disk.syncFolder(folder)
}

/** The value of a document of a folder; `undefined` where it is not what was written. */
export async function readSmallFile(disk: Disk, folder: string, name: string): Promise<unknown> {
    const file = await disk.open(`${folder}/${name}`, 'read')
    try {
        const bytes = Buffer.alloc(Math.min(await file.size(), SIZE_MAX))
        return decodeSmallFile(bytes.subarray(0, await file.read(bytes, 0)))
    } finally {
        await file.close()
    }
}

/** The fields of a value that is an object, or none. */
export function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
    return typeof value === 'object' && value !== null ? { ...value } : {}
}

/** Whether a value is a whole number that counts something. */
export function isCount(value: unknown): value is number {
    return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}
