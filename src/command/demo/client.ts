import type { LedgerLine } from './ledger.js'

/** How many lines of one publisher are under way at once. */
const WINDOW = 8

/** What a client needs of a member. */
export interface DemoPublisher {
    readonly id: string
    readonly isAlive: boolean
    publish(line: LedgerLine): Promise<void>
    find(numbers: readonly number[]): Promise<readonly number[]>
}

/** What became of the lines that were under way when their member was lost. */
export interface DemoRecovery {
    readonly publisher: string
    /** Through whom the publisher went on. */
    readonly through: string
    readonly found: number
    readonly absent: number
}

/** Where a client takes lines from, and whom it tells of those that are settled. */
export interface Supply {
    /** The next line of the text that nobody has taken; `null` where there is none. */
    take(publisher: string): LedgerLine | null
    onSettled(): void
}

/**
 * A careful client: sees to it that each line it takes is in the log exactly once, in order, though
 * the member that publishes them may be killed at any time.
 *
 * 1. A line is settled when its publish is, or when it was found in the log.
 * 2. What is unsettled when the member is lost may be in the log or not. While the member may yet
 *    live nobody can tell; once the log has exiled it, nothing of it can follow, and a look into
 *    the log tells. Only what is absent there is published again.
 * 3. A member's publishes enter the log in order, so that what is absent is the end of what was
 *    under way, and to publish it before anything else keeps the order.
 */
export class DemoClient {
    readonly publisher: string
    readonly #supply: Supply
    readonly #unsettled = new Map<number, LedgerLine>()
    #absent: LedgerLine[] = []
    #member: DemoPublisher | null = null

    constructor(publisher: string, supply: Supply) {
        this.publisher = publisher
        this.#supply = supply
    }

    /** The name of the member through which it publishes. */
    get through(): string | null {
        return this.#member?.id ?? null
    }

    /** Begins to publish through a member. */
    start(member: DemoPublisher): void {
        this.#member = member
        this.#feed()
    }

    /** Goes on through another member, whose log has exiled the one before. */
    async resume(member: DemoPublisher): Promise<DemoRecovery> {
        this.#member = member
        const found = new Set(await member.find([...this.#unsettled.keys()]))
        const absent = [...this.#unsettled.values()].filter(({ number }) => !found.has(number))
        for (const number of found) {
            this.#settle(number)
        }
        this.#unsettled.clear()
        this.#absent = [...absent, ...this.#absent]
        this.#feed()
        const { publisher } = this
        return { publisher, through: member.id, found: found.size, absent: absent.length }
    }

    #feed(): void {
        const member = this.#member
        while (member?.isAlive === true && this.#unsettled.size < WINDOW) {
            const line = this.#absent.shift() ?? this.#supply.take(this.publisher)
            if (line === null) {
                return
            }
            this.#unsettled.set(line.number, line)
            // What fails is unsettled, and looked up when its member has been exiled.
            member.publish(line).then(() => this.#onPublished(member, line), () => {})
        }
    }

    #onPublished(member: DemoPublisher, { number }: LedgerLine): void {
        this.#settle(number)
        if (member === this.#member) {
            this.#feed()
        }
    }

    #settle(number: number): void {
        if (this.#unsettled.delete(number)) {
            this.#supply.onSettled()
        }
    }
}
