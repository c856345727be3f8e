import { printable } from '../../base/printable.js'
import { bytes, type InspectedJournal } from './inspect.js'

/** The end of the journal in words. */
function ending({ scan: { contents, torn }, holders }: InspectedJournal): string {
    if (holders.length > 0) {
        return `open, held by ${holders.join(' and ')}`
    }
    if (contents.closed !== null) {
        return 'closed'
    }
    return torn === 0
        ? 'not closed; the last write is complete'
        : `not closed; the next start removes ${torn} bytes of an unacknowledged write`
}

/** The facts about an undamaged journal, as lines of names and values. */
export function report(inspected: InspectedJournal): string {
    const { version, scan } = inspected
    const { identity, contents, first, position, segments, isOriginal } = scan
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
        ['version', version === null
            ? 'none: no member has written here'
            : `${version}: a package of a lower version refuses the folder`],
        ['end', ending(inspected)],
        ['place', isOriginal
            ? 'original or adopted'
            : 'a COPY: no member starts from a copy before kibitz journal adopt']
    ]
    return lines.map(([name, value]) => `${name.padEnd(10)}${printable(value)}\n`).join('')
}
