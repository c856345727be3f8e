import { createWriteStream } from 'node:fs'
import { rename } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { readMany, readSnapshot, oneByOne } from '../../journal/reader.js'
import { singles } from '../../member/fold-encoding.js'
import { FolderError, type InspectedJournal } from './inspect.js'
import { printable } from '../../base/printable.js'
import type { JournalOptions } from './options.js'
import { type RecordCondition, fulfils } from './where.js'

/** The size of one write, in bytes. */
const CHUNK = 64 * 1024

function parsed(text: string): unknown {
    try {
        return JSON.parse(text)
    } catch {
        return undefined
    }
}

/**
 * A record as a line of JSON with its number: the fields of a JSON object, `value` for other JSON,
 * or `base64` for any other bytes.
 */
export function recordLine(number: number, record: Uint8Array): string {
    const text = Buffer.from(record).toString('utf8')
    const value = parsed(text)
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
    return printable(JSON.stringify(isObject
        ? { record: number, ...value }
        : value === undefined
            ? { record: number, base64: Buffer.from(record).toString('base64') }
            : { record: number, value }))
}

/** Whether a record fulfils all conditions. */
export function isWanted(record: Uint8Array, where: readonly RecordCondition[]): boolean {
    return fulfils(parsed(Buffer.from(record).toString('utf8')), where)
}

/** The inputs of a record. A record that no member has written may begin like a fold. */
export function inputsOf(record: Uint8Array): readonly Uint8Array[] {
    try {
        return [...singles([record])]
    } catch {
        return [record]
    }
}

/**
 * The lines for the chosen records, in chunks. Each input of a fold counts as a record, as at a
 * replay.
 */
async function* recordLines(
    { place, scan }: InspectedJournal, { verb, from = 1, to = Number.MAX_SAFE_INTEGER, where }:
    JournalOptions
): AsyncGenerator<Buffer, void, undefined> {
    let number = scan.first - 1
    let chunk: Uint8Array[] = []
    let size = 0
    for await (const record of oneByOne(readMany(place, scan, scan.first))) {
        for (const input of inputsOf(record)) {
            number++
            const isChosen = number >= from && number <= to
            if (isChosen && (where === undefined || isWanted(input, where))) {
                const bytes = verb === 'show' ? Buffer.from(recordLine(number, input)) : input
                chunk.push(bytes, Buffer.from('\n'))
                size += bytes.length + 1
            }
        }
        if (size > CHUNK) {
            yield Buffer.concat(chunk)
            chunk = []
            size = 0
        }
        if (number >= to) {
            break
        }
    }
    yield Buffer.concat(chunk)
}

function pieces(inspected: InspectedJournal, options: JournalOptions): AsyncIterable<Uint8Array> {
    const { place, scan: { identity, contents: { snapshot } } } = inspected
    if (!options.isState) {
        return recordLines(inspected, options)
    }
    if (snapshot === null) {
        throw new FolderError(`${place.folder} has no snapshot, so no state to export.`)
    }
    return readSnapshot(place, identity, snapshot)
}

/** The bytes as text that cannot control a terminal. */
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
 * Writes the chosen records or the state to standard output, or to a file. The file appears under
 * its name only after the last byte is written.
 */
export async function print(inspected: InspectedJournal, options: JournalOptions): Promise<void> {
    const source = Readable.from(pieces(inspected, options), { objectMode: false })
    if (options.file === undefined) {
        const output = process.stdout.isTTY ? Readable.from(printed(source)) : source
        // A reader such as `head` may close the pipe early.
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
