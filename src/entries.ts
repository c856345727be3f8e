import { KibitzError } from './error.js'
import { Monotonic } from './monotonic.js'
import { abortSignal, count, fitting, type OptionTable, readOptions } from './option-table.js'
import { isPromise } from './options.js'
import type { LogEntry } from './paxos/message.js'
import type { Follower, Outlet } from './queue.js'
import { onAbort } from './signals.js'

/** Ends a wait. What was waited for may happen all the same. */
export interface WaitOptions {
    /** Ends it with `aborted`. @default none: it waits for as long as it takes */
    readonly signal?: AbortSignal | null
}

/** What each of these options may be. */
export const WAIT_OPTIONS: OptionTable<WaitOptions> = { signal: abortSignal }

/**
 * The signal that may end a wait.
 *
 * @param subject What waits, for the error: `publish`.
 * @throws KibitzError `invalid-argument`.
 */
export function signalOf(
    subject: string,
    waiting: WaitOptions | null | undefined
): AbortSignal | undefined {
    return waiting === undefined || waiting === null
        ? undefined
        : (readOptions(subject, waiting, WAIT_OPTIONS).signal ?? undefined)
}

/** Where to begin and when to stop. */
export interface EntriesOptions {
    /**
     * The promise to begin with. @default the oldest entry this member still holds
     */
    readonly from?: Monotonic | null
    /** How many entries may wait for the reader; more end it with `trimmed`. @default 100000 */
    readonly backlog?: number
    /** Ends the iteration with `aborted`. @default none: it ends with the Kibitzer */
    readonly signal?: AbortSignal | null
}

/** What each of these options may be. */
const ENTRIES_OPTIONS: OptionTable<EntriesOptions> = {
    from: fitting('the promise of an entry, such as 1/0', isPromise),
    backlog: count(Number.MAX_SAFE_INTEGER),
    signal: abortSignal
}

/** An abort, as everything that waits reports it. */
export function aborted(what: string, signal: AbortSignal | null | undefined): KibitzError {
    return new KibitzError('aborted', `${what} was aborted. Nothing was lost; call again.`, {
        cause: signal?.reason
    })
}

/** The promise, or `aborted` if that comes first. Who ignores that is not punished for it. */
export function untilAborted<T>(
    promise: Promise<T>,
    signal: AbortSignal,
    what: string
): Promise<T> {
    const settled = new Promise<T>((resolve, reject) => {
        if (signal.aborted) {
            reject(aborted(what, signal))
            return
        }
        const forget = onAbort(signal, () => reject(aborted(what, signal)))
        promise.then(resolve, reject).finally(forget)
    })
    settled.catch(() => {})
    return settled
}

/** How many entries an iteration holds back at most, where it does not say. */
const BACKLOG = 100_000

const READING = 'The iteration over the log'

function rejectAborted(signal: AbortSignal | null | undefined): void {
    if (signal?.aborted === true) {
        throw aborted(READING, signal)
    }
}

/** Waits until a follower has something to take, or is over. */
function arrival(
    follower: Follower<LogEntry>,
    signal: AbortSignal | null | undefined
): Promise<void> {
    return new Promise((resolve, reject) => {
        const isHeeded = signal !== undefined && signal !== null
        const leave = (): void => {
            follower.wait(null)
            forget?.()
        }
        const forget = isHeeded
            ? onAbort(signal, () => {
                  leave()
                  reject(aborted(READING, signal))
              })
            : null
        follower.wait(() => {
            leave()
            resolve()
        })
    })
}

function tooSlow(last: Monotonic | null, backlog: number): KibitzError {
    return new KibitzError(
        'trimmed',
        `More than ${backlog} entries have come behind ${last}, the last one that was taken ` +
            '(option backlog). Nothing is lost: go on from there with entries({ from }), or take ' +
            'the state from another member.'
    )
}

/** Whether an entry follows the last one that was held, or else is not before the first wanted. */
function isBehind(
    promise: Monotonic,
    last: Monotonic | null,
    from: Monotonic | null | undefined
): boolean {
    return last === null
        ? from === undefined || from === null || Monotonic.compare(promise, from) >= 0
        : Monotonic.compare(promise, last) > 0
}

/**
 * The log from a promise on, then every entry as it comes, each once and in order. Ends with the
 * Kibitzer. What has been read is held by nobody on its account. The iteration rejects with
 * `trimmed` where `from` is not held here, or where more has come than the iteration may hold back;
 * with `aborted`. Ignoring that is safe.
 *
 * @throws KibitzError `invalid-argument`, at once.
 */
export function entries(
    log: Outlet<LogEntry>,
    history: (from: Monotonic | null) => readonly LogEntry[] | null,
    options: EntriesOptions | null
): AsyncGenerator<LogEntry, void, void> {
    return follow(log, history, readOptions('entries', options, ENTRIES_OPTIONS))
}

async function* follow(
    log: Outlet<LogEntry>,
    history: (from: Monotonic | null) => readonly LogEntry[] | null,
    { from, signal, backlog = BACKLOG }: EntriesOptions
): AsyncGenerator<LogEntry, void, void> {
    rejectAborted(signal)
    const follower = log.follower(backlog)
    try {
        const held = history(from ?? null)
        if (held === null) {
            throw new KibitzError(
                'trimmed',
                `This member does not hold ${from}: it is trimmed, or not in the log yet. Take ` +
                    'the state from another member, or begin without from.'
            )
        }
        let last: Monotonic | null = null
        for (const entry of held) {
            last = entry.promise
            yield entry
        }
        for (let isPast = false; ;) {
            rejectAborted(signal)
            if (follower.isOverrun) {
                throw tooSlow(last, backlog)
            }
            if (follower.isOver) {
                return
            }
            const entry = follower.shift()
            if (entry === undefined) {
                await arrival(follower, signal)
                continue
            }
            // What was being handed out when the iteration began is in both.
            isPast ||= isBehind(entry.promise, last, from)
            if (isPast) {
                last = entry.promise
                yield entry
            }
        }
    } finally {
        follower.destroy()
    }
}
