import type { Entry } from '../../src/paxos/messages/messages.js'
import { type PackedRun, unpack } from '../../src/paxos/messages/run-encoding.js'
import type { Played } from '../../src/member/inputs.js'
import { isFold, unfold } from '../../src/member/fold-encoding.js'
import { inputOf } from '../../src/member/record-encoding.js'

function unpacked(key: string, value: unknown): unknown {
    if (key !== 'entries' || !Array.isArray(value)) {
        return value
    }
    return value.flatMap((each: Entry | PackedRun) => ('bodies' in each ? unpack(each) : [each]))
}

/**
 * Reads a recorded input. What members hand to each other by reference passes no guard, which
 * would have unpacked the runs before they were recorded.
 */
export function readTape(line: string): Played {
    // A look at each value by a function costs more than all the rest of a replay.
    const record = JSON.parse(line, line.includes('"bodies":') ? unpacked : undefined) as Played
    return inputOf(0, record)
}

/** What begins a fold in the text of a record; no JSON begins so. */
const FOLD = '\u0000'

/** A record as text: JSON, or the bytes of a fold. */
export function textOf(record: Uint8Array): string {
    return Buffer.from(record).toString(isFold(record) ? 'latin1' : 'utf8')
}

/** The bytes of the text of a record. */
export function bytesOf(text: string): Buffer {
    return Buffer.from(text, text.startsWith(FOLD) ? 'latin1' : 'utf8')
}

/** Replays the inputs of the text of a record. Returns the instant of the last input. */
export function replayRecord(text: string, replay: (input: Played) => void): number {
    let last = Number.NEGATIVE_INFINITY
    for (const line of text.startsWith(FOLD) ? unfold(bytesOf(text)) : [text]) {
        const input = readTape(line)
        replay(input)
        last = Math.max(last, input.when)
    }
    return last
}
