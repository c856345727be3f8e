import type Procession from 'procession'
import Signal from 'signal'
import { freeze } from '../base/freeze.js'
import { GOVERNMENTS, type GovernmentMessage } from './channels.js'
import type { FlushGate } from './flush-gate.js'
import { AcceptedRecords } from './accepted-records.js'
import { History } from './history.js'
import { MemberLogger, type Named } from '../base/member-logger.js'
import { isAfterCollapse } from '../metrics/measure.js'
import { Monotonic } from '../base/monotonic.js'
import type { KibitzerSettings } from './options.js'
import { isolateListeners } from '../base/callbacks.js'
import { population } from '../paxos/membership/government.js'
import type { Government, LogEntry } from '../paxos/messages/messages.js'
import type { Paxos } from '../paxos/paxos.js'
import type { Settlement } from '../publisher/islander-types.js'
import type { PublishQueue } from '../publisher/publish-queue.js'
import type { Played } from './inputs.js'
import { releasePassed, Fifo, LogQueue } from '../base/queues.js'

/** Makes the history of a member with the limits of the member's options. */
export function historyOf(
    paxos: Pick<Paxos, 'government' | 'options'>,
    {
        publishes,
        publishesSize,
        journal
    }: Pick<KibitzerSettings, 'publishes' | 'publishesSize' | 'journal'>
): History {
    const limits = {
        entries: paxos.options.history,
        application: () => {
            const times = 1 + population(paxos.government)
            return { entries: times * publishes, size: times * publishesSize }
        }
    }
    return new History(limits, journal === undefined)
}

/**
 * Delivers recorded inputs, committed entries and governments to the readers.
 *
 * 1. An input is on `played` before its effects are on `log`.
 * 2. A reader may play an input during the delivery. The effects of that input are delivered
 *    later, in order.
 * 3. An exception in one reader affects neither the other readers nor later delivery.
 * 4. An entry is on `log` only after the record of its acceptance is flushed (`AcceptedRecords`).
 */
export class LogDelivery {
    readonly log: LogQueue<LogEntry> = new LogQueue()
    readonly played: Procession<Played> = new LogQueue()
    readonly governed: Signal<[government: Government]> = new Signal<[government: Government]>()
    /** The promise of the newest entry on `log`; `null` before the first entry. */
    delivered: Monotonic | null = null
    readonly #member: Named & Pick<Paxos, 'logEnd'>
    /** The record on which all entries so far depend. */
    through = 0
    /** Whether the recovery has applied inputs. Their entries depend on no record to come. */
    #hasRecovered = false
    readonly #accepted = new AcceptedRecords()
    readonly #logger: MemberLogger
    readonly #gate: FlushGate
    readonly #history: History
    readonly #inputs = new Fifo<Played>()
    /** The entries that are not delivered yet, from index `#deliveredCount` on. */
    #entries: LogEntry[] = []
    #deliveredCount = 0

    constructor(member: Named & Pick<Paxos, 'logEnd'>, gate: FlushGate, history: History) {
        this.#member = member
        this.#logger = new MemberLogger('kibitz', () => member)
        this.#gate = gate
        this.#history = history
        history.mayFollow = (promise) => this.#mayFollow(promise)
        for (const queue of [this.log, this.played]) {
            releasePassed(queue as Procession<unknown>)
        }
        isolateListeners(this.governed)
        isolateListeners(this.log.pushed)
        isolateListeners(this.played.pushed)
    }

    /** Queues an input that is about to be applied. */
    queueInput(played: Played): void {
        this.#inputs.push(played)
    }

