import { KibitzError } from '../base/errors.js'
import { HISTORY_SIZE, type History } from './history.js'
import type { LogReader } from './log-reader.js'
import type { Monotonic } from '../base/monotonic.js'
import {
    abortSignal, count, fitting, flag, type OptionTable, readOptions
} from '../base/option-table.js'
import { isPromise } from './options.js'
import { quiet } from '../base/callbacks.js'
import type { LogEntry } from '../paxos/messages/messages.js'
import { aborted, onAbort } from '../base/abort-signal.js'

/** Where to begin and when to stop. */
export interface EntriesOptions {
    /**
     * The promise to begin with. @default the oldest entry this member still holds
     */
    readonly from?: Monotonic | null
    /** How many entries may wait for the reader; more end it with `trimmed`. @default 100000 */
    readonly backlog?: number
    /** About how many bytes these entries may take together. @default 67108864 */
    readonly backlogSize?: number
    /**
     * The reader is this member's application. Entries that come are kept for it within the options
     * `publishes` and `publishesSize` for each citizen and once more, and what the journal brings
     * back is kept whatever it is; `backlog` and `backlogSize` have no effect. @default false
     */
    readonly isApplication?: boolean
    /** Ends the iteration with `aborted`. @default none: it ends with the Kibitzer */
    readonly signal?: AbortSignal | null
}

/** What each of these options may be. */
const ENTRIES_OPTIONS: OptionTable<EntriesOptions> = {
    from: fitting('the promise of an entry, such as 1/0', isPromise),
    backlog: count(Number.MAX_SAFE_INTEGER),
    backlogSize: count(Number.MAX_SAFE_INTEGER),
    isApplication: flag,
    signal: abortSignal
}

/** How many entries an iteration holds back at most, where it does not say. */
const BACKLOG = 100_000

const READING = 'The iteration over the log'

function rejectAborted(signal: AbortSignal | null | undefined): void {
    if (signal?.aborted === true) {
        throw aborted(READING, signal)
    }
}

/** Waits until a reader has something to take, or is over. */
function arrival(reader: LogReader, signal: AbortSignal | null | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
        const isHeeded = signal !== undefined && signal !== null
        const leave = (): void => {
            reader.wait(null)
            forget?.()
        }
        const forget = isHeeded
            ? onAbort(signal, () => {
                  leave()
                  reject(aborted(READING, signal))
              })
            : null
        reader.wait(() => {
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

function notHeld(from: Monotonic | null, first: Monotonic | null): KibitzError {
    return new KibitzError(
        'trimmed',
        `This member does not hold ${from}: the entry is forgotten (option history), or not in ` +
            `the log yet. The oldest entry that is held is ${first}. Take the state from another ` +
            'member, or begin without from.'
    )
}

/**
 * The log from a promise on, then every entry as it comes, each once and in order. Ends with the
 * Kibitzer. Entries are kept for the iteration by the rule of `History`. The iteration rejects with
 * `trimmed` where `from` is not held here, or where more has come than the iteration may hold back;
 * with `aborted`. Ignoring that is safe.
 *
 * @throws KibitzError `invalid-argument`, at once.
 */
export function entries(
    history: History,
    options: EntriesOptions | null
): AsyncGenerator<LogEntry, void, void> {
    const checked = readOptions('entries', options, ENTRIES_OPTIONS)
    const following = follow(history, checked)
    // The application's own reader awaits every entry; for it each entry would take a promise more.
    return checked.isApplication === true ? following : ignorable(following)
}

/** The same iteration, whose rejections a caller may ignore. */
function ignorable(
    iteration: AsyncGenerator<LogEntry, void, void>
): AsyncGenerator<LogEntry, void, void> {
    const { next, throw: fail } = iteration
    return Object.assign(iteration, {
        next: () => quiet(next.call(iteration)),
        throw: (error: unknown) => quiet(fail.call(iteration, error))
    })
}

async function* follow(
    history: History,
    options: EntriesOptions
): AsyncGenerator<LogEntry, void, void> {
    const { from, signal, isApplication = false } = options
    const { backlog = BACKLOG, backlogSize = HISTORY_SIZE } = options
    rejectAborted(signal)
    const bound = isApplication ? null : { entries: backlog, size: backlogSize }
    const reader = history.reader(from ?? null, { bound })
    if (reader === null) {
        throw notHeld(from ?? null, history.oldest)
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
                await arrival(reader, signal)
            }
        }
    } finally {
        reader.destroy()
    }
}
