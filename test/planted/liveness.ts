import type { Patch } from './copy.js'

/** A bug as `plants.ts` describes the bugs of safety. */
interface Bug {
    readonly name: string
    readonly breaks: RegExp
    readonly patches: readonly Patch[]
}

/** Bugs that leave a republic weak for good, though all goes on; and a bug of exiles. */
export const liveness: readonly Bug[] = [{
    name: 'a parliament grows only where twice as many are ready as it has room for',
    breaks: /^L5: .* may sit/,
    patches: [{
        file: 'paxos/membership/shaper.js',
        from: 'chosen.length < room',
        to: 'promotable(situation).length < 2 * room'
    }]
}, {
    name: 'an even parliament gives no seat back',
    breaks: /^L5: .* is even/,
    patches: [{
        file: 'paxos/membership/shaper.js',
        from: 'voters.length % 2 === 1 ||',
        to: 'voters.length % 2 < 2 ||'
    }]
}, {
    name: 'a voter that does not answer keeps its seat',
    breaks: /^L5: .* keep their seats/,
    patches: [{
        file: 'paxos/membership/shaper.js',
        from: '!silent.has(id) || id === government.majority[0]',
        to: '!silent.has(id) || voters.includes(id)'
    }]
}, {
    name: 'the first member that asks to leave is passed over',
    breaks: /^L5: .* has asked to leave/,
    patches: [{
        file: 'paxos/membership/shaper.js',
        from: 'for (const id of leaving) {',
        to: 'for (const id of leaving.slice(1)) {'
    }]
}, {
    name: 'entries of an incarnation follow its exile',
    breaks: /^S2: .* has exiled/,
    patches: [{
        file: 'paxos/replication/writer.js',
        from: '&& entry.body.immigrated !== shape.exile?.promise) {',
        to: ') {'
    }, {
        file: 'paxos/paxos.js',
        from: 'return record === null || isLeaving ? null :',
        to: 'return record === null ? null :'
    }]
}]
