import assert from 'node:assert/strict'
import type { KibitzError } from '../../src/index.js'
import { whatIsMissing } from '../simulation/checks/whole.js'
import { Dice } from '../../src/testing/dice.js'
import { inside } from '../simulation/inside.js'
import { drawLifeSettings, type LifeSettings } from './life-settings.js'
import { SimulatedColleagues, TIMEOUT_MS } from './simulated-colleagues.js'

/** The time with faults, in milliseconds of the mocked clock. */
const TROUBLE_MS = 7000

/** The maximum number of published values. */
const VALUES_MAX = 2500

/** Number of last events in the report of a failed life. */
const EVENTS_MAX = 40

/** The counts of a life. */
export interface Outcome {
    readonly entries: number
    readonly kills: number
    readonly returns: number
    readonly joins: number
    readonly cessions: number
    readonly departures: number
    readonly restorations: number
}

/** A republic of Colleagues with journals under random faults. The seed determines a life. */
class Life {
    readonly settings: LifeSettings
    readonly simulated: SimulatedColleagues
    readonly #dice: Dice
    /** The promise of each acknowledged value. */
    readonly #acknowledged = new Map<number, string>()
    /** The values of publishes that have not settled. */
    readonly #waiting = new Set<number>()
    readonly #counts = { kills: 0, cessions: 0 }
    #published = 0
    #publishesDue = 0

    constructor(seed: number) {
        const dice = new Dice(seed, 'lives')
        this.#dice = dice
        this.settings = drawLifeSettings(dice, new Dice(seed, 'floors'))
        this.simulated = new SimulatedColleagues(this.settings, dice)
    }

