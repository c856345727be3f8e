import assert from 'node:assert/strict'
import { guardEnvelope, type GuardedEnvelope, type WireCall } from '../../src/guard/envelope.js'
import type { RejectionCode } from '../../src/guard/rejection.js'
import {
    guardOutcome, guardQuestionAnswer, guardReceipts, guardResponse
} from '../../src/guard/response.js'
import { Kibitzer, type Played } from '../../src/index.js'
import type { Request } from '../../src/paxos/messages/messages.js'
import { at, Island } from '../support/island.js'
import { state } from '../support/refusal.js'
import '../support/silence.js'

/** How many mutants that may be taken for real a scratch member takes before the next one. */
const SCRATCH_MAX = 200

/** After how many mutants the whole state is compared. */
const COMPARED_EVERY = 10_000

/** What a republic said, and how its members came to be as they are. */
export interface Society {
    readonly calls: readonly WireCall[]
    /** What each member has played, as text, by its id. */
    readonly tapes: ReadonlyMap<string, readonly string[]>
    readonly now: number
}

/** Three members with a history: a leads, b follows, and d has asked to be admitted in vain. */
export function society(): Society {
    using island = new Island()
    island.settle('a', 'b', 'c')
    island.kibitzer('b').publishAll(['one', { two: [2] }, 'three'])
    island.kibitzer('a').publish('four')
    island.level()
    island.crash('c')
    island.until(() => !JSON.stringify(island.kibitzer('a').paxos.government).includes('"c"'))
    island.fate = ({ from }) => from === 'd' ? 'lost' : null
    island.land('d').join('republic', at('a'), at('d'))
    island.pass(10)
    const tapes = new Map(island.all.map(({ id, recording }) =>
        [id, recording.played.map((played) => JSON.stringify(played))]))
    return { calls: island.passages.map(({ call }) => call), tapes, now: Date.now() }
}

/** A member as it was, which neither sends nor keeps time. */
export function revive({ tapes, now }: Society, id: string): Kibitzer {
    const kibitzer = new Kibitzer({ id, Date: { now: () => now } })
    for (const line of tapes.get(id) ?? []) {
        kibitzer.replay(JSON.parse(line) as Played)
    }
    return kibitzer
}

function answerTo(kibitzer: Kibitzer, envelope: unknown): unknown {
    let answered: unknown
    kibitzer.request(envelope, (error, answer) => {
        assert.equal(error ?? null, null)
        answered = answer
    })
    return answered
}

function isSound(method: WireCall['method'], answer: unknown): boolean {
    switch (method) {
        case 'receive':
            return guardResponse(answer).ok
        case 'enqueue':
            return guardReceipts(answer).ok
        case 'immigrate':
            return guardOutcome(answer).ok
        case 'mark':
        case 'promised':
            return guardQuestionAnswer(answer).ok
        default:
            return method satisfies never
    }
}

/** What became of the mutants. */
export interface Tally {
    /** What the guard has rejected, by code. */
    readonly rejected: Map<RejectionCode, number>
    /** Sound, and not for this member; nothing has changed. */
    refused: number
    /** Sound, and as good as real. */
    taken: number
}

/**
 * Whether a call asks a newcomer whether it is there: a newcomer knows neither its incarnation nor
 * the founding before its admission, and the answer claims nothing.
 */
function isQuestionToNewcomer(body: Request, id: string): boolean {
    return body.method === 'synchronize' && body.to.id === id && body.welcome === null
        && body.entries.length === 0
}

/**
 * One member as a target. What is malformed, or not for it, meets a member that must be the same
 * for ever; what could as well be real meets another one, which only must not throw.
 */
export class Target {
    readonly #society: Society
    readonly #kibitzer: Kibitzer
    readonly #before: string
    readonly tally: Tally = { rejected: new Map(), refused: 0, taken: 0 }
    #scratch: Kibitzer
    #played = 0
    #put = 0

    constructor(given: Society, id: string) {
        this.#society = given
        this.#kibitzer = revive(given, id)
        this.#scratch = revive(given, id)
        this.#before = state(this.#kibitzer)
        this.#kibitzer.played.shifter().pump(() => {
            this.#played++
        })
    }

    /** Puts an envelope to the member. */
    put(envelope: unknown): void {
        const verdict = guardEnvelope(envelope)
        this.#put++
        if (!this.#mustRefuse(verdict)) {
            this.#putInEarnest(verdict)
        } else if (verdict.ok) {
            this.tally.refused++
            const answer = answerTo(this.#kibitzer, envelope)
            assert.match(JSON.stringify(answer), /^null$|^\{"method":"unreachable"/)
        } else {
            const { code } = verdict.rejection
            const played = this.#played
            this.tally.rejected.set(code, (this.tally.rejected.get(code) ?? 0) + 1)
            assert.equal(answerTo(this.#kibitzer, envelope), null)
            assert.equal(this.#played, played, 'what is malformed was let in')
        }
        if (this.#put % COMPARED_EVERY === 0) {
            this.compare()
        }
    }

    /** Demands that nothing has changed. */
    compare(): void {
        assert.equal(state(this.#kibitzer), this.#before)
    }

    #mustRefuse(verdict: GuardedEnvelope): boolean {
        const { id, paxos } = this.#kibitzer
        if (!verdict.ok || verdict.envelope.body.republic !== paxos.republic) {
            return true
        }
        const { method, body } = verdict.envelope
        const isOutside = paxos.immigrated === '0/0'
        if (isOutside && method === 'receive' && isQuestionToNewcomer(body, id)) {
            return false
        }
        const isElsewhere = 'founding' in body && body.founding !== paxos.founding
        const isMisaddressed = method === 'receive'
            && (body.to.id !== id || body.to.immigrated !== paxos.immigrated)
        return isElsewhere || isMisaddressed
    }

    #putInEarnest(verdict: GuardedEnvelope): void {
        assert.ok(verdict.ok)
        const { envelope } = verdict
        const answer = answerTo(this.#scratch, envelope)
        assert.ok(isSound(envelope.method, answer), JSON.stringify(answer))
        this.tally.taken++
        if (this.tally.taken % SCRATCH_MAX === 0) {
            this.#scratch.destroy()
            this.#scratch = revive(this.#society, this.#kibitzer.id)
        }
    }
}
