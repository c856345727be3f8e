import { callSafely } from './callbacks.js'
import { textOf } from './line-text.js'
import { printable } from './printable.js'

/** The level of a log line. */
export type Level = 'error' | 'warn' | 'info' | 'trace'

/**
 * Takes the log lines of a member: `console`, a pino or a winston logger, or an object of your own.
 * Each method receives one argument, a readable text of one line.
 */
export interface LineLogger {
    /** Takes the calls of `outOfBand`, one line each. @default these lines go nowhere */
    debug?(line: string): void
    /** Takes changes of the government, and the progress of an admission. */
    info(line: string): void
    /** Takes what an operator should know. */
    warn(line: string): void
    /** Takes what needs an operator. */
    error(line: string): void
}

/** The member of a line. */
interface Member {
    readonly id: string
    readonly republic: string | number | null
}

/** Takes a finished line. */
export type PutLine = (level: Level, label: string, line: string) => void

/** Hands the lines to a logger. */
export function toLogger(logger: LineLogger): PutLine {
    return (level, _label, line) => {
        if (level === 'trace') {
            logger.debug?.(line)
        } else {
            logger[level](line)
        }
    }
}

/** The lines with one label in one period; a further line is counted and left out. */
const LINES_MAX = 10

/** The length of a period, in milliseconds. */
const PERIOD_MS = 10_000

/** The length of a line; the rest of a longer line is cut. */
const LENGTH_MAX = 2_000

/** The lines with one label since the start of the period. */
interface Period {
    readonly begunAt: number
    count: number
}

/**
 * Writes the log lines of one member to the user's logger, as texts such as
 * `kibitz b@orders: government 5/0: c leads`.
 *
 * 1. A line is one line: control characters of ids, errors and messages are escaped.
 * 2. Of the lines with one label, at most 10 appear in 10 seconds. The next line states how many
 *    lines are missing. So no peer and no outsider can fill a disk by the log.
 * 3. Before the member listens, no government appears: a replay and a recovery deliver old ones.
 * 4. An exception of the logger reaches no other code of the member.
 */
export class LineLog {
    /** The name of the service of a Colleague; `null` at a plain Kibitzer. */
    service: string | null = null
    isListening = false
    readonly #put: PutLine
    readonly #now: () => number
    readonly #periods = new Map<string, Period>()

    /** @param now The time in milliseconds. @default the time since the start of the process */
    constructor(put: PutLine, now: () => number = () => performance.now()) {
        this.#put = put
        this.#now = now
    }

    /** Writes a line. */
    write(
        level: Level, label: string, member: Member, properties: Readonly<Record<string, unknown>>
    ): void {
        const isOld = label === 'government' && !this.isListening
        const missing = isOld ? null : this.#count(label)
        if (missing === null) {
            return
        }
        const suffix = missing === 0 ? '' : ` (${missing} similar lines were left out)`
        const text = `kibitz ${this.#nameOf(member)}: ${textOf(label, properties)}`
        const line = printable(text.slice(0, LENGTH_MAX)).replaceAll('\n', '\\u000a')
        callSafely(() => this.#put(level, label, `${line.slice(0, LENGTH_MAX)}${suffix}`))
    }

    /** Counts a line. Returns the number of missing lines before it; `null` to leave it out. */
    #count(label: string): number | null {
        const now = this.#now()
        const period = this.#periods.get(label)
        if (period === undefined || now - period.begunAt >= PERIOD_MS) {
            this.#periods.set(label, { begunAt: now, count: 1 })
            return Math.max(0, (period?.count ?? 0) - LINES_MAX)
        }
        period.count++
        return period.count > LINES_MAX ? null : 0
    }

    #nameOf({ id, republic }: Member): string {
        const names = [this.service, republic].filter((name) => name !== null)
        const [service, run] = [...new Set(names.map(String))]
        const place = run === undefined ? service : `${service}/${run}`
        return place === undefined ? id : `${id}@${place}`
    }
}

/** The logs by the objects whose lines they take. */
const logs = new WeakMap<object, LineLog>()

/**
 * Assigns a log to a part of a member. The parts of a member know the member by its engine, and the
 * engine cannot hold a logger, because the engine does no I/O.
 */
export function assignLineLog(part: object, log: LineLog): void {
    logs.set(part, log)
}

/** The log of a part; `undefined` if nothing was assigned. */
export function lineLogOf(part: object): LineLog | undefined {
    return logs.get(part)
}
