import type { Patch } from './copy.js'
import { liveness } from './liveness.js'

/** A bug that is planted into the engine, for the simulator to find. */
export interface Plant {
    readonly name: string
    /** The property that it breaks, as the violation begins. */
    readonly breaks: RegExp
    readonly patches: readonly Patch[]
}

/** One that is found at once. If it is not, nothing that the simulator says is worth anything. */
export const canary: Plant = {
    name: 'a leader counts nobody but itself',
    breaks: /^S1:/,
    patches: [{
        file: 'paxos/replication/writer.js',
        from: '[quorum(voters.length) - 1] ?? -1',
        to: '[0] ?? -1'
    }]
}

/** Bugs of writing and of what becomes of it. */
const writing: readonly Plant[] = [canary, {
    name: 'a quorum is short of one',
    breaks: /^S[17]:/,
    patches: [{
        file: 'paxos/membership/government.js',
        from: 'return Math.floor(size / 2) + 1;',
        to: 'return Math.max(1, Math.floor(size / 2));'
    }]
}, {
    name: 'who accepts takes itself and the leader for a majority of five',
    breaks: /^S1:/,
    patches: [{
        file: 'paxos/correspondent.js',
        from: 'quorum(parliament(government).length) === 2',
        to: 'quorum(parliament(government).length) <= 3'
    }]
}, {
    name: 'a recorder takes what is below its promise',
    breaks: /^S[16]:/,
    patches: [{
        file: 'paxos/replication/recorder.js',
        from: 'Monotonic.compare(run.ballot, acceptance.promised) < 0',
        to: 'Monotonic.compare(run.ballot, acceptance.accepted) < 0'
    }]
}, {
    name: 'a recorder acknowledges what it does not hold',
    breaks: /^S1:/,
    patches: [{
        file: 'paxos/correspondent.js',
        from: 'const position = isMatched ?',
        to: 'const sent = request.entries.at(-1); ' +
            'const position = sent ? sent.promise : isMatched ?'
    }]
}, {
    name: 'a parliament takes effect before it is decided',
    breaks: /^S1:/,
    patches: [{
        file: 'paxos/replication/writer.js',
        from: 'Math.min(reach(parliament(government), held), log.head);',
        to: 'Math.min(reach(parliament(log.at(log.head).body.majority?.length > 0 ' +
            '? log.at(log.head).body : government), held), log.head);'
    }]
}, {
    name: 'a learner takes for committed what one voter has accepted',
    breaks: /^S1:/,
    patches: [{
        file: 'paxos/replication/rations.js',
        from: 'const entries = log.run(peer.holds, log.committed, limit.run);',
        to: 'const entries = log.run(peer.holds, log.head, limit.run);'
    }]
}, {
    name: 'entries are handed on in pairs, the later first',
    // What nobody has delivered before looks like a fork.
    breaks: /^S[13]:/,
    patches: [{
        file: 'member/player.js',
        from: 'islander.push(entry);',
        to: 'const later = this.#enacted.shift(); if (later !== null) { islander.push(later); ' +
            'this.#delivery.enact(later); } islander.push(entry);'
    }]
}]

/** Bugs of elections. */
const elections: readonly Plant[] = [{
    // Nothing survives a restart but what others hold; to forget a promise takes no restart.
    name: 'an acceptor forgets what it has promised',
    breaks: /^S[16]:/,
    patches: [{
        file: 'paxos/candidate.js',
        from: "return this.answer({ method: 'promised', accepted, entries, " +
            '...(draft && { draft }) })',
        to: "const said = this.answer({ method: 'promised' }); " +
            'this.acceptance.promised = accepted; ' +
            'return { ...said, accepted, entries, ...(draft && { draft }) }'
    }]
}, {
    name: 'a candidate adopts the longest suffix, whatever its ballot',
    breaks: /^S1:/,
    patches: [{
        file: 'paxos/election/proposer.js',
        from: 'if (order > 0 || (order === 0 && accepted',
        to: 'if (order !== null && (accepted'
    }]
}, {
    name: 'a candidate adopts the suffix of the lowest ballot',
    breaks: /^S1:/,
    patches: [{
        file: 'paxos/election/proposer.js',
        from: 'const order = Monotonic.compare(accepted.ballot, best.ballot);',
        to: 'const order = best.entries.length === 0 ? 1 : ' +
            'Monotonic.compare(best.ballot, accepted.ballot);'
    }]
}, {
    name: 'who has forgotten everything counts as having accepted nothing',
    breaks: /^S1:/,
    patches: [{
        file: 'paxos/paxos.js',
        from: 'if (isVoid ||',
        to: "if (response?.method === 'unreachable' && " +
            '/^(canvass|prepare)$/.test(call.method)) { ' +
            "peer.calls--; this.consider(peer, { ...this.answer({}), accepted: '0/0/0', " +
            "entries: [], method: call.method === 'canvass' ? 'granted' : 'promised' }); } else " +
            'if (isVoid ||'
    }]
}]

/** Bugs of leaving out an open government. */
const withdrawals: readonly Plant[] = [{
    name: 'a candidate leaves out every open government',
    breaks: /^S1:/,
    patches: [{
        file: 'paxos/election/withdrawal.js',
        from: 'const isUndecided = promises.some(',
        to: 'const isUndecided = true || promises.some('
    }]
}]

