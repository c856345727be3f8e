import type { Monotonic } from '../../src/base/monotonic.js'
import type { Citizenship } from '../../src/paxos/membership/citizenship.js'
import type { Log } from '../../src/paxos/log/log.js'
import type { Immigration } from '../../src/paxos/messages/proposals.js'
import type { Ballot } from '../../src/paxos/messages/messages.js'
import type { PaxosSettings } from '../../src/paxos/options.js'
import type { Paxos } from '../../src/paxos/paxos.js'
import type { SilenceReports } from '../../src/paxos/replication/silence-reports.js'
import type { Peers } from '../../src/paxos/replication/peers.js'
import type { Acceptance } from '../../src/paxos/replication/recorder.js'
import type { Writer } from '../../src/paxos/replication/writer.js'

/** The same, and it may be changed. */
export type Mutable<Value> = { -readonly [Key in keyof Value]: Value[Key] }

/** What an acceptor must not forget. */
export interface Standing {
    readonly promised: Ballot
    readonly accepted: Ballot
    readonly head: Monotonic
}

/** What the engine keeps to itself. The simulator knows the truth, and so looks, never touches. */
export interface Inside {
    readonly acceptance: Readonly<Acceptance>
    readonly arriving: ReadonlyMap<string, Immigration>
    readonly chain: Log
    readonly citizenship: Citizenship
    readonly hearsay: SilenceReports
    readonly leaving: ReadonlySet<string>
    readonly naturalizing: ReadonlySet<string>
    /** The member's own time. */
    readonly now: number
    readonly peers: Peers
    /** Whether the member has said that it may hold a seat. */
    readonly ready: boolean
    readonly settings: PaxosSettings
    readonly writer: Writer | null
}

/** Where an acceptor stands. */
export function standingOf(paxos: Paxos): Standing {
    const { acceptance: { promised, accepted }, chain } = inside(paxos)
    return { promised, accepted, head: chain.promiseAt(chain.head) }
}

/** Looks into an engine. */
export function inside(paxos: Paxos): Inside {
    return paxos as unknown as Inside
}
