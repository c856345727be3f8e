declare module 'prolific.logger' {
    /** From most to least urgent. A sink lets through its own level and what is more urgent. */
    export type Level = 'error' | 'warn' | 'info' | 'debug' | 'trace'

    /** What a line says besides its name. */
    export type Properties = Readonly<Record<string, unknown>>

    /**
     * Structured log lines for one part of a program, named by a path such as `kibitz/timer`. All
     * loggers of a process share one sink, which drops every line until it is given a queue.
     */
    export default class Logger {
        /** A logger whose lines carry this name. */
        constructor(qualifier: string)
        /** The name its lines carry. */
        readonly qualifier: string
        /** A logger whose lines carry this name. It holds nothing and needs no end. */
        static createLogger(qualifier: string): Logger
        /** Where the lines of the whole process go. */
        static readonly sink: Sink
        /** Writes one line. Properties named as the fields of an `Entry` are dropped. */
        log(level: Level, label: string, properties?: Properties): void
        /** Writes one line with the **last** of the given properties; the others are dropped. */
        concat(level: Level, label: string, ...properties: Properties[]): void
        /** Writes one line at level `error`. */
        error(label: string, properties?: Properties): void
        /** Writes one line at level `warn`. */
        warn(label: string, properties?: Properties): void
        /** Writes one line at level `info`. */
        info(label: string, properties?: Properties): void
        /** Writes one line at level `debug`, which the sink's default drops. */
        debug(label: string, properties?: Properties): void
        /** Writes one line at level `trace`, which the sink's default drops. */
        trace(label: string, properties?: Properties): void
    }

    /** One line as the queue receives it, in the caller's own turn. */
    export interface Entry {
        /** Milliseconds since the epoch. */
        readonly when: number
        /** Rises by one with each line of the process. */
        readonly sequence: number
        /** The process that wrote the line. */
        readonly pid: number
        /** How urgent the line is. */
        readonly level: Level
        /** The logger's name. */
        readonly qualifier: string
        /** The line's label. */
        readonly name: string
        /** Both, as `qualifier#name`. */
        readonly qualified: string
        /** The caller's properties, and those the sink adds to each line. */
        readonly [property: string]: unknown
    }

    /** The process-wide end of all loggers. */
    export interface Sink {
        /** Receives every line that passes its level. @default a queue that drops the line */
        queue: { push(entry: Entry): void }
        /** Added to every line. @default {} */
        properties: Properties
        /** Sets the level for everything. @default 'info' */
        setLevel(level: Level | 'none'): void
        /** Sets the level below a path of loggers; the longest path that fits counts. */
        setLevel(path: string, level: Level | 'none'): void
        /** Takes a path's level back, or, without a path, the level for everything. */
        clearLevel(path?: string): void
        /** The level that counts for a logger of this name. */
        getLevel(path: string): Level | 'none'
    }
}