/** Bugs of identity. */
const identity: readonly Plant[] = [{
    // Two safeguards: a newcomer knows its own admission by a cookie, and nobody is welcomed twice,
    // whether it answers as a stranger or says that it is none of whom is asked for.
    name: 'an amnesiac is taken for who bore its id',
    breaks: /^S7:/,
    patches: [{
        file: 'paxos/membership/citizenship.js',
        from: 'immigrate.cookie === this.cookie',
        to: 'true'
    }, {
        file: 'paxos/correspondent.js',
        from: 'if (peer.holds === -1 && !peer.stranger) {',
        to: 'if (!peer.stranger) { peer.holds = -1; peer.unmatch();'
    }, {
        file: 'paxos/paxos.js',
        from: 'if (isVoid ||',
        to: "if (response?.method === 'unreachable') { peer.stranger = true; peer.holds = -1; " +
            'peer.unmatch(); } if (isVoid ||'
    }]
}, {
    // Two safeguards: the name of the republic, and what its founder drew.
    name: 'messages of another republic, and of another founding, are taken',
    breaks: /^S9:/,
    patches: [{
        file: 'paxos/membership/citizenship.js',
        from: 'if (this.exiled || republic !== this.republic) {',
        to: 'if (this.exiled) {'
    }, {
        file: 'paxos/membership/citizenship.js',
        from: 'if (founding !== this.founding) {',
        to: 'if (founding === null) {'
    }]
}, {
    name: 'the appointments of an exile stay',
    breaks: /^S12:/,
    patches: [{
        file: 'paxos/legislator.js',
        from: 'this.scheduler.unschedule(appointment);',
        to: ''
    }]
}, {
    name: 'a message reads the clock',
    breaks: /^S8:/,
    patches: [{
        file: 'paxos/member.js',
        from: 'standing: this.standing()',
        to: 'standing: this.standing() === null ? null : this.standing() + (Date.now() % 7)'
    }]
}]

/** Bugs of publishing once, in order. */
const publishing: readonly Plant[] = [{
    // Two safeguards: what is in the log, and what waits or is written already.
    name: 'a batch that comes twice is taken twice',
    breaks: /^S4:/,
    patches: [{
        file: 'paxos/replication/writer.js',
        from: 'Monotonic.compare(body.cookie, published) <= 0',
        to: 'false'
    }, {
        file: 'paxos/replication/writer.js',
        from: 'Monotonic.compare(body.cookie, highest) <= 0',
        to: 'false'
    }]
}, {
    name: 'a newcomer is not told which cookies are in the log',
    breaks: /^S4:/,
    patches: [{
        file: 'paxos/membership/citizenship.js',
        from: 'Object.freeze({ cookie, published })',
        to: "Object.freeze({ cookie, published: '0' })"
    }]
}, {
    // Both of the safeguards against a batch that comes twice end with the time.
    name: 'a leader forgets a publisher after a timeout of its own clock',
    breaks: /^S4:/,
    patches: [{
        file: 'paxos/paxos.js',
        from: 'return writer.enqueue(entry, record.published);',
        to: 'const takenAt = writer.takenAt ??= new Map(); ' +
            'const age = this.now - takenAt.get(entry.immigrated); ' +
            'takenAt.set(entry.immigrated, this.now); ' +
            'return writer.enqueue(entry, age > this.settings.timeout ? null : record.published);'
    }, {
        file: 'paxos/replication/writer.js',
        from: 'Monotonic.compare(body.cookie, published) <= 0',
        to: 'published !== null && Monotonic.compare(body.cookie, published) <= 0'
    }, {
        file: 'paxos/replication/writer.js',
        from: 'Monotonic.compare(body.cookie, highest) <= 0',
        to: 'published !== null && Monotonic.compare(body.cookie, highest) <= 0'
    }]
}, {
    name: 'what may be lost is published again at once, under fresh cookies',
    breaks: /^S[45]:/,
    patches: [{
        file: 'publisher/islander.js',
        from: 'this.#flush = this.#cookie;',
        to: 'this.#cookie = this.#batch.begin(this.#batch.clear(), this.#cookie); ' +
            'this.#dispatch(this.#batch.values); return;'
    }]
}, {
    name: 'a publish is settled by whichever entry of its publisher comes next',
    breaks: /^S4:/,
    patches: [{
        file: 'publisher/islander.js',
        from: 'if (cookie === this.#batch.oldest) {',
        to: 'if (!this.#batch.isEmpty) {'
    }]
}]

/** Bugs of members that write down their inputs. */
const durability: readonly Plant[] = [{
    name: 'a member answers before its inputs are flushed',
    breaks: /^S[3468]:/,
    patches: [{
        file: 'member/flush-gate.js',
        from: 'if (this.isOpen) {',
        to: 'if (this.failure === null) {'
    }]
}, {
    name: 'what comes in during a flush leaves with it',
    breaks: /^S[3468]:/,
    patches: [{
        file: 'member/flush-gate.js',
        from: 'next.through > this.#flushed',
        to: 'next.through > this.#appended'
    }]
}, {
    name: 'a promise is not in the snapshot',
    breaks: /^S[168]:/,
    patches: [{
        file: 'paxos/archivist.js',
        from: 'Object.assign(this.acceptance, state.acceptance);',
        to: 'Object.assign(this.acceptance, state.acceptance, { promised: ' +
            'state.acceptance.accepted });'
    }]
}, {
    name: 'what was published and waits is not in the snapshot',
    breaks: /^S[2458]:/,
    patches: [{
        file: 'publisher/backlog.js',
        from: 'this.#pending = state.pending.map(admit);',
        to: 'this.#pending = [];'
    }]
}, {
    name: 'a member forgets what its application has not applied',
    breaks: /^(?:S[36]|L4):/,
    patches: [{
        file: 'member/history.js',
        from: 'return [...this.#readers].every((reader) => reader.releases(first));',
        to: 'return true;'
    }]
}]

/** Bugs as they are made in engines of this kind. */
export const plants: readonly Plant[] = [
    ...writing, ...elections, ...withdrawals, ...identity, ...publishing, ...durability, ...liveness
]
