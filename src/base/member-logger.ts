import Logger, { type Sink } from 'prolific.logger'
import type { Republic } from '../paxos/messages/messages.js'
import { type Level, lineLogOf } from './line-log.js'

/**
 * The sink of prolific.logger, the end of all structured lines of the process. Set
 * `logSink.queue` to receive every line with its fields; `logSink.setLevel('kibitz', 'warn')` sets
 * the level below a path of loggers. A line that the level drops reaches no `logger` either.
 */
export const logSink: Sink = Logger.sink

/** The values of a log line, by name. */
type Properties = Readonly<Record<string, unknown>>

/** The member that a log line names: a Kibitzer or an engine. */
export interface Named {
    readonly id: string
    /** `null` while the member belongs to no republic. */
    readonly republic: Republic | null
}

/** From the most urgent level to the least urgent one. */
const LEVELS = ['error', 'warn', 'info', 'debug', 'trace']

/**
 * Writes log lines. Each line carries the id and the republic that the member has at that moment.
 * A line goes to the sink of prolific.logger, with all fields, and as one readable text to the
 * `logger` of the member.
 */
export class MemberLogger {
    readonly #logger: Logger
    readonly #member: () => Named
    readonly #part: () => object

    /**
     * @param qualifier The part of the library that writes the lines, for example `kibitz`.
     * @param part The object to which `assignLineLog` has assigned a log. @default the member
     */
    constructor(qualifier: string, member: () => Named, part?: object) {
        this.#logger = Logger.createLogger(qualifier)
        this.#member = member
        this.#part = part === undefined ? member : () => part
    }

    /** Writes a line at level `error`. */
    error(label: string, properties: Properties): void {
        this.#write('error', label, properties)
    }

    /** Writes a line at level `warn`. */
    warn(label: string, properties: Properties): void {
        this.#write('warn', label, properties)
    }

    /** Writes a line at level `info`. */
    info(label: string, properties: Properties): void {
        this.#write('info', label, properties)
    }

    /** Writes a line at level `trace`. */
    trace(label: string, properties: Properties): void {
        this.#write('trace', label, properties)
    }

    #write(level: Level, label: string, properties: Properties): void {
        const { qualifier } = this.#logger
        if (LEVELS.indexOf(level) > LEVELS.indexOf(logSink.getLevel(qualifier))) {
            return
        }
        const { id, republic } = this.#member()
        this.#logger.log(level, label, { id, republic, ...properties })
        lineLogOf(this.#part())?.write(level, label, { id, republic }, properties)
    }
}
