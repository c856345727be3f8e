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
import { Mailbox } from './messages/mailbox.js'
import type { Ballot, Government, LogEntry, Republic } from './messages/messages.js'
import type { Immigration } from './messages/proposals.js'
import { type PaxosOptions, type PaxosSettings, settingsOf } from './options.js'
import { Peers } from './replication/peers.js'
import type { Acceptance } from './replication/recorder.js'
import { SilenceReports } from './replication/silence-reports.js'
import { Tenure } from './replication/tenure.js'
import type { Writer } from './replication/writer.js'
import { SeededRandom } from './seeded-random.js'

/** The member neither writes nor runs for the leadership: it follows, learns, or waits. */
export interface Following {
    readonly name: 'following'
}

/** The member runs for the leadership. */
export interface Campaigning {
    readonly name: 'campaigning'
    readonly proposer: Proposer
}

/** The member has won an election, or has founded the republic, and writes the log. */
export interface Elected {
    readonly name: 'elected'
    readonly writer: Writer
    /** The members that ask to be admitted, oldest first, by id. */
    readonly arriving: Map<string, Immigration>
    /**
     * Ids of citizens that can come back only as a new incarnation: another process asks to be
     * admitted under the id, or no member holds the entries that the citizen lacks.
     */
    readonly returning: Set<string>
}

/** What a member does for the government: one of three things at a time. */
export type Role = Following | Campaigning | Elected

/** The role of a member that does not lead and does not try to. */
export const FOLLOWING: Following = Object.freeze({ name: 'following' })

/**
 * All state of an engine, in one plain record. `standing.ts` answers questions about the record;
 * the parts in the rooms beside this file decide and change the record; `paxos.ts` calls the parts
 * in order.
 *
 * This file decides nothing. A later output of the engine depends on this record alone, so
 * `save-restore.ts` names every field.
 */
export class Core {
    settings: PaxosSettings
    /** The member's own time, which a pause of the process does not advance. */
    time: MemberTime
    /** The calendar. The caller of the engine checks the calendar and plays its events. */
    readonly agenda: Scheduler<string> = new Scheduler<string>()
    /** The committed entries for the application, from this member's admission on, in order. */
    readonly delivery: Procession<LogEntry> = new Procession()
    /** Outgoing requests, and the calls whose answers are awaited. */
    readonly mailbox: Mailbox = new Mailbox()
    random: SeededRandom
    /** The identity of this member, the government in force, and the census. */
    citizenship: Citizenship
    /** The committed entries and the suffix. */
    log: Log = new Log('0/0')
    /** The position of the last committed entry that has taken effect. */
    enactedThrough = 0
    readonly acceptance: Acceptance = { promised: '0/0/0', accepted: '0/0/0' }
    /** The highest ballot in any message so far. The member's next ballot is above this ballot. */
    highestBallot: Ballot = '0/0/0'
    role: Role = FOLLOWING
    /** The member's term as a writer: evidence counts from an instant on; the open government. */
    tenure: Tenure = new Tenure()
    /** The incarnation of the leader in good standing that was last heard of. */
    ledBy: Monotonic = '0/0'
    /** The instant of that word, in the member's own time. */
    ledAt: number = Number.NEGATIVE_INFINITY
    /** When this member last came back from a restart, in its own time. */
    revivedAt: number = Number.NEGATIVE_INFINITY
    /** How many petitions this member has sent since the last word of a leader. */
    petitions = 0
    /** What this member knows of the citizens that it sends requests to. */
    peers: Peers = new Peers()
    silenceReports: SilenceReports = new SilenceReports()
    minimum: Minimum = new Minimum()
    /** An event that the next government may depend on has happened since the last look. */
    isReshapeDue = false
    /** This member has said that it may hold a seat. */
    isReady = false
    /** Citizens, by immigration promise, that say they may hold a seat. */
    readonly naturalizing: Set<Monotonic> = new Set()
    /** Citizens, by immigration promise, that ask to be exiled, in the order of the news. */
    readonly leaving: Set<Monotonic> = new Set()
    /** This member's own wish to leave, and the handover of its leadership. */
    readonly departure: Departure = new Departure()
    readonly farewells: Farewells = new Farewells()

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

    /** The name of this member. */
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
