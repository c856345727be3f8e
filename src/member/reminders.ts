import type { MemberLogger } from '../base/member-logger.js'
import type { Paxos } from '../paxos/paxos.js'

/** A member that has founded or joined without `listen` is reported after this time, in ms. */
const LISTEN_MS = 1_000
/** A newcomer without `naturalize` is reported after this time, in milliseconds. */
const NATURALIZE_MS = 30_000

/**
 * Reports a forgotten call, each by one log line: `listen` after `bootstrap` or `join`, and
 * `naturalize` after the admission. The member of a Colleague forgets neither.
 */
export class Reminders {
    readonly #paxos: Pick<Paxos, 'government' | 'id'>
    readonly #logger: MemberLogger
    readonly #isOwned: () => boolean
    readonly #timers = new Set<NodeJS.Timeout>()
    #isListening = false
    #isClosed = false
    #hasNaturalized = false
    /** Whether the admission of this member was noticed. */
    #isAdmitted = false

    /** @param isOwned Whether the member belongs to a Colleague. */
    constructor(
        paxos: Pick<Paxos, 'government' | 'id'>,
        logger: MemberLogger,
        isOwned: () => boolean
    ) {
        this.#paxos = paxos
        this.#logger = logger
        this.#isOwned = isOwned
    }

    /** Called by `bootstrap` and `join`. */
    onMembership(call: 'bootstrap' | 'join'): void {
        if (!this.#isListening) {
            this.#after(LISTEN_MS, () => {
                if (!this.#isListening) {
                    this.#report(`${call} was called, but listen was not: this member sends `
                        + 'nothing and keeps no time. Connect a transport, and call listen().')
                }
            })
        }
    }

    /** Called by `listen`. */
    onListen(): void {
        this.#isListening = true
    }

    /** Called by `naturalize`. */
    onNaturalize(): void {
        this.#hasNaturalized = true
    }

    /** Called after each input: notices the admission of this member. */
    check(): void {
        const isNoticed = this.#isAdmitted || this.#hasNaturalized || !this.#isListening
        if (isNoticed || !this.#isConstituent()) {
            return
        }
        this.#isAdmitted = true
        this.#after(NATURALIZE_MS, () => {
            if (this.#isConstituent() && !this.#hasNaturalized) {
                this.#report(`this member was admitted ${NATURALIZE_MS / 1000} s ago, but has `
                    + 'not called naturalize(), so it may hold no seat and has no vote. Call '
                    + 'naturalize() after the application holds the state. A member that shall '
                    + 'only observe needs no call.')
            }
        })
    }

    #isConstituent(): boolean {
        const { constituents, naturalized } = this.#paxos.government
        const { id } = this.#paxos
        this.#hasNaturalized ||= naturalized.includes(id)
        return constituents.includes(id) && !naturalized.includes(id)
    }

    #after(delayMs: number, call: () => void): void {
        if (this.#isClosed || this.#isOwned()) {
            return
        }
        const timer = setTimeout(() => {
            this.#timers.delete(timer)
            call()
        }, delayMs)
        timer.unref()
        this.#timers.add(timer)
    }

    #report(message: string): void {
        this.#logger.warn('mistake', { message })
    }

    /** Ends all timers. */
    close(): void {
        this.#isClosed = true
        for (const timer of this.#timers) {
            clearTimeout(timer)
        }
        this.#timers.clear()
    }
}
