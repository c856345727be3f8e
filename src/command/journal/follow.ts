import { setTimeout as delay } from 'node:timers/promises'
import { oneByOne, readMany } from '../../journal/reader.js'
import { JournalTail } from '../../journal/tail.js'
import { inspect } from './inspect.js'
import type { JournalOptions } from './options.js'
import { isWanted, recordLine } from './print.js'
import { writeLines } from './write-lines.js'

/** The time between two looks at the journal, in milliseconds. */
const LOOK_MS = 200

/** The lines of the records from a number on, and then of the records that the member adds. */
async function* followLines(
    { folder, from, where }: JournalOptions, signal: AbortSignal
): AsyncGenerator<string | null, void, undefined> {
    const { place, scan } = await inspect(folder)
    const line = (number: number, record: Uint8Array): string[] =>
        where === undefined || isWanted(record, where) ? [recordLine(number, record)] : []
    const begin = from ?? scan.position.last + 1
    let next = Math.max(begin, scan.first)
    for await (const record of oneByOne(readMany(place, scan, next))) {
        yield* line(next++, record)
    }
    const tail = new JournalTail(place, scan)
    while (!signal.aborted) {
        for await (const { first, records } of tail.advance()) {
            if (first > next) {
                process.stderr.write(`kibitz: a snapshot has replaced the records ${next} to ${
                    first - 1}.\n`)
            }
            for (const [index, record] of records.entries()) {
                yield* first + index >= begin ? line(first + index, record) : []
            }
            next = first + records.length
        }
        yield null
        await delay(LOOK_MS, undefined, { signal }).catch(() => {})
    }
}

/** Prints the records that a member adds to its journal, until the signal aborts. */
export async function follow(options: JournalOptions, signal: AbortSignal): Promise<void> {
    await writeLines(followLines(options, signal))
}
