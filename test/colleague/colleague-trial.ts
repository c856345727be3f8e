import assert from 'node:assert/strict'
import { Monotonic } from '../../src/index.js'
import { parliament } from '../../src/paxos/membership/government.js'
import { Dice } from '../../src/testing/dice.js'
import { type Citizen, type Question, ColleagueGroup } from './colleague-group.js'

/** The time with faults, in milliseconds of the mocked clock. */
const TROUBLE_MS = 20_000

/** The maximum number of members. */
const POPULATION = 5

/** The counts of a trial. */
export interface Outcome {
    readonly entries: number
    readonly handovers: number
    readonly crashes: number
    /** Number of state transfers that were started again. */
    readonly restarts: number
}

/** Asserts that the applied entries of each member are a prefix of the longest. */
export function assertPrefixes(citizens: readonly Pick<Citizen, 'id' | 'application'>[]): void {
    const truth = citizens.map(({ application }) => application.applied)
        .reduce((longest, one) => one.length > longest.length ? one : longest, [])
    for (const { id, application: { applied } } of citizens) {
        assert.deepEqual(applied, truth.slice(0, applied.length), `${id} is no prefix`)
    }
    for (const [index, promise] of truth.entries()) {
        assert.ok(Monotonic.compare(promise, truth[index - 1] ?? '0/0') > 0, `${promise} again`)
    }
}

/** A republic of Colleagues under random faults. The seed determines every fault. */
class Trial {
    readonly #group: ColleagueGroup
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
        this.#group = new ColleagueGroup({
            chunkSize: 64,
            source: dice.chance(0.5) ? 'any' : 'leader',
            outOfBandTimeout: 400,
            handoverAttempts: 30
        })
    }

    async run(): Promise<Outcome> {
        await using group = this.#group
        await group.startRepublic('a', 'b', 'c')
        const loss = this.#dice.pick([0, 0.02, 0.2])
        group.faultOf = () => this.#dice.chance(loss) ? 'lost' : null
        group.isCut = (from, to) => this.#cut?.[0] === from && this.#cut[1] === to
        const until = Date.now() + TROUBLE_MS
        while (Date.now() < until) {
            await this.#step()
            await group.advance(this.#dice.below(200))
            assertPrefixes(group.citizens)
        }
        group.faultOf = () => null
        this.#cut = null
        await group.until(() => this.#joining.size === 0)
        this.#removeStopped()
        await group.untilLevel()
        return this.#checkResult()
    }

    async #step(): Promise<void> {
        this.#removeStopped()
        const { citizens } = this.#group
        const roll = this.#dice.next()
        if (roll < 0.7) {
            this.#publish(this.#dice.pick(citizens))
        } else if (roll < 0.85 && citizens.length < POPULATION) {
            await this.#land()
        } else if (roll < 0.93 && this.#mayLose()) {
            this.#crashes++
            this.#group.crash(this.#dice.pick(citizens).id)
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
        const through = this.#group.citizens.map(({ id }) => ({ at: id }))
        const citizen = await this.#group.start(`n${this.#names++}`)
        this.#joining.add(citizen)
        const done = (): void => { this.#joining.delete(citizen) }
        citizen.colleague.join({ through: () => through }).then(() => {
            this.#handovers++
            done()
        }, done)
    }

    /** Removes the members that have stopped by themselves. */
    #removeStopped(): void {
        for (const { id, colleague } of this.#group.citizens) {
            if (colleague.kibitzer.destroyed) {
                this.#group.crash(id)
            }
        }
    }

    /** Whether a member may crash: all seats are held by running members with one government. */
    #mayLose(): boolean {
        const governments = this.#group.citizens.map(
            ({ colleague }) => colleague.kibitzer.paxos.government)
        const seats = parliament(governments[0] ?? { majority: [], minority: [] })
        const running = new Set(this.#group.citizens.map(({ id }) => id))
        return seats.length >= 3 && seats.every((id) => running.has(id)) && this.#cut === null
            && governments.every(({ promise }) => promise === governments[0]?.promise)
    }

    #checkResult(): Outcome {
        const { citizens, questions } = this.#group
        assertPrefixes(citizens)
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

/** Runs one trial. Rejects if a member has not applied the log correctly. */
export async function tryColleagues(seed: number): Promise<Outcome> {
    try {
        return await new Trial(seed).run()
    } catch (cause) {
        const how = `KIBITZ_SEED=${seed} node --test build/test/colleague/colleague-trial.test.js`
        throw new Error(`Seed ${seed} fails: ${how}`, { cause })
    }
}
