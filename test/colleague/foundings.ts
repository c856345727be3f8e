import assert from 'node:assert/strict'
import type { Attachable, Attachment, StartOptions } from '../../src/index.js'
import { MemoryJournal, MemoryStore } from '../../src/journal/memory-journal.js'
import { Dice } from '../../src/testing/dice.js'
import { ColleagueGroup } from './colleague-group.js'
import { Counter } from './counter.js'

const IDS = ['a', 'b', 'c'] as const
const OPTIONS: StartOptions = { founders: IDS, through: () => IDS.map((at) => ({ at })) }

/** The step of the mocked clock, in milliseconds. */
const STEP_MS = 5

/** How often each kind of event has happened. */
export interface Coverage {
    foundings: number
    kills: number
    /** Kills of a member while the first founder asks for the word of the others. */
    killsAtFounding: number
    losses: number
    /** Losses of a disk of the republic while another disk holds the republic. */
    lossesOfMembers: number
    /** Losses of the last disk of a republic: another founding is right afterwards. */
    lossesOfAll: number
    lostMessages: number
    /** Members that belong to the republic again after their disk was lost. */
    returnsWithoutDisk: number
}

/** No event of any kind. */
export function noCoverage(): Coverage {
    return {
        foundings: 0, kills: 0, killsAtFounding: 0, losses: 0, lossesOfMembers: 0, lossesOfAll: 0,
        lostMessages: 0, returnsWithoutDisk: 0
    }
}

/** Three founders under faults. Each start makes the same call. */
class Trial extends ColleagueGroup {
    readonly #seed: number
    readonly #dice: Dice
    readonly #coverage: Coverage
    readonly #stores = new Map<string, MemoryStore>()
    /** The founding that each disk of a member holds, by the id of the member. */
    readonly #held = new Map<string, string>()
    readonly #lost = new Set<string>()
    readonly #cut = new Set<string>()
    #lossRate = 0
    /** A member that ends at the next instant, during a founding. */
    #doomed: string | null = null

    constructor(seed: number, coverage: Coverage) {
        super({ patience: 3_000 })
        this.#seed = seed
        this.#dice = new Dice(seed, 'foundings')
        this.#coverage = coverage
        this.isCut = (from, to) => this.#isLost(from, to)
        this.faultOf = ({ from, to, post }, isAnswer) => {
            const { republic } = post.post as { republic?: unknown }
            if (republic !== undefined && republic !== null && this.#dice.chance(0.2)) {
                this.#doomed = this.#dice.pick([from, to])
            }
            return this.#isLost(isAnswer ? to : from, isAnswer ? from : to) ? 'lost' : null
        }
    }

    async run(): Promise<void> {
        for (let step = 0; step < 30; step++) {
            this.#act(this.#dice.pick(IDS))
            for (let part = 0; part < 10; part++) {
                await this.advance(this.#dice.below(150), STEP_MS)
                this.#endDoomed()
                this.#observe()
            }
        }
    }

    #act(id: string): void {
        const draw = this.#dice.below(100)
        if (!this.#runs(id)) {
            this.#wake(id)
        } else if (draw < 15) {
            this.#kill(id)
        } else if (draw < 30) {
            this.#lose(id)
        } else if (draw < 40) {
            this.#cut.add(`${id} ${this.#dice.pick(IDS)}`)
        } else if (draw < 50) {
            this.#lossRate = this.#dice.pick([0.05, 0.2, 0.5])
        } else {
            this.#cut.clear()
            this.#lossRate = 0
        }
    }

    #runs(id: string): boolean {
        return this.citizensById.has(id)
    }

    #isLost(from: string, to: string): boolean {
        const isLost = this.#cut.has(`${from} ${to}`) || this.#dice.chance(this.#lossRate)
        this.#coverage.lostMessages += isLost ? 1 : 0
        return isLost
    }

    #wake(id: string): void {
        const store = this.#stores.get(id) ?? new MemoryStore()
        this.#stores.set(id, store)
        const application = new Counter()
        const colleague = this.create(id, application, { journal: new MemoryJournal(store) })
        const attach = (attachable: Attachable): Attachment => this.attach(id, attachable)
        colleague.start({ ...OPTIONS, attach }).catch(() => {})
        this.citizensById.set(id, { id, colleague, application })
    }

    #kill(id: string): void {
        this.#coverage.kills++
        this.#stores.get(id)?.crash()
        this.crash(id)
    }

    #lose(id: string): void {
        this.#kill(id)
        this.#stores.delete(id)
        this.#coverage.losses++
        if (this.#held.delete(id)) {
            this.#lost.add(id)
            this.#coverage[this.#held.size === 0 ? 'lossesOfAll' : 'lossesOfMembers']++
        }
    }

    #endDoomed(): void {
        const id = this.#doomed
        this.#doomed = null
        if (id !== null && this.#runs(id)) {
            this.#coverage.killsAtFounding++
            this.#dice.chance(0.5) ? this.#kill(id) : this.#lose(id)
        }
    }

    /** All disks of members hold one founding. */
    #observe(): void {
        for (const { id, colleague: { kibitzer: { paxos } } } of this.citizens) {
            if (paxos.government.promise === '0/0' || paxos.exiled) {
                continue
            }
            if (this.#held.size === 0) {
                this.#coverage.foundings++
            }
            if (!this.#held.has(id) && this.#lost.delete(id)) {
                this.#coverage.returnsWithoutDisk++
            }
            this.#held.set(id, paxos.founding)
        }
        const foundings = new Set(this.#held.values())
        assert.ok(foundings.size <= 1, `seed ${this.#seed}: two republics: `
            + [...this.#held].map(([id, founding]) => `${id} ${founding}`).join(', '))
    }
}

/** Starts, restarts, kills, lost disks and lost messages in any order; at most one republic. */
export async function tryFoundings(seed: number, coverage: Coverage): Promise<void> {
    await using trial = new Trial(seed, coverage)
    await trial.run()
}
