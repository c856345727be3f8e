import { createWriteStream } from 'node:fs'
import { rename } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { readMany, readSnapshot, singly } from '../../journal/reader.js'
import { FolderError, type Inspected } from './inspect.js'
import { printable } from '../printable.js'
import type { JournalOrders } from './options.js'

/** How many characters of lines are gathered before they are written. */
const CHUNK = 64 * 1024

function parsed(text: string): unknown {
    try {
        return JSON.parse(text)
    } catch {
        return undefined
    }
}

/** A record as a line of JSON that says which it is, whatever its bytes are. */
export function line(number: number, record: Uint8Array): string {
    const text = Buffer.from(record).toString('utf8')
    const value = parsed(text)
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
    return printable(JSON.stringify(isObject
        ? { record: number, ...value }
        : value === undefined
            ? { record: number, base64: Buffer.from(record).toString('base64') }
            : { record: number, value }))
}

/** The lines that are asked for, gathered into chunks. */
async function* lines(
    { place, survey }: Inspected, { verb, from, to }: JournalOrders
): AsyncGenerator<Buffer, void, undefined> {
    const begin = Math.max(from ?? survey.first, survey.first)
    let number = begin
    let chunk: Uint8Array[] = []
    let size = 0
    for await (const record of singly(readMany(place, survey, begin))) {
        if (to !== undefined && number > to) {
            break
        }
        const bytes = verb === 'show' ? Buffer.from(line(number, record)) : record
        chunk.push(bytes, Buffer.from('\n'))
        size += bytes.length + 1
        if (size > CHUNK) {
            yield Buffer.concat(chunk)
            chunk = []
            size = 0
        }
        number++
    }
    yield Buffer.concat(chunk)
}

function pieces(inspected: Inspected, options: JournalOrders): AsyncIterable<Uint8Array> {
    const { place, survey: { identity, contents: { snapshot } } } = inspected
    if (!options.isState) {
        return lines(inspected, options)
    }
    if (snapshot === null) {
        throw new FolderError(`${place.folder} has no snapshot, and so no state.`)
    }
    return readSnapshot(place, identity, snapshot)
}

/** Bytes as text that cannot control a terminal. */
async function* printed(
    source: AsyncIterable<Uint8Array>
): AsyncGenerator<string, void, undefined> {
    const decoder = new TextDecoder()
    for await (const bytes of source) {
        yield printable(decoder.decode(bytes, { stream: true }))
    }
    yield printable(decoder.decode())
}

/**
 * Writes what is asked for to standard output, or to a file that is there only once it is whole.
 */
export async function print(inspected: Inspected, options: JournalOrders): Promise<void> {
    const source = Readable.from(pieces(inspected, options), { objectMode: false })
    if (options.file === undefined) {
        const output = process.stdout.isTTY ? Readable.from(printed(source)) : source
        // Whoever has stopped reading, such as head, has seen enough.
        await pipeline(output, process.stdout, { end: false }).catch((error: unknown) => {
            if (!(error instanceof Error && 'code' in error && error.code === 'EPIPE')) {
                throw error
            }
        })
        return
    }
    const beside = `${options.file}.part`
    await pipeline(source, createWriteStream(beside, { mode: 0o600 }))
    await rename(beside, options.file)
}
