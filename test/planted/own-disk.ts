import type { Bug } from './liveness.js'

/** Bugs by which a member relies on a disk that has not answered. */
export const ownDisk: readonly Bug[] = [{
    name: 'a restarted leader continues under its ballot',
    breaks: /^S[1346]:/,
    edits: [{ in: 'mayHaveSentMore', to: 'return false;' }]
}, {
    name: 'a leader counts itself before its disk has answered',
    breaks: /^S[13]:/,
    edits: [{ in: 'ownVote', find: '!diskVotes(_)', to: 'true' }]
}, {
    name: 'a voter takes each entry of a run for an entry on the disk of the leader',
    breaks: /^S[13]:/,
    edits: [{ in: 'stablePosition', to: 'return arguments[0].log.head;' }]
}, {
    name: 'a member feeds entries that its own vote decides before it has written them',
    breaks: /^S[13]:/,
    edits: [{ in: 'SendingRules.send', find: '_ === null ? _.through : 0', to: '0' }]
}, {
    name: 'the values of a leader leave before the record of the publish',
    breaks: /^S[245]:/,
    edits: [{ in: 'SendingRules.send', find: 'Math.max(_.since, _.ownThrough)', to: 'this.#since' }]
}, {
    name: 'the runs of a leader leave before the record of its election',
    breaks: /^S[136]:/,
    edits: [{
        in: 'SendingRules.send', find: 'Math.max(_.since, _.ownThrough)', to: 'this.#ownThrough'
    }]
}]
