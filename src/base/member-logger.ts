import Logger from 'prolific.logger'
import type { Republic } from '../paxos/messages/messages.js'

/** The level of a log line. */
type Level = 'error' | 'warn' | 'info' | 'trace'

/** The values of a log line, by name. */
type Properties = Readonly<Record<string, unknown>>

/** The member that a log line names: a Kibitzer or an engine. */
export interface Named {
    readonly id: string
    /** `null` while the member belongs to no republic. */
    readonly republic: Republic | null
}

/**
 * Writes log lines. Each line carries the id and the republic that the member has at that moment.
 */
export class MemberLogger {
    readonly #logger: Logger
    readonly #member: () => Named

    /** @param qualifier The part of the library that writes the lines, for example `kibitz`. */
    constructor(qualifier: string, member: () => Named) {
        this.#logger = Logger.createLogger(qualifier)
        this.#member = member
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
        const { id, republic } = this.#member()
        this.#logger.log(level, label, { id, republic, ...properties })
    }
}
