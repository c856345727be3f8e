import type { Bug } from './liveness.js'

/** Bugs of reads. */
export const reads: readonly Bug[] = [{
    name: 'a leader answers a read without a round',
    breaks: /^S10:/,
    edits: [{ in: 'CommitMarks.confirm', find: 'quorum(_) - _', to: '0' }]
}, {
    name: 'a read ends at the commit mark of the leader, and not at the end of its log',
    breaks: /^S10:/,
    edits: [{
        in: 'CommitMarks.confirm',
        find: '_() ? null : $head',
        to: 'isVoid() ? null : this.#paxos.committed'
    }]
}, {
    name: 'a caller takes part in the round under way',
    breaks: /^S10:/,
    edits: [{
        in: 'SharedRounds.ask',
        find: '_.push(_)',
        to: '(this.#asking ?? this.#waiting).push(ended)'
    }]
}]
