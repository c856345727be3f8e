import { KibitzError } from '../base/errors.js'
import { HISTORY_SIZE, type History } from './history.js'
import type { LogReader, ReaderLimit } from './log-reader.js'
import type { Monotonic } from '../base/monotonic.js'
import {
    abortSignal, count, fitting, flag, type OptionTable, readOptions
} from '../base/option-table.js'
import { isPromise } from './options.js'
import { quiet } from '../base/callbacks.js'
import type { LogEntry } from '../paxos/messages/messages.js'
import { aborted, onAbort } from '../base/abort-signal.js'

/** The options of `entries`. */
export interface EntriesOptions {
    /** The promise of the first entry. @default the oldest entry that the member holds */
    readonly from?: Monotonic | null
    /**
     * The maximum number of entries that wait for the reader. If more wait, the iteration ends with
     * `trimmed`. @default 100000
     */
    readonly backlog?: number
    /** The maximum size of these entries, in bytes. @default 67108864 */
    readonly backlogSize?: number
    /**
     * Whether the reader is this member's application. If so, the member keeps the entries that the
     * application has not read, within `publishes` and `publishesSize` times the number of citizens
     * plus one; all entries that the journal brings back at a start are kept too. `backlog` and
     * `backlogSize` have no effect. @default false
     */
    readonly isApplication?: boolean
    /** Ends the iteration with `aborted`. @default none: the iteration ends with the Kibitzer */
    readonly signal?: AbortSignal | null
}

/** The kinds of these options. */
const ENTRIES_OPTIONS: OptionTable<EntriesOptions> = {
    from: fitting('the promise of an entry, such as 1/0', isPromise),
    backlog: count(Number.MAX_SAFE_INTEGER),
    backlogSize: count(Number.MAX_SAFE_INTEGER),
    isApplication: flag,
    signal: abortSignal
}

/** The default of `backlog`. */
const BACKLOG = 100_000

const READING = 'The iteration over the log'

function rejectAborted(signal: AbortSignal | null | undefined): void {
    if (signal?.aborted === true) {
        throw aborted(READING, signal)
    }
}

/** Waits until the reader has an entry or has ended. */
function nextArrival(reader: LogReader, signal: AbortSignal | null | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
        const isHeeded = signal !== undefined && signal !== null
        const leave = (): void => {
            reader.onNext(null)
            forget?.()
        }
        const forget = isHeeded
            ? onAbort(signal, () => {
                  leave()
                  reject(aborted(READING, signal))
              })
            : null
        reader.onNext(() => {
            leave()
            resolve()
        })
    })
}

function tooSlow(last: Monotonic | null, limits: Limits): KibitzError {
    const { backlog, backlogSize, isApplication } = limits
    const limit = isApplication
        ? 'options publishes and publishesSize, for each citizen and once more'
        : `options backlog, ${backlog} entries, and backlogSize, ${backlogSize} bytes`
    return new KibitzError(
        'trimmed',
        `More entries have come behind ${last}, the last one that was taken, than may wait for ` +
            `this iteration (${limit}). Nothing is lost: go on from there with ` +
            'entries({ from }), or take the state from another member.'
    )
}

type Limits = Required<Pick<EntriesOptions, 'backlog' | 'backlogSize' | 'isApplication'>>

function entryNotHeld(from: Monotonic | null, first: Monotonic | null): KibitzError {
    return new KibitzError(
        'trimmed',
        `This member does not hold ${from}: the entry is forgotten (option history), or not in ` +
            `the log yet. The oldest entry that is held is ${first}. Take the state from another ` +
            'member, or begin without from.'
    )
}

/**
 * Yields the log from a promise on, and then every new entry, each once and in order. Ends with the
 * Kibitzer. `History` states how long entries are kept for the iteration. Rejects with `trimmed` if
 * `from` is not held here or if more entries wait than the iteration may hold back; with `aborted`.
 * A rejection is safe to ignore.
 *
 * @throws KibitzError `invalid-argument`, at once.
 */
export function entries(
    history: History,
    options: EntriesOptions | null
): AsyncGenerator<LogEntry, void, void> {
    const checked = readOptions('entries', options, ENTRIES_OPTIONS)
    const following = readLog(history, checked)
    // The application's own reader awaits every entry, so the wrapper would only cost a promise per
    // entry.
    return checked.isApplication === true ? following : ignorable(following)
}

/** The same iteration; a caller may ignore its rejections. */
function ignorable(
    iteration: AsyncGenerator<LogEntry, void, void>
): AsyncGenerator<LogEntry, void, void> {
    const { next, throw: fail } = iteration
    return Object.assign(iteration, {
        next: () => quiet(next.call(iteration)),
        throw: (error: unknown) => quiet(fail.call(iteration, error))
    })
}

/** A reader from an entry on, once the entry is committed; `null` if the entry is not held. */
async function readerFrom(
    history: History,
    { from = null, signal }: EntriesOptions,
    limit: ReaderLimit
): Promise<LogReader | null> {
    for (;;) {
        rejectAborted(signal)
        const reader = history.reader(from, limit)
        if (reader !== null || from === null || history.isOver || !history.mayFollow(from)) {
            return reader
        }
        const next = history.reader(null, { bound: null })
        try {
            next?.moveTo(history.visible)
            await (next === null ? null : nextArrival(next, signal))
        } finally {
            next?.destroy()
        }
    }
}

async function* readLog(
    history: History,
    options: EntriesOptions
): AsyncGenerator<LogEntry, void, void> {
    const { from, signal, isApplication = false } = options
    const { backlog = BACKLOG, backlogSize = HISTORY_SIZE } = options
    const bound = isApplication ? null : { entries: backlog, size: backlogSize }
    const reader = await readerFrom(history, options, { bound })
    if (reader === null) {
        throw entryNotHeld(from ?? null, history.oldest)
    }
    try {
        for (let last: Monotonic | null = null; ; ) {
            rejectAborted(signal)
            const entry = reader.shift()
            if (entry !== undefined) {
                last = entry.promise
                yield entry
            } else if (reader.isOverrun) {
                throw tooSlow(last, { backlog, backlogSize, isApplication })
            } else if (reader.isOver) {
                return
            } else {
                await nextArrival(reader, signal)
            }
        }
    } finally {
        reader.destroy()
    }
}