    /** Notes the end of the log after an input, and queues the entries that the input enacted. */
    onInput(enacted: LogEntry[]): void {
        const last = enacted[enacted.length - 1]
        if (this.#gate.isRecovering) {
            this.#hasRecovered = true
        } else if (this.#gate.hasJournal) {
            this.#accepted.note(this.#member.logEnd, this.#gate.recorded)
            if (last !== undefined) {
                this.through = Math.max(this.through, this.#accepted.recordOf(last.promise))
                this.#accepted.forgetBefore(last.promise)
            }
        }
        if (last !== undefined) {
            this.queueEntries(enacted)
        }
    }

    /** Ends the recovery: notes the end of the log, and counts later entries. */
    endRecovery(): void {
        this.#gate.isRecovering = false
        if (this.#hasRecovered) {
            this.#accepted.note(this.#member.logEnd, this.#gate.recorded)
        }
        this.#history.countApplication()
    }

    /** Settles publishes when their entries are delivered; after an exile, behind its record. */
    settlePublishes(
        publisher: Pick<PublishQueue, 'settle'>, settled: readonly Settlement[], isExiled: boolean
    ): void {
        if (this.#gate.isOpen) {
            publisher.settle(settled)
        } else if (isExiled) {
            this.#gate.pass(() => publisher.settle(settled))
        } else if (settled.length !== 0) {
            this.#gate.passEntries(this.through, () => publisher.settle(settled))
        }
    }

    /** Whether an entry is behind the delivered entries, and not behind the log. */
    #mayFollow(promise: Monotonic): boolean {
        const { head } = this.#member.logEnd
        return Monotonic.compare(promise, this.delivered ?? '0/0') > 0 &&
            Monotonic.compare(promise, head) <= 0
    }

    /** Queues committed entries. The delivery owns the array afterwards. */
    queueEntries(entries: LogEntry[]): void {
        for (const entry of entries) {
            this.#history.append(entry)
        }
        if (this.#deliveredCount === this.#entries.length) {
            this.#entries = entries
            this.#deliveredCount = 0
        } else {
            for (const entry of entries) {
                this.#entries.push(entry)
            }
        }
    }

    #takeEntry(): LogEntry | undefined {
        const entry = this.#entries[this.#deliveredCount]
        if (entry !== undefined) {
            this.#deliveredCount++
        } else if (this.#deliveredCount !== 0) {
            this.#entries = []
            this.#deliveredCount = 0
        }
        return entry
    }

    /**
     * Delivers everything that is queued. Entries behind a closed gate follow when the gate opens.
     */
    deliver(): void {
        let held: LogEntry[] | null = null
        for (;;) {
            const played = this.#inputs.shift()
            const entry = played === undefined ? this.#takeEntry() : undefined
            if (played !== undefined) {
                this.played.push(played)
            } else if (entry === undefined) {
                break
            } else if (this.#gate.mayDeliver(this.through)) {
                this.#deliverEntry(entry)
            } else {
                held ??= []
                held.push(entry)
            }
        }
        this.#history.forgetOldest()
        if (held !== null) {
            const entries = held
            this.#gate.passEntries(this.through, () => {
                for (const entry of entries) {
                    this.#deliverEntry(entry)
                }
                this.#history.forgetOldest()
            })
        }
    }

    #deliverEntry(entry: LogEntry): void {
        if ('cookie' in entry.body) {
            freeze(entry.body.body)
        } else {
            Object.values(entry.body).forEach(freeze)
        }
        this.delivered = entry.promise
        this.#history.reveal()
        this.log.push(entry)
        if (entry.method === 'government') {
            const { promise, government } = entry
            const { majority, minority, constituents } = government
            this.#logger.info('government', { promise, majority, minority, constituents })
            if (GOVERNMENTS.hasSubscribers) {
                const { id, republic } = this.#member
                GOVERNMENTS.publish({
                    member: id, republic, promise, government,
                    isAfterCollapse: isAfterCollapse(entry)
                } satisfies GovernmentMessage)
            }
            this.governed.notify(government)
        }
    }

    /** Ends the queues. */
    end(): void {
        this.#history.end()
        this.log.push(null)
        this.played.push(null)
    }
}
