import { parsed } from './canonical.js'
import type { TrialFinding } from './finding.js'

/** The path of the part that makes up most of a state, and its number of characters. */
function largestPart(value: unknown): readonly [path: string, size: number] {
    let path = ''
    let part = value
    for (;;) {
        if (typeof part !== 'object' || part === null) {
            return [path, JSON.stringify(part)?.length ?? 0]
        }
        const whole = JSON.stringify(part).length
        const sized = Object.entries(part as Record<string, unknown>).map(([name, item]) =>
            [name, item, JSON.stringify(item)?.length ?? 0] as const)
        const [name, item, size] = sized.reduce((one, other) =>
            other[2] > one[2] ? other : one, ['', null, 0] as const)
        // A part with half of the size is the reason; below it, no single item is.
        if (size * 2 < whole) {
            return [path, whole]
        }
        path += Array.isArray(part) ? `[${name}]` : `.${name}`
        part = item
    }
}

/** Finds a state above the limit of the user. */
export function findLargeState(
    name: string, promise: string, state: string, stateMax: number
): TrialFinding | null {
    if (state.length <= stateMax) {
        return null
    }
    const value = parsed(state)
    const [path, size] = value === undefined ? ['', 0] : largestPart(value)
    const where = path === '' ? '' : ` Most of it is ${path}, with ${size} characters.`
    return {
        kind: 'unbounded-state', message: `The state has ${state.length} characters at ${name} `
            + `after entry ${promise}; stateMax is ${stateMax}.${where} Forget what no client `
            + 'needs, or raise stateMax.'
    }
}
