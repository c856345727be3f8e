import type { Bug } from './liveness.js'

/** Bugs by which a member says that its log is fresher than it is. */
export const ages: readonly Bug[] = [{
    name: 'a member counts the age of a message from its arrival',
    breaks: /^S13:/,
    edits: [{ in: 'takeAge', find: '$echo - $age', to: 'now - $age' }]
}, {
    name: 'a member takes the age of entries that it does not hold yet',
    breaks: /^S13:/,
    edits: [{
        in: 'Freshness.takeMessage',
        find: 'if (_.compare($promise, $committed) <= 0) $raise; else $wait;',
        to: '$raise;'
    }]
}, {
    name: 'a leader leaves out entries that only a voter knows to be committed',
    breaks: /^S13:/,
    edits: [{ in: 'Freshness.coveredAt', to: 'return now;' }]
}, {
    name: 'the age of a log stands still during a pause',
    breaks: /^S13:/,
    edits: [{ in: 'Freshness.countPause', find: 'this.freshAt -= _;', to: '' }]
}, {
    name: 'a member keeps its age although the clock went back',
    breaks: /^S13:/,
    edits: [{ in: 'onEvent', find: '_.forget(_);', to: '' }]
}]
