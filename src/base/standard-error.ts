import type { Level } from './line-log.js'

/** The levels that each value of `KIBITZ_LOG` lets through. */
const LEVELS: Readonly<Record<string, readonly Level[]>> = {
    none: [],
    error: ['error'],
    warn: ['error', 'warn'],
    info: ['error', 'warn', 'info']
}

/**
 * Writes warnings, errors and changes of the government on standard error. The environment variable
 * `KIBITZ_LOG` changes the set: `none`, `error`, `warn` (without governments) or `info` (also the
 * progress of an admission).
 */
export function toStandardError(level: Level, label: string, line: string): void {
    const levels = LEVELS[process.env['KIBITZ_LOG'] ?? ''] ?? null
    const isUsual = level === 'error' || level === 'warn' || label === 'government'
    if (levels === null ? isUsual : levels.includes(level)) {
        // Console ignores the errors of the stream: a closed pipe must not end the process.
        console.error(line)
    }
}
