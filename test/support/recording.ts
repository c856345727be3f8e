import { Kibitzer, type KibitzerOptions, type LogEntry, type Played } from '../../src/index.js'
import { drain } from './alone.js'
import './silence.js'

/** The output of a Kibitzer as text; tests compare two outputs byte for byte. */
export interface Output {
    readonly log: readonly string[]
    readonly government: string
    /** The timers that are still due. */
    readonly calendar: readonly string[]
    readonly communiques: readonly string[]
    readonly dispatches: readonly string[]
}

function lines(values: readonly unknown[]): readonly string[] {
    return values.map((value) => JSON.stringify(value))
}

/** Every input and every output of one Kibitzer. */
export class Recording {
    readonly #kibitzer: Kibitzer
    readonly #played: Played[] = []
    readonly #log: LogEntry[] = []
    readonly #communiques: unknown[] = []
    readonly #dispatches: unknown[] = []
    readonly #take: () => void

    constructor(kibitzer: Kibitzer) {
        this.#kibitzer = kibitzer
        const played = kibitzer.played.shifter()
        const log = kibitzer.log.shifter()
        const communiques = kibitzer.paxos.outbox.shifter()
        const dispatches = kibitzer.islander.outbox.shifter()
        this.#take = () => {
            this.#played.push(...drain(played))
            this.#log.push(...drain(log))
            this.#communiques.push(...drain(communiques))
            this.#dispatches.push(...drain(dispatches))
        }
    }

    /** Every input so far. */
    get played(): readonly Played[] {
        this.#take()
        return this.#played
    }

    /** Every entry of the log so far. */
    get log(): readonly LogEntry[] {
        this.#take()
        return this.#log
    }

    /** The values that users have published, in the order of the log. */
    get values(): readonly unknown[] {
        return this.log.flatMap((entry) => {
            return entry.method === 'entry' && entry.body.body !== null ? [entry.body.body] : []
        })
    }

    /** Everything so far, as text. */
    get output(): Output {
        this.#take()
        return {
            log: lines(this.#log),
            government: JSON.stringify(this.#kibitzer.paxos.government),
            calendar: lines(this.#kibitzer.paxos.scheduler.calendar()),
            communiques: lines(this.#communiques),
            dispatches: lines(this.#dispatches)
        }
    }
}

/** Replays a recording, through JSON, into a fresh Kibitzer, and returns the output. */
export function replay(options: KibitzerOptions, played: readonly Played[]): Output {
    let isReplaying = false
    const readsNoClock = {
        now: (): number => {
            if (isReplaying) {
                throw new Error('The replay has read the clock.')
            }
            return 0
        }
    }
    const kibitzer = new Kibitzer({ ...options, Date: readsNoClock })
    const recording = new Recording(kibitzer)
    isReplaying = true
    for (const line of lines(played)) {
        kibitzer.replay(JSON.parse(line) as Played)
    }
    return recording.output
}

/** The first line in which two lists differ, or `null` where they are equal. */
function firstDifference(
    what: string,
    left: readonly string[],
    right: readonly string[]
): string | null {
    const length = Math.max(left.length, right.length)
    for (let line = 0; line < length; line++) {
        if (left[line] !== right[line]) {
            return `${what} ${line}: ${left[line] ?? 'nothing'} became ${right[line] ?? 'nothing'}`
        }
    }
    return null
}

/** The first difference of each kind of output between a recording and a replay. */
export function differences(recorded: Output, replayed: Output): readonly string[] {
    return [
        firstDifference('entry', recorded.log, replayed.log),
        firstDifference('government', [recorded.government], [replayed.government]),
        firstDifference('appointment', recorded.calendar, replayed.calendar),
        firstDifference('communique', recorded.communiques, replayed.communiques),
        firstDifference('dispatch', recorded.dispatches, replayed.dispatches)
    ].filter((difference) => difference !== null)
}

/** All values of an iteration. */
export async function collect<T>(values: AsyncIterable<T>): Promise<T[]> {
    const collected: T[] = []
    for await (const value of values) {
        collected.push(value)
    }
    return collected
}
