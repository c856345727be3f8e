import { type Claims, claimsRest } from '../paxos/claims.js'
import { answersEarly } from '../paxos/membership/versions.js'
import type { Paxos } from '../paxos/paxos.js'
import type { FlushGate } from './flush-gate.js'
import type { Played } from './inputs.js'
import type { SendingRules } from './sending-rules.js'

/** The events of the calendar that may be quiet. */
const QUIET_EVENTS: readonly string[] = ['ping', 'feed', 'collapse']

/** Whether an input is of a kind that occurs while a republic is idle. */
function isIdleKind({ method, body }: Played): boolean {
    switch (method) {
        case 'event':
            return QUIET_EVENTS.includes(body.key)
        case 'receive':
            return (body.method === 'register' || body.method === 'synchronize') &&
                body.entries.length === 0
        case 'sent':
            return true
        default:
            return false
    }
}

/** The inputs of the publisher alone: they change no claim of the member. */
const PUBLISHING: readonly Played['method'][] = ['publish', 'publishAll', 'published']

/**
 * Records the inputs of a member. An input is *quiet* if it is of a kind that occurs while a
 * republic is idle, and if it changes no claim of the member (`paxos/claims.ts`). Its messages rely
 * on earlier inputs alone, so they need not wait for the record of the quiet input.
 *
 * 1. An input of another kind is recorded before it is applied.
 * 2. If the batches of the publisher leave before their records, no effect waits for the record of
 *    an input of the publisher.
 * 3. An input of an idle kind is recorded, or kept as quiet, before any effect of it is delivered.
 */
export class InputRecorder {
    readonly #paxos: Pick<Paxos, 'claims' | 'government'>
    readonly #gate: FlushGate
    readonly #sending: Pick<SendingRules, 'isEarly'>
    /** The claims before the present input of an idle kind; `null` without such an input. */
    #before: Claims | null = null

    constructor(
        paxos: Pick<Paxos, 'claims' | 'government'>, gate: FlushGate,
        sending: Pick<SendingRules, 'isEarly'>
    ) {
        this.#paxos = paxos
        this.#gate = gate
        this.#sending = sending
    }

    /** Call before an input is applied. Returns whether to apply the input. */
    begin(played: Played): boolean {
        const { government } = this.#paxos
        const mayRest = this.#gate.hasJournal && answersEarly(government) && isIdleKind(played)
        this.#before = mayRest ? this.#paxos.claims : null
        const isAwaited = !this.#sending.isEarly || !PUBLISHING.includes(played.method)
        return mayRest ? this.#gate.failure === null : this.#gate.record(played, isAwaited)
    }

    /** Call after an input was applied, before the delivery of its effects. */
    end(played: Played): void {
        const before = this.#before
        this.#before = null
        if (before === null) {
            return
        }
        if (claimsRest(before, this.#paxos.claims)) {
            this.#gate.keepQuiet(played)
        } else {
            this.#gate.record(played)
        }
    }
}
