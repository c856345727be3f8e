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
    // Two lives of a publisher give one identity to two values. Or the log has passed the
    // identities of the second life, so its values never appear.
    name: 'a member sends before its disk holds the record by which its process began',
    breaks: /^(?:S[123456]|L2):/,
    edits: [{ in: 'SendingRules.onInput', find: 'this.#since = _.recorded', to: 'this.#since = 0' }]
}, {
    name: 'a restarted publisher continues its life',
    breaks: /^S[245]:/,
    edits: [{ in: 'UnsettledPublishes.beginLife', to: 'return this.#lives.at(-1).cookie;' }]
}]
