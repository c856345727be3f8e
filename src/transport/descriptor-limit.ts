import { readFileSync } from 'node:fs'

/** The limit that is assumed if the system reports none. */
const LIMIT = 1024

/** The limit of open files in the text of `/proc/self/limits`; 1,024 if the text names no limit. */
export function openFilesIn(limits: string): number {
    const [, soft = ''] = /^Max open files\s+(\d+|unlimited)/m.exec(limits) ?? []
    return soft === 'unlimited' ? Number.POSITIVE_INFINITY : Number(soft) || LIMIT
}

/** The number of descriptors that the process may have. */
export function descriptorLimit(): number {
    try {
        return openFilesIn(readFileSync('/proc/self/limits', 'latin1'))
    } catch {
        return LIMIT
    }
}
