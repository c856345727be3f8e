import type { Request } from '../paxos/messages/messages.js'
import type { Paxos } from '../paxos/paxos.js'
import type { WireCall } from '../guard/envelope.js'
import type { Stable } from '../paxos/replication/own-disk.js'
import type { FlushGate } from './flush-gate.js'
import type { DiskListener } from './flushing.js'
import type { Played } from './inputs.js'

/**
 * The record that must be on the member's disk before a message leaves.
 *
 * - `all`: every record that changed a claim of the member. So a restarted member knows everything
 *   that the message says or implies.
 * - `ballot`: the record by which the member took its ballot. The disk of the leader is a voter of
 *   its own, so the entries of the run may leave before the disk holds them. The record of the
 *   member's own values comes first too: a restarted publisher must not use a cookie twice.
 * - `marks`: the record by which the member accepted the entries that it knows to be committed. The
 *   member may count itself for such an entry (the pair rule in `commit.ts`).
 */
type Rule = 'all' | 'ballot' | 'marks'

/**
 * The rules for the requests of the engine. Everything else waits for `all`: answers, batches of a
 * publisher, and requests of newcomers. An answer tells a claim, `prepare` a ballot, and `cede`
 * lets another member campaign.
 */
const RULES: Readonly<Record<Request['method'], Rule>> = {
    register: 'ballot',
    synchronize: 'marks',
    canvass: 'marks',
    petition: 'marks',
    prepare: 'all',
    cede: 'all'
}

/** The rule for a call. The number of a move must survive a restart. */
function ruleOf(method: WireCall['method'], body: WireCall['body']): Rule {
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
 * Before any message leaves early, the disk holds the record by which the process began, and the
 * record by which the member became a member that sends early.
 */
export class SendingRules {
    readonly #paxos: Pick<Paxos, 'disk' | 'id'>
    readonly #gate: FlushGate
    readonly #accepted: { readonly through: number }
    #isEarly = false
    #ballot: string | null = null
    /** The record since which the member sends early, under its ballot if it writes. */
    #since = 0
    /** The last record with values of the member itself in a batch to the member itself. */
    #ownThrough = 0

    /** @param accepted The record by which the member accepted all committed entries so far. */
    constructor(
        paxos: Pick<Paxos, 'disk' | 'id'>, gate: FlushGate, accepted: { readonly through: number }
    ) {
        this.#paxos = paxos
        this.#gate = gate
        this.#accepted = accepted
    }

    /** Takes an input that was applied, and recorded if it changed a claim. */
    onInput(played: Played): void {
        if (!this.#gate.hasJournal) {
            return
        }
        const { isEarly, ballot } = this.#paxos.disk
        const hasChanged = isEarly !== this.#isEarly || ballot !== this.#ballot
        if (hasChanged || played.method === 'revive') {
            this.#isEarly = isEarly
            this.#ballot = ballot
            this.#since = this.#gate.recorded
        }
        if (played.method === 'enqueue' && played.body.entries[0]?.id === this.#paxos.id) {
            this.#ownThrough = this.#gate.recorded
        }
    }

    /** Makes a call when the call may leave. After a failure of the journal, no call leaves. */
    send(method: WireCall['method'], body: WireCall['body'], call: () => void): void {
        const gate = this.#gate
        const rule = this.#isEarly && !gate.isOpen ? ruleOf(method, body) : 'all'
        if (rule === 'all') {
            gate.pass(call)
        } else if (rule === 'ballot') {
            gate.passCall(Math.max(this.#since, this.#ownThrough), call)
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
