import { Monotonic } from '../../base/monotonic.js'
import { isAtMost } from '../log/entry.js'
import type { Log } from '../log/log.js'
import type { Ballot, Entry } from '../messages/messages.js'

/** The state that an acceptor must never lose. */
export interface Acceptance {
    /** The highest promised ballot. The acceptor accepts nothing under a lower ballot. */
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
 * Appends committed entries to a log. Entries that the log already holds are skipped. A run that
 * does not touch the committed log, or contradicts it, changes nothing.
 *
 * @returns The number of the run's entries that are in the committed log now; -1 if the run has no
 * place in the log.
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
 * The follower's side of stable times: takes a run into the suffix, and commits all entries up to
 * the leader's commit mark.
 *
 * 1. A run under a ballot below the promised ballot changes nothing. Any other run promises its
 *    ballot.
 * 2. The first run under a ballot begins at the commit mark and replaces the whole suffix.
 * 3. A later run continues the suffix under the same ballot. Entries that the log already holds
 *    must be equal.
 * 4. A run that fits neither rule changes only the promise. The answer tells the follower's
 *    position.
 *
 * @returns Whether the ballot was high enough.
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

/**
 * Takes the first run under a ballot. Returns whether the run had an uncommitted entry and was
 * accepted.
 */
function replace(log: Log, { previous, entries, committed }: Run): boolean {
    const covered = entries.filter((entry) => isAtMost(entry.promise, committed)).length
    if (learn(log, previous, entries.slice(0, covered)) === -1 || covered === entries.length) {
        return false
    }
    const from = log.positionOf(previous)
    if (isOutOfPlace(log, from, entries, log.committed)) {
        return false
    }
    // Entries of the run that the member has committed beyond the leader's mark stay.
    const rest = entries.slice(log.committed - from)
    if (rest.length === 0) {
        // The member has committed the whole run. The suffix of the member is not part of the run.
        return false
    }
    log.truncate()
    for (const entry of rest) {
        log.append(entry)
    }
    return true
}

/**
 * The position of a leader's commit mark in the log. A mark before the member's commit mark counts
 * as the commit mark, and a mark behind the head counts as the head.
 */
export function markedPosition(log: Log, mark: Monotonic): number {
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
    log.commitThrough(markedPosition(log, run.committed))
}
