import type { Failure } from './outcome.js'
import type { Property } from './violation.js'
import type { World } from './world.js'

/** The widest line of a story. */
const COLUMNS = 160

/** How many of the last events a report shows. */
export const EVENTS_MAX = 24

/** How many members a report shows. */
const MEMBERS_MAX = 10

/** How many parts of a message a report shows; semicolons part a message. */
const PARTS_MAX = 10

/** How many frames of the stack a report shows. */
const FRAMES_MAX = 3

/** Which events a story contains. */
export interface Selection {
    /** Events of these members alone; all members if the list is empty. */
    readonly members: readonly string[]
    /** Events from this instant of virtual time on, in milliseconds. */
    readonly fromMs: number
    /** Only so many of the last events; all if `null`. */
    readonly last: number | null
    /** Whether a line keeps its whole length. */
    readonly isWide: boolean
}

/** Each property in words. */
const PROPERTIES: Readonly<Record<Property, string>> = {
    S1: 'a promise has one entry, at every member, for ever',
    S2: 'every entry was published, with the same bytes',
    S3: 'each member delivers the log in order and without gaps',
    S4: 'a settled publish is in the log once, an unsettled publish at most once',
    S5: 'the entries of one publisher keep their order',
    S6: 'promised and accepted ballots never fall, and a ballot has one writer',
    S7: 'membership changes through the log alone, and consecutive quorums intersect',
    S8: 'a replay of the recorded inputs gives the same outputs and state',
    S9: 'a message for another republic, incarnation or member changes nothing',
    S10: 'a read contains every entry that was in the log before the question',
    S11: 'a member with a damaged disk waits or refuses',
    S12: 'queues, maps, timers and calls under way stay below their bounds',
    S14: 'no member holds an entry of a version above its own; no version falls',
    S13: 'no member says that its log is fresher than it is',
    L1: 'after healing, the logs become equal and every waiting publish settles',
    L2: 'after healing, new publishes succeed',
    L3: 'elections and idle messages are bounded',
    L4: 'no exception, and a destroyed member leaves nothing behind',
    L5: 'after healing, the republic becomes whole, and no member canvasses while it is led',
    L6: 'a citizen that reaches every member but the leader can publish',
    L7: 'while every round is full, each member stays level, and each barrier ends'
}

function cut(line: string, isWide: boolean): string {
    return isWide || line.length <= COLUMNS ? line : `${line.slice(0, COLUMNS - 2)} …`
}

/** Selects events, and hands each on at once, or the last events at the end. */
export class Story {
    readonly #selection: Selection
    readonly #tell: (line: string) => void
    readonly #kept: string[] = []
    /** Set before the first event. */
    world: World | null = null

    constructor(selection: Selection, tell: (line: string) => void) {
        this.#selection = selection
        this.#tell = tell
    }

    /** Takes the next event, as the world says it. */
    add(line: string): void {
        const { members, fromMs, last, isWide } = this.#selection
        const named = line.replace(/\bhost (\d+)/, (host, number) =>
            this.world?.network.hosts[Number(number)]?.id ?? host)
        const [subject = ''] = named.split(/[[{]/, 1)
        const isChosen = members.length === 0 || subject.includes('***') ||
            members.some((id) => subject.split(/\s+/).includes(id))
        if (!isChosen || Number.parseFloat(line) < fromMs) {
            return
        }
        const told = cut(named, isWide)
        if (last === null) {
            this.#tell(told)
            return
        }
        this.#kept.push(told)
        if (this.#kept.length > last) {
            this.#kept.shift()
        }
    }

    /** Hands on the kept events. */
    end(): void {
        for (const line of this.#kept.splice(0)) {
            this.#tell(line)
        }
    }
}

/** Cells in columns. */
function columns(rows: readonly (readonly string[])[]): string[] {
    const widths = rows[0]?.map((_, column) =>
        Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? []
    return rows.map((row) => {
        const cells = row.map((cell, column) => cell.padEnd(widths[column] ?? 0))
        return cut(cells.join('  ').trimEnd(), false)
    })
}

/** A table of all members as they stand. */
export function standings({ living }: World): string[] {
    const rows = living.slice(0, MEMBERS_MAX).map(({ id, number, door: { paxos } }) => {
        const { role, government, committed, head, promised, accepted, silent } = paxos.inspect()
        const places = [role, government, committed, head, promised, accepted]
        return [id, String(number), ...places, silent.join(',') || '-']
    })
    const head = ['id', 'process', 'role', 'government', 'committed', 'head', 'promised',
        'accepted', 'silent']
    const more = living.length - MEMBERS_MAX
    return [...columns([head, ...rows]), ...(more > 0 ? [`and ${more} more`] : [])]
}

/**
 * The report of a failure: the property, the message, the first places to look, the members, and
 * the last events. At most 60 lines.
 *
 * @param places The functions to look at, the first one first.
 */
export function report(
    { property, message, stack }: Failure,
    places: readonly string[],
    world: World,
    events: readonly string[]
): string {
    const frames = stack.split('\n').filter((line) => /^ +at /.test(line)).slice(0, FRAMES_MAX)
    return [
        `${property} does not hold: ${PROPERTIES[property]}.`,
        ...message.split('; ').slice(0, PARTS_MAX).map((part) => cut(part, false)),
        `look first at ${places[0]}`,
        ...places.slice(1).map((place) => `      then at ${place}`),
        'the checker:',
        ...frames,
        '',
        ...standings(world),
        '',
        `the last ${Math.min(EVENTS_MAX, events.length)} events:`,
        ...events.slice(-EVENTS_MAX)
    ].join('\n')
}
