import type { Kibitzer } from '../../src/index.js'
import { Island, LATENCY_MS } from '../support/island.js'
import { payload } from './load.js'

/** A fixed load on a republic whose time is wound by hand: what it costs is the same each time. */
export interface Scenario {
    readonly members: number
    /** The publishing member: 0 is the leader. */
    readonly at: number
    /** How many entries are published, and how: each by itself at once, as one, one by one. */
    readonly entries: number
    readonly how: 'burst' | 'all' | 'each'
    /** How many entries one run carries at most. @default as many as it does */
    readonly batch?: number
}

/** What a scenario has cost, in things that do not depend on how fast a machine is. */
export interface Counts {
    /** Calls from member to member, by what is asked. */
    readonly enqueue: number
    readonly register: number
    readonly synchronize: number
    /** Bytes of the JSON of all calls, for each entry. */
    readonly bytes: number
    /** There and back, so often, until the last entry is in its publisher's log. */
    readonly rounds: number
    /** The same until it is in the log of every member. */
    readonly roundsForAll: number
    /** Inputs played, for each entry: by the publisher, and by all members. */
    readonly inputs: number
    readonly inputsOfAll: number
}

const NAMES = ['a', 'b', 'c', 'd', 'e'] as const

function publish(kibitzer: Kibitzer, { entries, how }: Scenario, island: Island): void {
    const values = Array.from({ length: entries }, (_, number) => payload(number, 100))
    switch (how) {
        case 'all':
            kibitzer.publishAll(values)
            return
        case 'burst':
            for (const value of values) {
                kibitzer.publish(value)
            }
            return
        case 'each':
            for (const value of values) {
                kibitzer.publish(value)
                island.until(() => kibitzer.status().pending === 0)
            }
            return
        default:
            how satisfies never
    }
}

/** Lets a scenario take place, and counts. */
export function count(scenario: Scenario): Counts {
    const { members, at, entries, batch } = scenario
    using island = new Island(batch === undefined ? {} : { batch })
    const kibitzers = island.settle(...NAMES.slice(0, members))
    const publisher = kibitzers[at]
    if (publisher === undefined) {
        throw new RangeError(`There is no member ${at}.`)
    }
    const inputsOf = (kibitzer: Kibitzer): number =>
        island.resident(kibitzer.id).recording.played.length
    const inputsOfAll = (): number =>
        kibitzers.reduce((sum, kibitzer) => sum + inputsOf(kibitzer), 0)
    const before = { calls: island.passages.length, own: inputsOf(publisher), all: inputsOfAll() }
    const begin = Date.now()
    const rounds = (): number => (Date.now() - begin) / (2 * LATENCY_MS)
    publish(publisher, scenario, island)
    island.until(() => publisher.status().pending === 0)
    const roundsForOne = rounds()
    island.until(() => {
        const marks = new Set(kibitzers.map((kibitzer) => kibitzer.status().committed))
        return marks.size === 1
    })
    const calls = island.passages.slice(before.calls).map(({ call }) => call)
    const asked = calls.map((call) => call.method === 'receive' ? call.body.method : call.method)
    const of = (method: string): number => asked.filter((each) => each === method).length
    const bytes = calls.reduce((sum, call) => sum + JSON.stringify(call).length, 0)
    return {
        enqueue: of('enqueue'),
        register: of('register'),
        synchronize: of('synchronize'),
        bytes: bytes / entries,
        rounds: roundsForOne,
        roundsForAll: rounds(),
        inputs: (inputsOf(publisher) - before.own) / entries,
        inputsOfAll: (inputsOfAll() - before.all) / entries
    }
}

/** Which counts are above their limits, one line for each. */
export function exceeded(counts: Counts, limits: Counts): readonly string[] {
    return Object.entries(counts).flatMap(([name, counted]) => {
        const limit = limits[name as keyof Counts]
        return counted <= limit ? [] : [`${name}: ${counted}, at most ${limit}`]
    })
}
