import { crc32c } from './crc32c.js'
import type { Disk } from './disk.js'

/** The maximum size of a small file, in bytes. */
const SIZE_MAX = 64 * 1024

/** Encodes a value as a line of JSON and a line with its checksum. */
export function encodeSmallFile(value: unknown): Buffer {
    const text = Buffer.from(`${JSON.stringify(value)}\n`)
    const checksum = crc32c(text, 0, text.length).toString(16).padStart(8, '0')
    return Buffer.concat([text, Buffer.from(`${checksum}\n`)])
}

/** Decodes a small file; `undefined` if any bit differs from the written bytes. */
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

/** Replaces a small file. At any moment, either the old or the new file is there, complete. */
export async function writeSmallFile(
    disk: Disk, folder: string, name: string, value: unknown
): Promise<void> {
    const temporary = `${folder}/${name}.new`
    const file = await disk.create(temporary)
    try {
        await file.write(encodeSmallFile(value), 0)
        await file.sync()
    } finally {
        await file.close()
    }
    await disk.rename(temporary, `${folder}/${name}`)
    await disk.syncFolder(folder)
}

/** Reads the value of a small file; `undefined` if the bytes differ from the written bytes. */
export async function readSmallFile(disk: Disk, folder: string, name: string): Promise<unknown> {
    const file = await disk.open(`${folder}/${name}`, 'read')
    try {
        const bytes = Buffer.alloc(Math.min(await file.size(), SIZE_MAX))
        return decodeSmallFile(bytes.subarray(0, await file.read(bytes, 0)))
    } finally {
        await file.close()
    }
}

/** The fields of an object; no fields if the value is not an object. */
export function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
    return typeof value === 'object' && value !== null ? { ...value } : {}
}

/** Whether a value is a whole number that is not negative. */
export function isCount(value: unknown): value is number {
    return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}
