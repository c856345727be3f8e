import { Monotonic } from '../../base/monotonic.js'
import { isAtMost } from '../log/entry.js'
import type { Log } from '../log/log.js'
import type { Ballot, Entry } from '../messages/messages.js'

/** What an acceptor must never forget. */
export interface Acceptance {
    /** The highest ballot promised: nothing below it is accepted. */
    promised: Ballot
    /** The ballot under which the suffix was accepted. */
    accepted: Ballot
}

/** A run of entries from a leader. */
export interface Run {
    readonly ballot: Ballot
    readonly previous: Monotonic
    readonly entries: readonly Entry[]
    /** The leader's commit mark. */
    readonly committed: Monotonic
}

function isOutOfPlace(log: Log, from: number, entries: readonly Entry[], last: number): boolean {
    const overlap = Math.min(entries.length, last - from)
    for (let index = 0; index < overlap; index++) {
        if (log.promiseAt(from + 1 + index) !== entries[index]?.promise) {
            return true
        }
    }
    return false
}

/**
 * Takes committed entries into a log. What is already there is passed over; a run that does not
 * touch the log changes nothing.
 *
 * @returns How many entries of the run now lie in the committed log, or -1 where it has no place.
 */
export function learn(log: Log, previous: Monotonic, entries: readonly Entry[]): number {
    const from = log.positionOf(previous)
    if (from === -1 || from > log.committed || from < log.first) {
        return -1
    }
    if (isOutOfPlace(log, from, entries, log.committed)) {
        return -1
    }
    log.commitAll(entries.slice(log.committed - from))
    return entries.length
}

/**
 * The following half of stable times: takes a run under a ballot into the suffix, and commits
 * what the leader's mark covers.
 *
 * 1. A ballot below the promised one changes nothing; any other is promised hereby.
 * 2. The first run under a ballot begins at the commit mark and replaces the suffix as a whole.
 * 3. A later one continues what is held under that same ballot; an overlap must agree.
 * 4. A run that fits neither changes nothing but the promise: the answer tells the position.
 *
 * @returns Whether the ballot was good enough.
 */
export function record(log: Log, acceptance: Acceptance, run: Run): boolean {
    if (Monotonic.compare(run.ballot, acceptance.promised) < 0) {
        return false
    }
    acceptance.promised = run.ballot
    if (acceptance.accepted === run.ballot) {
        extend(log, run)
    } else if (replace(log, run)) {
        acceptance.accepted = run.ballot
    }
    return true
}

/** The first run under a ballot; true where it had something to accept, and was accepted. */
function replace(log: Log, { previous, entries, committed }: Run): boolean {
    const covered = entries.filter((entry) => isAtMost(entry.promise, committed)).length
    if (learn(log, previous, entries.slice(0, covered)) === -1 || covered === entries.length) {
        return false
    }
    const from = log.positionOf(previous)
    if (isOutOfPlace(log, from, entries, log.committed)) {
        return false
    }
    // What this member has committed beyond the leader's mark is part of the run, and stays.
    const rest = entries.slice(log.committed - from)
    if (rest.length === 0) {
        // This member is ahead of the whole run, and what it holds behind it is not the run's.
        return false
    }
    log.truncate()
    for (const entry of rest) {
        log.append(entry)
    }
    return true
}

/** How far a leader's commit mark reaches into the log; it may lie behind or before all of it. */
function marked(log: Log, mark: Monotonic): number {
    if (isAtMost(mark, log.promiseAt(log.committed))) {
        return log.committed
    }
    return isAtMost(log.promiseAt(log.head), mark) ? log.head : log.positionOf(mark)
}

function extend(log: Log, run: Run): void {
    const from = log.positionOf(run.previous)
    if (from === -1 || isOutOfPlace(log, from, run.entries, log.head)) {
        return
    }
    for (const entry of run.entries.slice(Math.max(0, log.head - from))) {
        log.append(entry)
    }
    log.commitThrough(marked(log, run.committed))
}
