import type { LedgerLine } from './ledger.js'

/** The maximum number of unsettled lines of one publisher. */
const WINDOW = 8

/** The part of a member that a client uses. */
export interface DemoPublisher {
    readonly id: string
    readonly isAlive: boolean
    publish(line: LedgerLine): Promise<void>
    find(numbers: readonly number[]): Promise<readonly number[]>
}

/** The unsettled lines of a publisher after the loss of its member. */
export interface DemoRecovery {
    readonly publisher: string
    /** The member through which the publisher continues. */
    readonly through: string
    /** Number of unsettled lines that the log contains. */
    readonly found: number
    /** Number of unsettled lines that the log lacks, and that the client publishes again. */
    readonly absent: number
}

/** The supply of lines for a client. */
export interface LineSource {
    /** The next line of the text that no client has taken; `null` at the end of the text. */
    take(publisher: string): LedgerLine | null
    /** Called once for each settled line. */
    onSettled(): void
}

/**
 * A client that publishes each of its lines exactly once and in order, although its member may be
 * killed at any time.
 *
 * 1. A line is settled when its publish resolves, or when the line is found in the log.
 * 2. If the member is lost, the log contains some unsettled lines and lacks others. While the
 *    member may still live, more of its lines can follow. After the member's exile no line can
 *    follow: then the log of another member decides, and the client publishes only the absent
 *    lines again.
 * 3. The publishes of a member enter the log in order. So the absent lines are the last ones of the
 *    unsettled lines, and the client publishes them before any new line to keep the order.
 */
export class DemoClient {
    readonly publisher: string
    readonly #supply: LineSource
    readonly #unsettled = new Map<number, LedgerLine>()
    #absent: LedgerLine[] = []
    #member: DemoPublisher | null = null

    constructor(publisher: string, supply: LineSource) {
        this.publisher = publisher
        this.#supply = supply
    }

    /** The id of the member through which the client publishes. */
    get through(): string | null {
        return this.#member?.id ?? null
    }

    /** Starts to publish through a member. */
    start(member: DemoPublisher): void {
        this.#member = member
        this.#publishLines()
    }

    /**
     * Continues through another member, or through the former member after its restart. The log of
     * another member must contain the exile of the former member. The log of a restarted member
     * must contain a barrier of that member.
     */
    async resume(member: DemoPublisher): Promise<DemoRecovery> {
        this.#member = member
        const found = new Set(await member.find([...this.#unsettled.keys()]))
        const absent = [...this.#unsettled.values()].filter(({ number }) => !found.has(number))
        for (const number of found) {
            this.#settle(number)
        }
        this.#unsettled.clear()
        this.#absent = [...absent, ...this.#absent]
        this.#publishLines()
        const { publisher } = this
        return { publisher, through: member.id, found: found.size, absent: absent.length }
    }

    #publishLines(): void {
        const member = this.#member
        while (member?.isAlive === true && this.#unsettled.size < WINDOW) {
            const line = this.#absent.shift() ?? this.#supply.take(this.publisher)
            if (line === null) {
                return
            }
            this.#unsettled.set(line.number, line)
            // A failed publish leaves the line unsettled; `resume` looks the line up.
            member.publish(line).then(() => this.#onPublished(member, line), () => {})
        }
    }

    #onPublished(member: DemoPublisher, { number }: LedgerLine): void {
        this.#settle(number)
        if (member === this.#member) {
            this.#publishLines()
        }
    }

    #settle(number: number): void {
        if (this.#unsettled.delete(number)) {
            this.#supply.onSettled()
        }
    }
}
