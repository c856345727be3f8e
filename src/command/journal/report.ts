import { printable } from '../printable.js'
import { bytes, type Inspected } from './inspect.js'

/** How a journal ends, in words. */
function ending({ survey: { contents, torn }, holders }: Inspected): string {
    if (holders.length > 0) {
        return `open, held by ${holders.join(' and ')}`
    }
    if (contents.closed !== null) {
        return 'closed in order'
    }
    return torn === 0
        ? 'not closed in order; nothing is torn'
        : `not closed in order; ${torn} bytes of a write that nobody was told of will be cut`
}

/** What there is to say about a journal that is whole, as lines of names and values. */
export function report(inspected: Inspected): string {
    const { survey: { identity, contents, first, position, segments, isOriginal } } = inspected
    const size = segments.reduce((sum, found) => sum + found.size, 0)
    const count = position.last - first + 1
    const lines: readonly [string, string][] = [
        ['folder', inspected.place.folder],
        ['owner', identity.owner],
        ['journal', identity.id],
        ['records', count === 0 ? 'none' : `${count}, from ${first} to ${position.last}`],
        ['segments', `${segments.length}, ${bytes(size)}`],
        ['snapshot', contents.snapshot === null
            ? 'none'
            : `through record ${contents.snapshot.through}, ${bytes(contents.snapshot.size)}`],
        ['end', ending(inspected)],
        ['place', isOriginal
            ? 'where it was begun or adopted'
            : 'a COPY: no member starts from it before it is adopted']
    ]
    return lines.map(([name, value]) => `${name.padEnd(10)}${printable(value)}\n`).join('')
}
