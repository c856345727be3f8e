import type { Ledger } from './ledger.js'
import { MemberProcess } from './process.js'
import type { Pace, Said } from './words.js'

/** How a member lives. */
export interface Household {
    readonly id: string
    readonly port: number
    readonly folder: string
    readonly pace: Pace
    /** What its processes find in their environment beside ours. */
    readonly env: Readonly<Record<string, string>>
}

/** A member, whatever process it is in. The next one is loaded while this one works. */
export class Seat {
    readonly household: Household
    /** Whether its disk says that it has stored what it has not, from when it is raised. */
    isHasty = false
    /** How fast its files come and go, from when it is raised. */
    pace: Pace
    /** Whether it may end by itself. */
    isDoomed = false
    /** What it has said since it was raised. */
    readonly said: Said[] = []
    /** How many of its publishes were acknowledged since it was level. */
    acked = 0
    isBack = false
    isLevel = false
    /** What its own end was, where nobody had killed it. */
    end: Extract<Said, { readonly ended: string }> | null = null
    readonly #ledger: Ledger
    readonly #onMove: () => void
    #process: MemberProcess | null = null
    #next: MemberProcess

    constructor(household: Household, ledger: Ledger, onMove: () => void) {
        this.household = household
        this.pace = household.pace
        this.#ledger = ledger
        this.#onMove = onMove
        this.#next = new MemberProcess(household.env)
    }

    get id(): string {
        return this.household.id
    }

    get url(): string {
        return `tcp://127.0.0.1:${this.household.port}`
    }

    get isAlive(): boolean {
        return this.#process !== null
    }

    /** Lets it begin in its folder; one that comes back begins to publish at once. */
    raise(): void {
        const { id, port, folder, env } = this.household
        const { isHasty, pace } = this
        const due = this.#ledger.due()
        const process = this.#next
        this.#process = process
        this.#next = new MemberProcess(env)
        this.said.length = 0
        this.acked = 0
        this.isBack = false
        this.isLevel = false
        this.end = null
        process.heardBy((said) => {
            if (said !== null) {
                this.#hear(said, due)
            } else if (this.#process === process) {
                this.#process = null
                if (!this.isDoomed) {
                    this.#ledger.faults.push(`${id} ended, and nobody had killed it`)
                }
            }
            this.#onMove()
        })
        process.tell({ go: { id, port, folder, isHasty, pace } })
    }

    /** Tells the process something. */
    tell(told: Parameters<MemberProcess['tell']>[0]): void {
        this.#process?.tell(told)
    }

    /** SIGKILL; resolves when all it said is in the ledger. */
    async kill(): Promise<void> {
        const process = this.#process
        this.#process = null
        process?.kill()
        await process?.ended
    }

    /** Ends its processes. */
    async dismiss(): Promise<void> {
        this.#next.kill()
        await Promise.all([this.#next.ended, this.kill()])
    }

    #hear(said: Said, due: Readonly<Record<string, number>>): void {
        this.said.push(said)
        if (!('ended' in said && this.isDoomed)) {
            this.#ledger.take(this.id, said, due)
        }
        if ('acked' in said) {
            this.acked++
        } else if ('level' in said) {
            this.isLevel = true
        } else if ('back' in said) {
            this.isBack = true
            if (said.back !== null) {
                this.tell({ do: 'publish' })
            }
        } else if ('ended' in said) {
            this.end = said
        }
    }
}
