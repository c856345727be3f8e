import type { Edit } from '../planted/planter.js'
import { forgetsPromise, takesBelowPromise } from '../planted/plants.js'
import { ownDisk } from '../planted/own-disk.js'
import { takesTwice } from '../planted/publishing.js'
import type { Budget } from './state.js'

/** A bug that is planted into the engine, and what has to be tried for it to show. */
export interface Plant {
    readonly name: string
    readonly edits: readonly Edit[]
    readonly budget: Budget
    /** Whether the members have disks. @default false */
    readonly hasDisks?: boolean
    /** The property that it breaks. */
    readonly breaks: RegExp
}

const quiet: Budget = {
    publishers: '', crashes: 0, losses: 0, duplicates: 0, firings: 0, leavers: '', restarts: 0
}

/** What shows the bugs by which a member relies on a disk that has not answered. */
const DISK_BUDGETS: ReadonlyMap<string, Budget> = new Map([
    ['a restarted leader continues under its ballot', {
        ...quiet, publishers: 'aa', firings: 1, restarts: 1
    }],
    ['a leader counts itself before its disk has answered', {
        ...quiet, publishers: 'a', restarts: 1, losses: 1
    }],
    ['a voter takes each entry of a run for an entry on the disk of the leader', {
        ...quiet, publishers: 'a', restarts: 1, losses: 1
    }]
])

/** Bugs as they are made in engines of this kind. */
export const plants: readonly Plant[] = [{
    name: 'a quorum that lacks one voter',
    edits: [{
        in: 'heldByMajority',
        find: '$held[$quorum - 1]',
        to: '$held[Math.max(0, $quorum - 2)]'
    }],
    budget: { ...quiet, publishers: 'a', firings: 2 },
    breaks: /^one log/
}, {
    name: 'an acceptor that forgets its promise',
    edits: forgetsPromise,
    budget: { ...quiet, publishers: 'a', firings: 2 },
    breaks: /^ballots rise/
}, {
    name: 'a candidate that adopts nothing',
    edits: [{
        // Of three, who accepts knows at once; else it would take too long for the bug to show.
        in: 'commitByPair', find: 'quorum(_) === 2', to: 'false'
    }, {
        in: 'Proposer.suffixToAdopt', find: 'withdraw(_, _, _)', to: '[]'
    }],
    budget: { ...quiet, publishers: 'a', firings: 3 },
    breaks: /^one log/
}, {
    name: 'a recorder that accepts entries below its promise',
    edits: takesBelowPromise,
    budget: { ...quiet, publishers: 'a', firings: 2 },
    breaks: /^(?:one log|ballots rise)/
}, {
    name: 'a log that does not filter cookies',
    edits: takesTwice,
    budget: { ...quiet, publishers: 'b', duplicates: 1 },
    breaks: /^once, in order/
}, ...ownDisk.flatMap(({ name, edits }) => {
    const budget = DISK_BUDGETS.get(name)
    return budget === undefined ? [] : [{ name, edits, budget, breaks: /^one log/, hasDisks: true }]
})]
