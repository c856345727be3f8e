import type { Request } from '../paxos/messages/messages.js'
import type { Paxos } from '../paxos/paxos.js'
import type { WireCall } from '../guard/envelope.js'
import type { Stable } from '../paxos/replication/own-disk.js'
import type { FlushGate } from './flush-gate.js'
import type { DiskListener } from './flushing.js'
import type { Played } from './inputs.js'
import type { Islander } from '../publisher/islander.js'

/**
 * The record that must be on the member's disk before a message leaves.
 *
 * - `all`: every record that changed a claim of the member. So a restarted member knows everything
 *   that the message says or implies.
 * - `begin`: the records by which the member sends early, by which the life of its publisher began
 *   and, if the member writes, by which it took its ballot. The disk of the leader is a voter of
 *   its own, so the entries of a run may leave before the disk holds them. A publish has one
 *   identity `life/n`, so a batch may leave before the disk holds its values: a restarted publisher
 *   begins a new life, and never gives an identity of a lost value to another value.
 * - `marks`: the record by which the member accepted the entries that it knows to be committed. The
 *   member may count itself for such an entry (the pair rule in `commit.ts`).
 */
type Rule = 'all' | 'begin' | 'marks'

/**
 * The rules for the requests of the engine. Answers and requests of newcomers wait for `all`. An
 * answer tells a claim, `prepare` a ballot, and `cede` lets another member campaign.
 */
const RULES: Readonly<Record<Request['method'], Rule>> = {
    register: 'begin',
    synchronize: 'marks',
    canvass: 'marks',
    petition: 'marks',
    prepare: 'all',
    cede: 'all'
}

/** The rule for a call. The number of a move must survive a restart. */
export function ruleOf(method: WireCall['method'], body: WireCall['body']): Rule {
    if (method === 'enqueue') {
        return 'begin'
    }
    if (method !== 'receive') {
        return 'all'
    }
    const request = body as Request
    return request.moved === undefined ? RULES[request.method] : 'all'
}

/**
 * Decides when the calls of a member with a journal leave. A member without a journal, and a member
 * of a republic of version 1, follows the rule `all` for each call.
 *
 * Before any message leaves early, the disk holds the record by which the process began (`revive`,
 * with which a life of the publisher begins too), and the record by which the member became a
 * member that sends early: its republic and its publisher follow the rules of version 2, and the
 * publisher is admitted.
 */
export class SendingRules {
    readonly #paxos: Pick<Paxos, 'disk'>
    readonly #islander: Pick<Islander, 'sendsIdentities'>
    readonly #gate: FlushGate
    readonly #accepted: { readonly through: number }
    /** Whether calls may leave before the records of their inputs. */
    isEarly = false
    #ballot: string | null = null
    /** The record since which the member sends early, under its ballot if it writes. */
    #since = 0

    /** @param accepted The record by which the member accepted all committed entries so far. */
    constructor(
        paxos: Pick<Paxos, 'disk'>, islander: Pick<Islander, 'sendsIdentities'>, gate: FlushGate,
        accepted: { readonly through: number }
    ) {
        this.#paxos = paxos
        this.#islander = islander
        this.#gate = gate
        this.#accepted = accepted
    }

    /** Takes an input that was applied, and recorded if it changed a claim. */
    onInput(played: Played): void {
        if (!this.#gate.hasJournal || this.#gate.isRecovering) {
            // `revive`, the first input after a recovery, sets the rules.
            return
        }
        const { isEarly: isDiskEarly, ballot } = this.#paxos.disk
        const isEarly = isDiskEarly && this.#islander.sendsIdentities
        const hasChanged = isEarly !== this.isEarly || ballot !== this.#ballot
        if (hasChanged || played.method === 'revive') {
            this.isEarly = isEarly
            this.#ballot = ballot
            this.#since = this.#gate.recorded
        }
    }

    /** Makes a call when the call may leave. After a failure of the journal, no call leaves. */
    send(method: WireCall['method'], body: WireCall['body'], call: () => void): void {
        const gate = this.#gate
        const rule = this.isEarly && !gate.isOpen ? ruleOf(method, body) : 'all'
        if (rule === 'all') {
            gate.pass(call)
        } else if (rule === 'begin') {
            gate.passCall(this.#since, call)
        } else {
            // A leader counts its disk as a voter, so its commit mark needs no further record.
            const marks = this.#ballot === null ? this.#accepted.through : 0
            gate.passCall(Math.max(this.#since, marks), call)
        }
    }
}

/** Plays the answers of the disk at a leader that waits for them. */
export function answersOf(
    paxos: Pick<Paxos, 'disk'>, gate: Pick<FlushGate, 'hasJournal'>, play: (answer: Stable) => void
): DiskListener | null {
    return gate.hasJournal ? {
        isAwaited: () => paxos.disk.awaited !== null,
        ask: () => {
            const { awaited } = paxos.disk
            return awaited === null ? null : () => play(awaited)
        }
    } : null
}