    /** Runs the life, and checks its result. */
    async run(): Promise<Outcome> {
        await using simulated = this.simulated
        const { group } = simulated
        const { population, loss } = this.settings
        await simulated.found()
        for (let count = 1; count < population; count++) {
            const member = await simulated.startJoining()
            await simulated.until(`${member.id} has joined`, () => !member.isJoining)
        }
        group.faultOf = () => this.#dice.chance(loss) ? 'lost' : null
        const until = Date.now() + TROUBLE_MS
        while (Date.now() < until) {
            await this.#step()
            await simulated.advance(this.#dice.below(200))
        }
        group.faultOf = () => null
        simulated.healCut()
        await this.#recover()
        this.#checkResult()
        return { entries: this.#acknowledged.size, ...this.#counts, ...simulated.counts }
    }

    async #step(): Promise<void> {
        this.#publishDue()
        const { simulated } = this
        const { kills, departures, cuts, bursts, population } = this.settings
        const away = [...simulated.members.values()].filter(({ running }) => running === null)
        const roll = this.#dice.next() * (20 + kills + departures + cuts + bursts)
        if (roll < kills) {
            await this.#kill()
        } else if (roll < kills + departures) {
            this.#changeLeadership()
        } else if (roll < kills + departures + cuts) {
            const [from, to] = this.#dice.shuffle(simulated.running)
            if (from !== undefined && to !== undefined) {
                simulated.cut(from, to, this.#dice.between(0.2, 3) * TIMEOUT_MS)
            }
        } else if (roll < kills + departures + cuts + bursts) {
            this.#publish(this.#dice.pick([50, 300]))
        } else if (away.length !== 0 && this.#dice.chance(0.3)) {
            await simulated.restart(this.#dice.pick(away))
        } else if (simulated.members.size < population && this.#dice.chance(0.3)) {
            await simulated.startJoining()
        }
    }

    #publishDue(): void {
        this.#publishesDue += this.settings.rate * 0.1
        const count = Math.floor(this.#publishesDue)
        this.#publishesDue -= count
        this.#publish(count)
    }

    #publish(count: number): void {
        const publishers = this.simulated.joined
        if (publishers.length === 0) {
            return
        }
        const by = this.#dice.pick(publishers)
        const { running } = by
        for (let left = count; left > 0 && this.#published < VALUES_MAX; left--) {
            const add = ++this.#published
            this.#waiting.add(add)
            running.colleague.publish({ add }).then(({ promise }) => {
                this.#waiting.delete(add)
                this.#acknowledged.set(add, promise)
            }, (error: KibitzError) => {
                this.#waiting.delete(add)
                if (error.code !== 'overloaded' && !by.isLeaving) {
                    this.simulated.reportFailure(by, running, 'could not publish', error)
                }
            })
        }
    }

    async #kill(): Promise<void> {
        const mortal = this.simulated.running.filter((one) => this.simulated.mayKill(one))
        if (mortal.length !== 0) {
            this.#counts.kills++
            await this.simulated.kill(this.#dice.pick(mortal))
        }
    }

    #changeLeadership(): void {
        const { simulated } = this
        const leader = simulated.joined.find(({ running }) =>
            running.colleague.kibitzer.paxos.isLeading)
        if (this.#dice.chance(0.6) && leader !== undefined) {
            const { naturalized } = leader.running.colleague.kibitzer.paxos.government
            const others = naturalized.filter((id) => id !== leader.id)
            if (others.length !== 0) {
                const to = this.#dice.pick(others)
                simulated.logEvent(`${leader.id} cedes to ${to}`)
                leader.running.colleague.cede(to).then(() => this.#counts.cessions++, () => {})
            }
        } else if (simulated.joined.length > 3) {
            simulated.leave(this.#dice.pick(simulated.joined))
        }
    }

    /** Ends the faults: restarts all members, and waits until the republic is whole. */
    async #recover(): Promise<void> {
        const { simulated } = this
        for (const member of [...simulated.members.values()]) {
            if (member.running === null) {
                await simulated.restart(member)
            }
        }
        // A floor of 3 keeps the seats of three members, so a leaver needs a successor.
        while (simulated.staying < this.settings.parliamentFloor) {
            await simulated.startJoining()
        }
        await simulated.until('all have joined or left', () =>
            simulated.joined.length === simulated.members.size)
        await simulated.until('all publishes are settled', () => this.#waiting.size === 0)
        await simulated.until('the republic is whole', () => this.#isWhole())
        await simulated.until('a snapshot bounds each journal', () =>
            simulated.running.every(({ running }) => {
                const { journal } = running.colleague.kibitzer.status()
                return (journal?.size ?? 0) < simulated.journalMax
            }))
    }

    async #isWhole(): Promise<boolean> {
        const { running } = this.simulated
        const leader = running.map(({ running }) => running.colleague.kibitzer.paxos)
            .find((paxos) => paxos.isLeading)
        if (leader === undefined) {
            return false
        }
        const present = await Promise.all(running.map(async ({ id, running: { colleague } }) => {
            const { paxos } = colleague.kibitzer
            const health = await colleague.health()
            const isLevel = health?.applied === leader.committed &&
                paxos.committed === leader.committed
            const open = inside(paxos).log.suffix().filter(({ body }) => 'majority' in body)
            return {
                id, lag: isLevel ? 0 : 1, open: open.length,
                isReady: true, isLeaving: paxos.isLeaving
            }
        }))
        return whatIsMissing({
            government: leader.government, parliamentSize: this.settings.parliamentSize,
            parliamentFloor: this.settings.parliamentFloor, present, isPatienceOver: true
        }) === null
    }

    /** Asserts that all states are equal and contain each acknowledged value once. */
    #checkResult(): void {
        const [first, ...others] = this.simulated.running
        assert(first !== undefined)
        const { rows, values } = first.running.application
        for (const { id, running } of others) {
            assert.deepEqual(running.application.rows, rows, `${id} has another state`)
        }
        assert.equal(new Set(values).size, values.length, 'a value came twice')
        const places = new Map(rows.map(([promise, value]) => [value, promise]))
        for (const [value, promise] of this.#acknowledged) {
            assert.equal(places.get(value), promise, `${value} was acknowledged at ${promise}`)
        }
        for (const { running } of this.simulated.running) {
            this.simulated.counts.restorations += running.application.restorations
        }
    }
}

/** Runs one life. If the life fails, rejects with the command that repeats it. */
export async function live(seed: number): Promise<Outcome> {
    const life = new Life(seed)
    try {
        return await life.run()
    } catch (cause) {
        const how = `KIBITZ_LIFE=${seed} node --test build/test/colleague/lives.test.js`
        const what = cause instanceof Error ? cause.message : String(cause)
        const events = life.simulated.events.slice(-EVENTS_MAX).join('\n')
        const settings = JSON.stringify(life.settings)
        throw new Error(`Life ${seed} fails: ${what}\n${how}\n${settings}\n${events}`, { cause })
    }
}
