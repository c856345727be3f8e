import { join } from 'node:path'
import { freePorts } from '../support/free-port.js'
import { Ledger } from './ledger.js'
import { type Household, Seat } from './seat.js'
import { BRISK, type Pace } from './words.js'

/** How long three processes may take for anything at all, in milliseconds. */
const DEADLINE_MS = 60_000

/** How a republic of processes is made. */
export interface Manner {
    /** Where its members have their folders. */
    readonly folder: string
    /** What the members' processes find in their environment. @default nothing beside ours */
    readonly env?: (id: string, folder: string) => Readonly<Record<string, string>>
    /** How fast their files come and go. @default a few hundred inputs to a file */
    readonly pace?: Pace
}

function has({ said }: Seat, word: string): boolean {
    return said.some((one) => word in one)
}

/** Three members with journals, each in a process of its own, and the ledger of what they say. */
export class Republic implements AsyncDisposable {
    readonly ledger = new Ledger()
    readonly seats: readonly Seat[]
    #leader = ''
    #seats = 0
    #promise = ''
    #watchers: (() => void)[] = []

    private constructor(households: readonly Household[]) {
        this.seats = households.map((household) => new Seat(household, this.ledger, () => {
            this.#move()
        }))
    }

    /** A republic of three whose members all publish. */
    static async found({ folder, env, pace = BRISK }: Manner): Promise<Republic> {
        const ports = await freePorts(3)
        const republic = new Republic(ports.map((port, index) => {
            const id = 'abc'.charAt(index)
            const place = join(folder, id)
            return { id, port, folder: place, pace, env: env?.(id, place) ?? {} }
        }))
        await republic.#begin()
        return republic
    }

    /** The leader according to the latest report of a member. */
    get leader(): string {
        return this.#leader
    }

    /** Resolves once something is so. Rejects when that takes too long, or a fault is found. */
    async until(what: string, isSo: () => boolean): Promise<void> {
        let isLate = false
        const watchdog = this.#watch(() => {
            isLate = true
        })
        try {
            while (!isSo()) {
                this.reject()
                if (isLate) {
                    throw new Error(`It never came to pass that ${what}. ${this.#describe()}`)
                }
                await new Promise<void>((resolve) => this.#watchers.push(resolve))
            }
        } finally {
            clearTimeout(watchdog)
        }
        this.reject()
    }

    /** Throws what the ledger has found. */
    reject(): void {
        const { faults } = this.ledger
        if (faults.length !== 0) {
            throw new Error(faults.slice(0, 5).join('\n'))
        }
    }

    /** Lets everybody cease, and compares all of their logs to the end. */
    async compare(): Promise<void> {
        for (const seat of this.seats) {
            seat.tell({ do: 'cease' })
        }
        await this.until('all cease', () => this.seats.every((seat) => has(seat, 'ceased')))
        for (const seat of this.seats) {
            seat.said.length = 0
            seat.tell({ do: 'level' })
        }
        await this.until('all are level', () => this.seats.every((seat) => has(seat, 'level')))
        const tallies = this.seats.map(({ said }) => {
            return said.flatMap((one) => 'level' in one ? [JSON.stringify(one.level)] : [])
        })
        if (new Set(tallies.flat()).size !== 1) {
            throw new Error(`The logs do not end alike: ${tallies.flat().join(' ')}`)
        }
    }

    async [Symbol.asyncDispose](): Promise<void> {
        await Promise.all(this.seats.map((seat) => seat.dismiss()))
    }

    async #begin(): Promise<void> {
        const [founder] = this.seats
        for (const seat of this.seats) {
            seat.raise()
        }
        for (const seat of this.seats) {
            await this.until(`${seat.id} is there`, () => seat.isBack)
            seat.tell({ enter: seat === founder ? null : founder?.url ?? null })
            await this.until(`${seat.id} is admitted`, () => has(seat, 'entered'))
        }
        await this.until('there are three seats', () => this.#seats === 2)
        for (const seat of this.seats) {
            seat.tell({ do: 'publish' })
        }
        await this.until('all publish', () => this.seats.every(({ acked }) => acked > 0))
    }

    #watch(fail: () => void): NodeJS.Timeout {
        // Deadline: What has not come to pass by then never does, and the test fails.
        return setTimeout(() => {
            fail()
            this.#move()
        }, DEADLINE_MS)
    }

    #move(): void {
        for (const seat of this.seats) {
            const said = seat.said.at(-1)
            if (said !== undefined && 'governed' in said && said.governed !== this.#promise) {
                this.#promise = said.governed
                this.#leader = said.majority[0] ?? ''
                this.#seats = said.majority.length
            }
        }
        for (const seen of this.#watchers.splice(0)) {
            seen()
        }
    }

    #describe(): string {
        return this.seats.map(({ id, isBack, isLevel, acked, said }) => {
            return `${id}: ${JSON.stringify({ isBack, isLevel, acked, last: said.at(-1) })}`
        }).join('; ')
    }
}
