import assert from 'node:assert/strict'
import { Monotonic } from '../../src/index.js'
import { parliament } from '../../src/paxos/membership/government.js'
import { Dice } from '../simulation/dice.js'
import { type Citizen, type Question, Town } from './town.js'

/** How long faults go on, and how many live at a time, at most. */
const TROUBLE_MS = 20_000
const POPULATION = 5

/** What a trial came to. */
export interface Outcome {
    readonly entries: number
    readonly handovers: number
    readonly crashes: number
    /** How many hand-overs were begun anew. */
    readonly restarts: number
}

/** A promise that everybody knows of has to be where everybody has it. */
export function assertMirrors(citizens: readonly Pick<Citizen, 'id' | 'application'>[]): void {
    const truth = citizens.map(({ application }) => application.applied)
        .reduce((longest, one) => one.length > longest.length ? one : longest, [])
    for (const { id, application: { applied } } of citizens) {
        assert.deepEqual(applied, truth.slice(0, applied.length), `${id} is no prefix`)
    }
    for (const [index, promise] of truth.entries()) {
        assert.ok(Monotonic.compare(promise, truth[index - 1] ?? '0/0') > 0, `${promise} again`)
    }
}

/** A republic of colleagues under faults, all of them a function of the seed. */
class Trial {
    readonly #town: Town
    readonly #dice: Dice
    readonly #acknowledged: string[] = []
    readonly #joining = new Set<Citizen>()
    #names = 0
    #published = 0
    #handovers = 0
    #crashes = 0
    #cut: readonly [string, string] | null = null

    constructor(seed: number) {
        const dice = new Dice(seed, 'colleague')
        this.#dice = dice
        this.#town = new Town({
            chunkSize: 64,
            source: dice.chance(0.5) ? 'any' : 'leader',
            outOfBandTimeout: 400,
            handoverAttempts: 30
        })
    }

    async run(): Promise<Outcome> {
        await using town = this.#town
        await town.settle('a', 'b', 'c')
        const loss = this.#dice.pick([0, 0.02, 0.2])
        town.fate = () => this.#dice.chance(loss) ? 'lost' : null
        town.isCut = (from, to) => this.#cut?.[0] === from && this.#cut[1] === to
        const until = Date.now() + TROUBLE_MS
        while (Date.now() < until) {
            await this.#step()
            await town.pass(this.#dice.below(200))
            assertMirrors(town.citizens)
        }
        town.fate = () => null
        this.#cut = null
        await town.until(() => this.#joining.size === 0)
        this.#bury()
        await town.level()
        return this.#judge()
    }

    async #step(): Promise<void> {
        this.#bury()
        const { citizens } = this.#town
        const roll = this.#dice.next()
        if (roll < 0.7) {
            this.#publish(this.#dice.pick(citizens))
        } else if (roll < 0.85 && citizens.length < POPULATION) {
            await this.#land()
        } else if (roll < 0.93 && this.#mayLose()) {
            this.#crashes++
            this.#town.crash(this.#dice.pick(citizens).id)
        } else {
            const pair = [this.#dice.pick(citizens).id, this.#dice.pick(citizens).id] as const
            this.#cut = this.#cut === null ? pair : null
        }
    }

    #publish({ colleague }: Citizen): void {
        const add = ++this.#published
        colleague.publish({ add }).then(
            ({ promise }) => { this.#acknowledged.push(promise) },
            () => {}
        )
    }

    async #land(): Promise<void> {
        const contacts = this.#town.citizens.map(({ id }) => ({ at: id }))
        const citizen = await this.#town.land(`n${this.#names++}`)
        this.#joining.add(citizen)
        const done = (): void => { this.#joining.delete(citizen) }
        citizen.colleague.join({ through: () => contacts }).then(() => {
            this.#handovers++
            done()
        }, done)
    }

    /** Who has stopped by itself is gone. */
    #bury(): void {
        for (const { id, colleague } of this.#town.citizens) {
            if (colleague.kibitzer.destroyed) {
                this.#town.crash(id)
            }
        }
    }

    /** One may crash where all the seats are taken by living members that know of each other. */
    #mayLose(): boolean {
        const governments = this.#town.citizens.map(
            ({ colleague }) => colleague.kibitzer.paxos.government)
        const seats = parliament(governments[0] ?? { majority: [], minority: [] })
        const living = new Set(this.#town.citizens.map(({ id }) => id))
        return seats.length >= 3 && seats.every((id) => living.has(id)) && this.#cut === null
            && governments.every(({ promise }) => promise === governments[0]?.promise)
    }

    #judge(): Outcome {
        const { citizens, questions } = this.#town
        assertMirrors(citizens)
        const [first] = citizens
        assert(first !== undefined)
        for (const promise of this.#acknowledged) {
            assert.ok(first.application.applied.includes(promise), `${promise} is lost`)
        }
        assert.equal(new Set(citizens.map(({ application }) => application.total)).size, 1)
        const offers = questions.filter(({ post }: Question) => post.name === 'colleague.snapshot')
        return {
            entries: this.#acknowledged.length,
            handovers: this.#handovers,
            crashes: this.#crashes,
            restarts: offers.length - this.#handovers
        }
    }
}

/** Runs one trial. Rejects where a mirror is not one. */
export async function tryColleagues(seed: number): Promise<Outcome> {
    try {
        return await new Trial(seed).run()
    } catch (cause) {
        const how = `KIBITZ_SEED=${seed} node --test build/test/colleague/swarm.test.js`
        throw new Error(`Seed ${seed} fails: ${how}`, { cause })
    }
}
