import { KibitzError } from '../base/errors.js'
import type { Named } from '../base/member-logger.js'
import type { Journal } from '../journal/journal.js'
import { FLUSHES, type FlushMessage } from './channels.js'

/** The asynchronous services of a gate. Tests pass their own. */
export interface Flushing {
    /** Runs a function after the current turn. */
    afterTurn(run: () => void): void
    /**
     * Flushes, then reports the last flushed record or the error; never before the call returns.
     */
    flush(flushed: (through: number) => void, failed: (cause: unknown) => void): void
}

/** A member that waits for the answers of its disk. */
export interface DiskListener {
    /** Whether the member waits for an answer, although no effect may wait. */
    isAwaited(): boolean
    /**
     * Called when a write begins that includes all records so far. Returns the action after the
     * write; `null` without an action.
     */
    ask(): (() => void) | null
}

/** Flushes by the promises of the journal. */
export function promisedFlushing(journal: Pick<Journal, 'flush'>): Flushing {
    return {
        afterTurn: (run) => queueMicrotask(run),
        flush: (flushed, failed) => {
            journal.flush().then(flushed).catch(failed)
        }
    }
}

/** The error of a member whose journal has failed. */
export function journalFailed(cause: unknown): KibitzError {
    if (cause instanceof KibitzError && cause.code === 'journal-failed') {
        return cause
    }
    return new KibitzError(
        'journal-failed',
        'The journal could not be written, so this member has stopped at once; the others go on. ' +
            'Whatever it had answered or delivered is in the journal. What it had not may be in ' +
            'the log all the same. Mend the disk (see cause), then start the process again.',
        { cause }
    )
}

/**
 * Flushes, and reports the end of the flush on `kibitz:flush`.
 *
 * @param before The number of the last flushed record.
 */
export function flushReported(
    flushing: Flushing, member: () => Named, before: number,
    flushed: (through: number) => void, failed: (cause: unknown) => void
): void {
    if (!FLUSHES.hasSubscribers) {
        flushing.flush(flushed, failed)
        return
    }
    const begun = performance.now()
    const report = (through: number, error: unknown): void => {
        const { id, republic } = member()
        FLUSHES.publish({
            member: id, republic, records: through - before,
            durationMs: performance.now() - begun, error
        } satisfies FlushMessage)
    }
    flushing.flush((through) => {
        report(through, null)
        flushed(through)
    }, (cause) => {
        report(before, cause)
        failed(cause)
    })
}
