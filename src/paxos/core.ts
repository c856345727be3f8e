import { Scheduler } from 'happenstance'
import Procession from 'procession'
import type { Monotonic } from '../base/monotonic.js'
import { Departure } from './departure/departure.js'
import { Farewells } from './departure/farewells.js'
import type { Proposer } from './election/proposer.js'
import { Log } from './log/log.js'
import { Minimum } from './log/minimum.js'
import { MemberTime } from './member-time.js'
import { Citizenship } from './membership/citizenship.js'
import { Moves } from './membership/moves.js'
import { Mailbox } from './messages/mailbox.js'
import type { Ballot, Government, LogEntry, Republic } from './messages/messages.js'
import type { Immigration } from './messages/proposals.js'
import { type PaxosOptions, type PaxosSettings, settingsOf } from './options.js'
import { Freshness } from './replication/freshness.js'
import { Lack } from './replication/lack.js'
import { OwnDisk } from './replication/own-disk.js'
import { Peers } from './replication/peers.js'
import type { Acceptance } from './replication/recorder.js'
import { SilenceReports } from './replication/silence-reports.js'
import { Tenure } from './replication/tenure.js'
import type { Writer } from './replication/writer.js'
import { SeededRandom } from './seeded-random.js'

/** The member neither writes nor campaigns: it follows a leader, learns, or waits. */
export interface Following {
    readonly name: 'following'
}

/** The member campaigns for the leadership. */
export interface Campaigning {
    readonly name: 'campaigning'
    readonly proposer: Proposer
}

/** The member has won an election, or has founded the republic, and writes the log. */
export interface Elected {
    readonly name: 'elected'
    readonly writer: Writer
    /** The members that ask for admission, by id, oldest first. */
    readonly arriving: Map<string, Immigration>
    /**
     * Ids of citizens that can return only as a new incarnation: a new process asks for admission
     * under the id, or no member holds the entries that the citizen lacks. An answer of the citizen
     * that lacks no such entries ends the mark; a newcomer repeats its request.
     */
    readonly returning: Set<string>
}

/** The member's role. A member has one role at a time. */
export type Role = Following | Campaigning | Elected

/** The role of a member that neither leads nor campaigns. */
export const FOLLOWING: Following = Object.freeze({ name: 'following' })

/**
 * All state of an engine, in one plain record. In all comments of the engine, *the member* is the
 * owner of this record, and a *peer* is any other member. `standing.ts` answers questions about the
 * record; the files in the rooms beside this file decide and change the record; `paxos.ts` calls
 * the rooms in order; `state.ts` has the written form.
 *
 * The record decides nothing. Every later output of the engine depends on the record alone, so
 * `save-restore.ts` names every field.
 */
export class Core {
    settings: PaxosSettings
    /** The member's own time, which a pause of the process does not advance. */
    time: MemberTime
    /**
     * The calendar. The driver of the engine checks the calendar and plays the events that are due.
     */
    readonly agenda: Scheduler<string> = new Scheduler<string>()
    /** The committed entries for the application, in order, from the member's admission on. */
    readonly delivery: Procession<LogEntry> = new Procession()
    /** Outgoing requests, and the calls without an answer so far. */
    readonly mailbox: Mailbox = new Mailbox()
    random: SeededRandom
    /** The member's identity, the government in force, and the census. */
    citizenship: Citizenship
    /** The committed entries and the suffix. */
    log: Log = new Log('0/0')
    /** The position of the last committed entry that has taken effect. */
    enactedThrough = 0
    readonly acceptance: Acceptance = { promised: '0/0/0', accepted: '0/0/0' }
    /** The highest ballot seen in a message. The member's next ballot is above. */
    highestBallot: Ballot = '0/0/0'
    role: Role = FOLLOWING
    /** The member's term as a writer, and the open government. */
    tenure: Tenure = new Tenure()
    /** The incarnation of the last heard leader in good standing. */
    ledBy: Monotonic = '0/0'
    /** The instant of the last contact with a leader in good standing, in the member's own time. */
    ledAt: number = Number.NEGATIVE_INFINITY
    /** The instant of the last restart, in the member's own time. */
    revivedAt: number = Number.NEGATIVE_INFINITY
    /** How fresh the committed log is. */
    freshness: Freshness = new Freshness()
    /** What the member knows of its own disk. */
    ownDisk: OwnDisk = new OwnDisk()
    /** The entries that the member knows to lack. Empty under version 1. */
    lack: Lack = new Lack()
    /**
     * The number of petitions since the last contact with a leader; from version 2 of the republic
     * on, since a feeder last sent entries, too.
     */
    petitions = 0
    /** The records of the citizens that the member sends requests to. */
    peers: Peers = new Peers()
    silenceReports: SilenceReports = new SilenceReports()
    minimum: Minimum = new Minimum()
    /** An event has happened since the last check that may call for a new government. */
    isReshapeDue = false
    /** The member has declared that it may hold a seat. */
    isReady = false
    /** Citizens that declare that they may hold a seat, by immigration promise. */
    readonly naturalizing: Set<Monotonic> = new Set()
    /** Citizens that ask for their exile, by immigration promise, in the order of arrival. */
    readonly leaving: Set<Monotonic> = new Set()
    /** The member's own request to leave, and the handover of its leadership. */
    readonly departure: Departure = new Departure()
    readonly farewells: Farewells = new Farewells()
    /** The moved members, until the log holds their moves. */
    moves: Moves = new Moves()

    /** @param now Milliseconds since the epoch. */
    constructor(now: number, republic: Republic | null, id: string, options: PaxosOptions) {
        this.time = new MemberTime(now)
        this.settings = settingsOf(options)
        this.citizenship = new Citizenship(id, republic)
        this.random = new SeededRandom(id)
    }

    /** The member's own time, as of the last input. */
    get now(): number {
        return this.time.now
    }

    /** The id of the member. */
    get id(): string {
        return this.citizenship.id
    }

    /** The government in force, frozen. */
    get government(): Government {
        return this.citizenship.government
    }

    /** The promise of the last committed entry. */
    get committed(): Monotonic {
        return this.log.promiseAt(this.log.committed)
    }
}
