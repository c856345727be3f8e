import type { MemberLogger } from '../base/member-logger.js'

/** The limit of reported mistakes. */
const MISTAKES_MAX = 64

/** The answer to a call whose address no call can ever reach. Such an answer is never sent. */
export class Unsendable {
    readonly mistake: string

    /** @param mistake The reason, and what to do. */
    constructor(mistake: string) {
        this.mistake = mistake
    }
}

/** The answer of a member; `null` if the call could not be sent. */
export function answerOf(answer: unknown): unknown {
    return answer instanceof Unsendable ? null : answer
}

/** Reports addresses that no call can ever reach, each by one log line. */
export class UnsendableReports {
    readonly #logger: MemberLogger
    readonly #reported = new Set<string>()

    constructor(logger: MemberLogger) {
        this.#logger = logger
    }

    /** Reports a mistake, unless the mistake was reported before. */
    report(message: string): void {
        if (!this.#reported.has(message) && this.#reported.size < MISTAKES_MAX) {
            this.#reported.add(message)
            this.#logger.warn('mistake', { message })
        }
    }
}
