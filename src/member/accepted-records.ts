import { Monotonic } from '../base/monotonic.js'
import type { LogEnd } from '../paxos/inspect.js'
import type { Ballot } from '../paxos/messages/messages.js'

/** The entries up to `head` were accepted by inputs up to the record `through`. */
interface Mark {
    head: Monotonic
    readonly through: number
}

/**
 * The records of a journal by which a member has accepted the entries that are not delivered yet.
 *
 * A committed entry is on the disks of a majority. If the member itself counts in this majority,
 * the record of its own acceptance must be stable before the entry is delivered; the record by
 * which the member learns of the commit need not be. So an entry is delivered once the record of
 * its acceptance is stable: a restarted member holds every delivered entry, although the member may
 * have to learn anew that the entry is committed.
 */
export class AcceptedRecords {
    #accepted: Ballot = ''
    /** In the order of the heads. */
    #marks: Mark[] = []

    /** Notes the end of the log after the record `through`. */
    note({ accepted, head }: Pick<LogEnd, 'accepted' | 'head'>, through: number): void {
        const last = this.#marks[this.#marks.length - 1]
        if (accepted !== this.#accepted || last === undefined) {
            // Under another ballot, the entries of the suffix may be others.
            this.#accepted = accepted
            this.#marks = [{ head, through }]
        } else if (head !== last.head) {
            this.#move(head, through)
        }
    }

    #move(head: Monotonic, through: number): void {
        const marks = this.#marks
        const isBefore = (mark: Mark | undefined): boolean =>
            mark !== undefined && Monotonic.compare(head, mark.head) <= 0
        while (isBefore(marks[marks.length - 2])) {
            marks.pop()
        }
        const last = marks[marks.length - 1]
        if (last !== undefined && isBefore(last)) {
            last.head = head
        } else {
            marks.push({ head, through })
        }
    }

    /** The record by which an entry was accepted. The entry must be in the log. */
    recordOf(promise: Monotonic): number {
        const mark = this.#marks.find(({ head }) => Monotonic.compare(promise, head) <= 0)
        return mark?.through ?? Number.POSITIVE_INFINITY
    }

    /** Forgets the marks of the entries before an entry. */
    forgetBefore(promise: Monotonic): void {
        while (this.#marks.length > 1 && this.#isBefore(this.#marks[0], promise)) {
            this.#marks.shift()
        }
    }

    #isBefore(mark: Mark | undefined, promise: Monotonic): boolean {
        return mark !== undefined && Monotonic.compare(mark.head, promise) <= 0
    }
}
