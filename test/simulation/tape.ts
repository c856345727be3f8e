import type { Entry } from '../../src/paxos/messages/messages.js'
import { type PackedRun, unpack } from '../../src/paxos/messages/run-encoding.js'
import type { Played } from '../../src/member/inputs.js'
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
