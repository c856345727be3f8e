import type { Monotonic } from '../../src/base/monotonic.js'
import type { Core } from '../../src/paxos/core.js'
import type { Ballot } from '../../src/paxos/messages/messages.js'
import type { Paxos } from '../../src/paxos/paxos.js'

/** The same, and it may be changed. */
export type Mutable<Value> = { -readonly [Key in keyof Value]: Value[Key] }

/** What an acceptor must not forget. */
export interface Standing {
    readonly promised: Ballot
    readonly accepted: Ballot
    readonly head: Monotonic
}

/** Where an acceptor stands. */
export function standingOf(paxos: Paxos): Standing {
    const { acceptance: { promised, accepted }, log } = inside(paxos)
    return { promised, accepted, head: log.promiseAt(log.head) }
}

/** The record of an engine. The simulator knows the truth: it looks at the record only. */
export function inside(paxos: Paxos): Readonly<Core> {
    return (paxos as unknown as { readonly core: Core }).core
}
