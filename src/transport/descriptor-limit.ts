import { readFileSync } from 'node:fs'

/** The assumed limit where the system does not tell its limit. */
const LIMIT = 1024

/** The most open files that a text like `/proc/self/limits` allows; 1,024 if the text is silent. */
export function openFilesIn(limits: string): number {
    const [, soft = ''] = /^Max open files\s+(\d+|unlimited)/m.exec(limits) ?? []
    return soft === 'unlimited' ? Number.POSITIVE_INFINITY : Number(soft) || LIMIT
}

/** How many descriptors the process may have. */
export function descriptorLimit(): number {
    try {
        return openFilesIn(readFileSync('/proc/self/limits', 'latin1'))
    } catch {
        return LIMIT
    }
}
