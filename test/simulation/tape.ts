import type { Entry } from '../../src/paxos/messages/messages.js'
import { type PackedRun, unpack } from '../../src/paxos/messages/run-encoding.js'
import type { BirthBody, Played } from '../../src/member/inputs.js'
import { protocolVersion } from '../../src/member/engine-version.js'
import { FIRST_VERSION } from '../../src/paxos/membership/versions.js'

function unpacked(key: string, value: unknown): unknown {
    if (key !== 'entries' || !Array.isArray(value)) {
        return value
    }
    return value.flatMap((each: Entry | PackedRun) => ('bodies' in each ? unpack(each) : [each]))
}

function upgradedTo({ version }: BirthBody): number {
    return protocolVersion(version) ?? FIRST_VERSION
}

/**
 * Reads a recorded input. What members hand to each other by reference passes no guard, which
 * would have unpacked the runs before they were recorded.
 */
export function readTape(line: string): Played {
    // A look at each value by a function costs more than all the rest of a replay.
    const played = JSON.parse(line, line.includes('"bodies":') ? unpacked : undefined) as Played
    // A journal writes an upgrade as a birth without an id.
    return played.method === 'birth' && !('id' in played.body)
        ? { ...played, method: 'upgrade', body: { version: upgradedTo(played.body) } }
        : played
}
