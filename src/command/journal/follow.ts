import { setTimeout as delay } from 'node:timers/promises'
import { oneByOne, readMany } from '../../journal/reader.js'
import { JournalTail } from '../../journal/tail.js'
import { inspect } from './inspect.js'
import type { JournalOptions } from './options.js'
import { inputsOf, isWanted, recordLine } from './print.js'
import { writeLines } from './write-lines.js'

/** The time between two looks at the journal, in milliseconds. */
const LOOK_MS = 200

/**
 * The lines of the records from a number on, and then of the records that the member adds. Each
 * input of a fold counts as a record, as in `show`.
 */
async function* followLines(
    { folder, from, where }: JournalOptions, signal: AbortSignal
): AsyncGenerator<string | null, void, undefined> {
    const { place, scan } = await inspect(folder)
    let number = scan.first - 1
    function* lines(record: Uint8Array, begin: number): Generator<string> {
        for (const input of inputsOf(record)) {
            number++
            if (number >= begin && (where === undefined || isWanted(input, where))) {
                yield recordLine(number, input)
            }
        }
    }
    let next = scan.first
    for await (const record of oneByOne(readMany(place, scan, next))) {
        yield* lines(record, from ?? Number.POSITIVE_INFINITY)
        next++
    }
    const tail = new JournalTail(place, scan)
    while (!signal.aborted) {
        for await (const { first, records } of tail.advance()) {
            if (first > next) {
                process.stderr.write(`kibitz: a snapshot has replaced the records ${next} to ${
                    first - 1}.\n`)
                number = first - 1
            }
            for (const record of records) {
                yield* lines(record, from ?? 0)
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
