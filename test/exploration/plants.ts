import type { Patch } from './copy.js'
import type { Budget } from './state.js'

/** A bug that is planted into the engine, and what has to be tried for it to show. */
export interface Plant {
    readonly name: string
    readonly patches: readonly Patch[]
    readonly budget: Budget
    /** The property that it breaks. */
    readonly breaks: RegExp
}

const quiet: Budget = { publishers: '', crashes: 0, losses: 0, duplicates: 0, firings: 0 }

/** Bugs as they are made in engines of this kind, each in one place. */
export const plants: readonly Plant[] = [{
    name: 'a quorum that is short of one',
    patches: [{
        file: 'paxos/replication/writer.js',
        from: '[quorum(voters.length) - 1]',
        to: '[Math.max(0, quorum(voters.length) - 2)]'
    }],
    budget: { ...quiet, publishers: 'a', firings: 2 },
    breaks: /^one log/
}, {
    name: 'an acceptor that forgets its promise',
    patches: [{
        file: 'paxos/candidate.js',
        from: "return this.answer({ method: 'promised', accepted, entries, " +
            '...(draft && { draft }) })',
        to: "const said = this.answer({ method: 'promised' }); " +
            'this.acceptance.promised = accepted; ' +
            'return { ...said, accepted, entries, ...(draft && { draft }) }'
    }],
    budget: { ...quiet, publishers: 'a', firings: 2 },
    breaks: /^ballots rise/
}, {
    name: 'a candidate that adopts nothing',
    patches: [{
        // Of three, who accepts knows at once; else it would take too long for the bug to show.
        file: 'paxos/correspondent.js',
        from: 'quorum(parliament(government).length) === 2',
        to: 'false'
    }, {
        file: 'paxos/election/proposer.js',
        from: 'return withdraw(government, promises, best);',
        to: 'return [];'
    }],
    budget: { ...quiet, publishers: 'a', firings: 3 },
    breaks: /^one log/
}, {
    name: 'a recorder that takes what is below its promise',
    patches: [{
        file: 'paxos/replication/recorder.js',
        from: 'Monotonic.compare(run.ballot, acceptance.promised) < 0',
        to: 'Monotonic.compare(run.ballot, acceptance.accepted) < 0'
    }],
    budget: { ...quiet, publishers: 'a', firings: 2 },
    breaks: /^(?:one log|ballots rise)/
}, {
    name: 'a log that does not filter cookies',
    patches: [{
        file: 'paxos/replication/writer.js',
        from: 'Monotonic.compare(body.cookie, published) <= 0',
        to: 'published === body.cookie && false'
    }, {
        file: 'paxos/replication/writer.js',
        from: 'Monotonic.compare(body.cookie, highest) <= 0',
        to: 'false'
    }],
    budget: { ...quiet, publishers: 'b', duplicates: 1 },
    breaks: /^once, in order/
}]
