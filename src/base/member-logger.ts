import Logger from 'prolific.logger'
import type { Republic } from '../paxos/messages/messages.js'

/** The level of a line. */
type Level = 'error' | 'warn' | 'info' | 'trace'

/** The values that a line carries, by name. */
type Properties = Readonly<Record<string, unknown>>

/** The member that a line is about. An engine is such a member. */
export interface Named {
    readonly id: string
    /** `null` while the member belongs to no republic, and before the republic is known. */
    readonly republic: Republic | null
}

/** Writes log lines. Each line names the member and its republic, as of the line. */
export class MemberLogger {
    readonly #logger: Logger
    readonly #member: () => Named

    /** @param qualifier The name of the part of the library that writes the lines. */
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
