import cadence, { type Cadenced } from 'cadence'
import Destructible from 'destructible'
import { isolateListeners } from '../base/callbacks.js'
import { Clock } from '../base/clock.js'
import { rejectArgument } from '../base/errors.js'
import { MemberLogger } from '../base/member-logger.js'
import { hexSource } from '../base/random-hex.js'
import type { Paxos } from '../paxos/paxos.js'
import { Barriers } from './barriers.js'
import { CalendarTimer } from './calendar-timer.js'
import { CommitMarks } from './commit-marks.js'
import { Departures } from './departure.js'
import { Exiles } from './exiles.js'
import { FlushGate } from './flush-gate.js'
import { IncomingCalls } from './incoming-calls.js'
import type { EventBody } from './inputs.js'
import { MemberJoining } from './joining.js'
import { LiveMetrics } from './live-metrics.js'
import { journalOf, MemberJournal } from './member-journal.js'
import type { Recovered, RecoverOptions } from './recover-options.js'
import { openLineLog } from './member-log.js'
import { MemberMoves } from './moves.js'
import type { KibitzerSettings } from './options.js'
import { OutgoingCalls } from './outgoing-calls.js'
import { Player } from './player.js'
import { Reads } from './reads.js'
import { Reminders } from './reminders.js'
import { waitReason } from './wait-reason.js'
import { Waits } from './waits.js'

/** The flush of a member without a journal ends within this time, in milliseconds. */
const FLUSH_MS = 1000

const reads = new WeakMap<object, Reads>()

/** The reads of a Kibitzer, for the Colleague of the Kibitzer. */
export function readsOf(kibitzer: object): Reads {
    return reads.get(kibitzer) ?? rejectArgument('The member is no Kibitzer.')
}

const metrics = new WeakMap<object, LiveMetrics>()

/** The metrics of a Kibitzer. */
export function metricsOf(kibitzer: object): LiveMetrics {
    return metrics.get(kibitzer) ?? rejectArgument('The member is no Kibitzer.')
}

/** Creates and connects the parts of a Kibitzer, and ends them together. */
export class MemberParts {
    readonly player: Player
    readonly outgoing: OutgoingCalls
    readonly incoming: IncomingCalls
    readonly calendar: CalendarTimer
    readonly joining: MemberJoining
    readonly departures: Departures
    readonly reads: Reads
    readonly barriers: Barriers
    readonly reminders: Reminders
    readonly moves: MemberMoves
    readonly exiles: Exiles
    /** `null` if the member has no journal. */
    readonly journal: MemberJournal | null
    readonly destructible: Destructible
    /** The calls that wait. */
    readonly waits: Waits

    /** @param owner The property `destroyed` of the owner becomes `true` at the end. */
    constructor(settings: KibitzerSettings, owner: { readonly destroyed: boolean }) {
        const { journal = null } = settings
        const flushMs = journal === null ? FLUSH_MS : MemberJournal.flushMs
        this.destructible = new Destructible(flushMs, 'kibitzer')
        const member = (): Paxos => this.player.paxos
        const clock = new Clock(settings.Date, member)
        const fail = (error: Error): void => this.destructible.destroy(error)
        const gate = new FlushGate(journal, fail, undefined, member)
        gate.isRecovering = journal !== null
        this.player = new Player(settings, clock, () => this.#sendEffects(), gate)
        openLineLog(this.player.paxos, settings)
        this.outgoing = new OutgoingCalls(this.player)
        this.waits = this.#watch(clock)
        const logger = new MemberLogger('kibitz', member)
        this.reminders = new Reminders(this.player.paxos, logger, () => this.waits.isOwned)
        const draw = hexSource(settings.random)
        this.joining = new MemberJoining(
            this.player, this.outgoing, this.waits, this.reminders, draw)
        const marks = new CommitMarks(this.player.paxos, this.outgoing.askMember)
        this.barriers = new Barriers(this.player, marks, this.waits)
        this.incoming = new IncomingCalls(this.player, this.outgoing, marks)
        this.departures = new Departures(this.player, this.waits)
        this.reads = new Reads(this.player, clock)
        reads.set(owner, this.reads)
        this.moves = new MemberMoves(this.player, this.waits)
        this.exiles = new Exiles(this.player, this.waits, draw)
        this.journal = journal && new MemberJournal(journal, this.player, clock, this.outgoing)
        metrics.set(owner, new LiveMetrics(
            this.player, () => clock.now(), () => this.journal?.snapshotAt ?? null))
        const fire = (event: EventBody) => void this.player.play('event', Object.freeze(event))
        this.calendar = new CalendarTimer(this.player.paxos.scheduler, clock, fire)
        this.destructible.markDestroyed(owner, 'destroyed')
        // Gathered publishes are the last inputs, so they come before the calendar is cleared.
        this.destructible.addDestructor('publishes', this.player.coalescer, 'flush')
        this.destructible.addDestructor('scheduler', this.calendar, 'stop')
        this.destructible.addDestructor('waits', this.waits, 'close')
        this.destructible.addDestructor('reminders', this.reminders, 'close')
        this.destructible.addDestructor('player', this.player, 'close')
        this.destructible.addDestructor('departures', this.departures, 'close')
        this.destructible.addDestructor('reads', this.reads, 'close')
        this.destructible.addDestructor('barriers', this.barriers, 'close')
        this.destructible.addDestructor('moves', this.moves, 'close')
        this.destructible.addDestructor('exiles', this.exiles, 'close')
        this.destructible.addDestructor('outgoing calls', this.outgoing, 'close')
        this.journal?.endWith(this.destructible)
        isolateListeners(this.destructible.completed)
    }

    /** See `Kibitzer.naturalize`. */
    naturalize(): void {
        this.player.play('naturalize', Object.freeze({}))
        this.reminders.onNaturalize()
    }

    #sendEffects(): void {
        this.outgoing.sendOutboxes()
        this.calendar.armNext()
        this.departures.settleDecided()
        this.reads.onInput()
        this.barriers.onInput()
        this.reminders.check()
        this.moves.settleDecided()
        this.exiles.settleDecided()
    }

    /** Calls back when the member has ended. */
    readonly onEnd: Cadenced<MemberParts, [], [unknown]> = cadence(function (async) {
        this.destructible.completed.wait(async())
    })

    /** Recovers the member from its journal. A failure destroys the member. */
    recover(options: RecoverOptions | null): Promise<Recovered> {
        const recovering = journalOf(this.journal).recover(options)
        recovering.catch((error: Error) => this.destructible.destroy(error))
        return recovering
    }

    /** Watches the waiting publishes. */
    #watch(clock: Clock): Waits {
        const { paxos, publications, history } = this.player
        const { superseded, refusals } = this.outgoing
        const logger = new MemberLogger('kibitz', () => paxos)
        const waits = new Waits(() => clock.now(), logger, () => waitReason({
            paxos,
            superseded: superseded.now,
            journal: this.journal?.stat() ?? null,
            pending: publications.size,
            backlog: history.backlog().entries,
            refused: refusals.counts(),
            refusedRuns: refusals.runs()
        }))
        publications.watch(waits)
        return waits
    }
}
