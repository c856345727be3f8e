import type { MemberLogger } from '../base/member-logger.js'
import { versionsOf } from '../paxos/membership/versions.js'
import type { ImmigrateOutcome } from '../paxos/messages/proposals.js'
import type { ImmigrateBody } from './inputs.js'

/** The newcomers that are remembered. */
const NEWCOMERS_MAX = 64

/**
 * Logs each newcomer that this leader refuses for its protocol version. An earlier package asks
 * again and again: each process of a newcomer causes one line.
 */
export class OutdatedNewcomers {
    readonly #logger: Pick<MemberLogger, 'warn'>
    /** The logged newcomers by id and cookie, the oldest first. */
    readonly #logged = new Set<string>()

    constructor(logger: Pick<MemberLogger, 'warn'>) {
        this.#logger = logger
    }

    /** Takes the outcome of a request for admission, as this member has decided it. */
    onOutcome(body: ImmigrateBody, outcome: ImmigrateOutcome | null): void {
        const republicVersion = outcome?.version
        const key = JSON.stringify([body.id, body.cookie])
        if (republicVersion === undefined || this.#logged.has(key)) {
            return
        }
        const [oldest = key] = this.#logged
        if (this.#logged.size === NEWCOMERS_MAX) {
            this.#logged.delete(oldest)
        }
        this.#logged.add(key)
        const versions = versionsOf(body)
        this.#logger.warn('outdated', { newcomer: body.id, versions, republicVersion })
    }
}
