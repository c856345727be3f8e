import { ages } from './ages.js'
import { liveness } from './liveness.js'
import type { Edit } from './planter.js'
import { ownDisk } from './own-disk.js'
import { publishing } from './publishing.js'
import { reads } from './reads.js'
import { versions } from './versions.js'

/** A bug that is planted into the engine, for the simulator to find. */
export interface Plant {
    readonly name: string
    /** The property that it breaks, as the violation begins. */
    readonly breaks: RegExp
    readonly edits: readonly Edit[]
}

/** One that is found at once. If it is not, nothing that the simulator says is worth anything. */
export const canary: Plant = {
    name: 'a leader counts only itself',
    breaks: /^S1:/,
    edits: [{ in: 'heldByMajority', find: '$held[_ - 1]', to: '$held[0]' }]
}

/** A recorder takes a run below the promise. */
export const takesBelowPromise: readonly Edit[] = [{
    in: 'record',
    find: '$compare($ballot, $acceptance.promised) < 0',
    to: '$compare($ballot, $acceptance.accepted) < 0'
}]

/** An acceptor forgets a promise as soon as the acceptor has answered. */
export const forgetsPromise: readonly Edit[] = [{
    in: 'onElectionRequest',
    find: "$say($$before, { method: 'promised', $$rest })",
    where: ['promise($acceptance, _)'],
    to: '[$found, $acceptance.promised = $acceptance.accepted][0]'
}]

/** Bugs of writing and of what becomes of it. */
const writing: readonly Plant[] = [canary, {
    name: 'a quorum lacks one voter',
    breaks: /^S[17]:/,
    edits: [{ in: 'quorum', find: '$half + 1', to: 'Math.max(1, $half)' }]
}, {
    name: 'a voter takes itself and the leader for a majority of five',
    breaks: /^S1:/,
    edits: [{
        in: 'commitByPair',
        find: 'quorum($size) === 2',
        to: 'quorum($size) <= 3'
    }]
}, {
    name: 'a recorder accepts entries below its promise',
    breaks: /^S[16]:/,
    edits: takesBelowPromise
}, {
    name: 'a recorder acknowledges entries that it does not hold',
    breaks: /^S1:/,
    edits: [{
        in: 'onRegister',
        find: 'recorded(_, _)',
        where: ['record(_, _, $request)'],
        to: '{ ...$found, ...($request.entries.length !== 0 && ' +
            '{ position: $request.entries.at(-1).promise }) }'
    }]
}, {
    name: 'a parliament takes effect before the decision',
    breaks: /^S1:/,
    edits: [{
        in: 'committable',
        find: 'Math.min(heldByMajority(parliament($government), $held), $log.head)',
        to: 'Math.min(heldByMajority(parliament($log.last.body.majority?.length > 0 ' +
            '? $log.last.body : $government), $held), $log.head)'
    }]
}, {
    name: 'a learner commits entries that one voter has accepted',
    breaks: /^S1:/,
    edits: [{
        in: 'learnersRation',
        find: '$log.run($after, $log.committed, $limit)',
        to: '$log.run($after, $log.head, $limit)'
    }]
}, {
    name: 'a member delivers entries in pairs, the later entry first',
    // An entry that no member has delivered before looks like a fork.
    breaks: /^S[13]:/,
    edits: [{
        in: 'Player.apply',
        find: 'this.#delivery.onInput($enacted);',
        to: 'for (let at = 1; at < $enacted.length; at += 2) { ' +
            '$enacted.splice(at - 1, 2, $enacted[at], $enacted[at - 1]); } $found'
    }]
}]

/** Bugs of elections. */
const elections: readonly Plant[] = [{
    // Nothing survives a restart but what others hold; to forget a promise takes no restart.
    name: 'an acceptor forgets its promise',
    breaks: /^S[16]:/,
    edits: forgetsPromise
}, {
    name: 'a candidate adopts the longest suffix, whatever its ballot',
    breaks: /^S1:/,
    edits: [{
        in: 'Proposer.suffixToAdopt',
        find: '$order > 0 || ($order === 0 && $isLonger)',
        to: '$isLonger'
    }]
}, {
    name: 'a candidate adopts the suffix of the lowest ballot',
    breaks: /^S1:/,
    edits: [{
        in: 'Proposer.suffixToAdopt',
        find: '$compare($each.ballot, $best.ballot)',
        to: '$best.entries.length === 0 ? 1 : $compare($best.ballot, $each.ballot)'
    }]
}, {
    name: 'a member without state counts as a voter without entries',
    breaks: /^S1:/,
    edits: [{
        in: 'onResponse',
        find: "if ($isVoid || $response.method === 'unreachable') $fail; else { $$hear }",
        where: ['countAnsweredCall($engine.mailbox, $peer, _)', '_.find($call.immigrated)'],
        to: "if ($response?.method === 'unreachable' && " +
            '/^(canvass|prepare)$/.test($call.method)) { ' +
            '$peer.countEnd($call.sentAt); ' +
            'onVoterAnswer($engine, $peer, { committed: $engine.committed, ' +
            "ballot: $engine.acceptance.promised, accepted: '0/0/0', entries: [], " +
            "method: $call.method === 'canvass' ? 'granted' : 'promised' }); } " +
            'else $found'
    }]
}]

/** Bugs of leaving out an open government. */
const withdrawals: readonly Plant[] = [{
    name: 'a candidate leaves out every open government',
    breaks: /^S1:/,
    edits: [{ in: 'withdraw', find: '_.some(_)', to: 'true' }]
}]

/** Bugs of identity. */
const identity: readonly Plant[] = [{
    // Two safeguards: a newcomer knows its own admission by a cookie, and nobody is welcomed twice,
    // whether it answers as a stranger or says that it is none of whom is asked for.
    name: 'a member without state counts as the former member of its id',
    breaks: /^S7:/,
    edits: [{ in: 'Citizenship.mayAdmit', find: '_.cookie === _.cookie', to: 'true' }, {
        in: 'onAnswerWithoutIncarnation',
        find: 'if ($peer.holds === -1 && !$peer.stranger) { $$welcome } else $fail;',
        to: 'if (!$peer.stranger) { $peer.holds = -1; $peer.forgetAcceptance(); $$welcome } ' +
            'else $fail'
    }, {
        in: 'onResponse',
        find: "if ($isVoid || $response.method === 'unreachable') $fail; else { $$hear }",
        where: ['countAnsweredCall(_, $peer, _)'],
        to: "if ($response?.method === 'unreachable') { $peer.stranger = true; " +
            '$peer.holds = -1; $peer.forgetAcceptance(); } $found'
    }]
}, {
    // Two safeguards: the name of the republic, and what its founder drew.
    name: 'a member accepts messages of another republic and another founding',
    breaks: /^S9:/,
    edits: [{
        in: 'Citizenship.reject',
        find: '$isExiled || _ !== _.republic',
        to: '$isExiled'
    }, {
        in: 'Citizenship.reject',
        find: '_ !== _.founding',
        to: 'false'
    }]
}, {
    name: 'the appointments of an exile stay',
    breaks: /^S12:/,
    edits: [{ in: 'cancelAppointments', find: '_.unschedule(_)', to: 'null' }]
}, {
    name: 'a message reads the clock',
    breaks: /^S8:/,
    edits: [{
        in: 'sendRequest',
        find: '$standing',
        where: ['{ $$before, standing: $standing, $$after }'],
        to: '$found === null ? null : $found + (Date.now() % 7)'
    }]
}]

/** Bugs of members that write down their inputs. */
const durability: readonly Plant[] = [{
    name: 'a member delivers an entry before the record of its acceptance is flushed',
    breaks: /^S[13]:/,
    edits: [{ in: 'AcceptedRecords.recordOf', find: '$mark?.through ?? $unknown', to: '0' }]
}, {
    name: 'an answer waits for no record of an input of an idle kind',
    breaks: /^S[13468]:/,
    edits: [{ in: 'claimsRest', to: 'return true;' }]
}, {
    name: 'a quiet input is lost behind a later input',
    breaks: /^S[68]:/,
    edits: [{ in: 'FlushGate.keepQuiet', find: 'this.quiet.add(_, _)', to: 'false' }]
}, {
    name: 'a member answers before its inputs are flushed',
    breaks: /^S[13468]:/,
    edits: [{ in: 'FlushGate.pass', find: '$gate.isOpen', to: '$gate.failure === null' }]
}, {
    name: 'output of an input during a flush leaves with that flush',
    breaks: /^S[13468]:/,
    edits: [{
        in: 'HeldEffects.release',
        find: '$next.through > $flushed',
        to: 'false'
    }]
}, {
    name: 'a promise is not in the snapshot',
    breaks: /^S[168]:/,
    edits: [{
        in: 'restore',
        find: 'Object.assign(_.acceptance, $state.acceptance)',
        to: 'Object.assign($found, { promised: $state.acceptance.accepted })'
    }]
}, {
    name: 'a waiting publish is not in the snapshot',
    breaks: /^S[2458]:/,
    edits: [{ in: 'Backlog.recall', find: '_.pending.map(_)', to: '[]' }]
}, {
    name: 'a member forgets entries that its application has not applied',
    breaks: /^(?:S[36]|L4):/,
    edits: [{ in: 'History.isForgettable', find: '_.every(_)', to: 'true' }]
}]

/** Bugs as they are made in engines of this kind. */
export const plants: readonly Plant[] = [
    ...writing, ...elections, ...withdrawals, ...identity, ...publishing, ...durability,
    ...ownDisk, ...reads, ...liveness, ...ages, ...versions
]

/** The plant of a name. */
export function plantOf(name: string): Plant {
    const plant = plants.find((each) => each.name === name)
    if (plant === undefined) {
        throw new Error(`no plant is called ${name}`)
    }
    return plant
}
