import assert from 'node:assert/strict'
import type { KibitzError } from '../../src/index.js'
import { whatIsMissing } from '../simulation/checks/whole.js'
import { Dice } from '../simulation/dice.js'
import { inside } from '../simulation/inside.js'
import { drawFortune, type Fortune } from './fortune.js'
import { Society, TIMEOUT_MS } from './society.js'

/** How long faults go on, in milliseconds of the town. */
const TROUBLE_MS = 7000

/** How many values a life publishes at the most. */
const VALUES_MAX = 2500

/** How many of the last events are told of a life that fails. */
const EVENTS_MAX = 40

/** What a life came to. */
export interface Outcome {
    readonly entries: number
    readonly kills: number
    readonly returns: number
    readonly joins: number
    readonly cessions: number
    readonly departures: number
    readonly restorations: number
}

/** A republic of Colleagues under faults, all of them a function of the seed. */
class Life {
    readonly fortune: Fortune
    readonly society: Society
    readonly #dice: Dice
    /** By value: the promise with which the publish was settled. */
    readonly #acknowledged = new Map<number, string>()
    /** The values whose publishes have not settled. */
    readonly #waiting = new Set<number>()
    readonly #counts = { kills: 0, cessions: 0 }
    #published = 0
    #owed = 0

    constructor(seed: number) {
        const dice = new Dice(seed, 'lives')
        this.#dice = dice
        this.fortune = drawFortune(dice)
        this.society = new Society(this.fortune, dice)
    }

    /** Lives, and checks what came of it. */
    async run(): Promise<Outcome> {
        await using society = this.society
        const { town } = society
        const { population, loss } = this.fortune
        await society.found()
        for (let count = 1; count < population; count++) {
            const member = await society.admit()
            await society.until(`${member.id} has joined`, () => !member.isJoining)
        }
        town.fate = () => this.#dice.chance(loss) ? 'lost' : null
        const until = Date.now() + TROUBLE_MS
        while (Date.now() < until) {
            await this.#step()
            await society.pass(this.#dice.below(200))
        }
        town.fate = () => null
        society.mend()
        await this.#recover()
        this.#judge()
        return { entries: this.#acknowledged.size, ...this.#counts, ...society.counts }
    }

    async #step(): Promise<void> {
        this.#publishDue()
        const { society } = this
        const { kills, offices, cuts, bursts, population } = this.fortune
        const away = [...society.members.values()].filter(({ resident }) => resident === null)
        const roll = this.#dice.next() * (20 + kills + offices + cuts + bursts)
        if (roll < kills) {
            await this.#kill()
        } else if (roll < kills + offices) {
            this.#takeOffice()
        } else if (roll < kills + offices + cuts) {
            const [from, to] = this.#dice.shuffle(society.living)
            if (from !== undefined && to !== undefined) {
                society.cut(from, to, this.#dice.between(0.2, 3) * TIMEOUT_MS)
            }
        } else if (roll < kills + offices + cuts + bursts) {
            this.#publish(this.#dice.pick([50, 300]))
        } else if (away.length !== 0 && this.#dice.chance(0.3)) {
            await society.comeBack(this.#dice.pick(away))
        } else if (society.members.size < population && this.#dice.chance(0.3)) {
            await society.admit()
        }
    }

    #publishDue(): void {
        this.#owed += this.fortune.rate * 0.1
        const count = Math.floor(this.#owed)
        this.#owed -= count
        this.#publish(count)
    }

    #publish(count: number): void {
        const publishers = this.society.settled
        if (publishers.length === 0) {
            return
        }
        const by = this.#dice.pick(publishers)
        const { resident } = by
        for (let left = count; left > 0 && this.#published < VALUES_MAX; left--) {
            const add = ++this.#published
            this.#waiting.add(add)
            resident.colleague.publish({ add }).then(({ promise }) => {
                this.#waiting.delete(add)
                this.#acknowledged.set(add, promise)
            }, (error: KibitzError) => {
                this.#waiting.delete(add)
                if (error.code !== 'overloaded' && !by.isLeaving) {
                    this.society.blame(by, resident, 'could not publish', error)
                }
            })
        }
    }

    async #kill(): Promise<void> {
        const mortal = this.society.living.filter((one) => this.society.mayDie(one))
        if (mortal.length !== 0) {
            this.#counts.kills++
            await this.society.end(this.#dice.pick(mortal))
        }
    }

    #takeOffice(): void {
        const { society } = this
        const leader = society.settled.find(({ resident }) =>
            resident.colleague.kibitzer.paxos.isLeading)
        if (this.#dice.chance(0.6) && leader !== undefined) {
            const { naturalized } = leader.resident.colleague.kibitzer.paxos.government
            const others = naturalized.filter((id) => id !== leader.id)
            if (others.length !== 0) {
                const to = this.#dice.pick(others)
                society.say(`${leader.id} cedes to ${to}`)
                leader.resident.colleague.cede(to).then(() => this.#counts.cessions++, () => {})
            }
        } else if (society.settled.length > 3) {
            society.leave(this.#dice.pick(society.settled))
        }
    }

    /** All faults are over: all come back, and the republic becomes whole. */
    async #recover(): Promise<void> {
        const { society } = this
        for (const member of [...society.members.values()]) {
            if (member.resident === null) {
                await society.comeBack(member)
            }
        }
        await society.until('all have joined or left', () =>
            society.settled.length === society.members.size)
        await society.until('all publishes are settled', () => this.#waiting.size === 0)
        await society.until('the republic is whole', () => this.#isWhole())
        await society.until('a snapshot bounds each journal', () =>
            society.living.every(({ resident }) => {
                const { journal } = resident.colleague.kibitzer.status()
                return (journal?.size ?? 0) < society.journalMax
            }))
    }

    async #isWhole(): Promise<boolean> {
        const { living } = this.society
        const leader = living.map(({ resident }) => resident.colleague.kibitzer.paxos)
            .find((paxos) => paxos.isLeading)
        if (leader === undefined) {
            return false
        }
        const present = await Promise.all(living.map(async ({ id, resident: { colleague } }) => {
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
            government: leader.government, parliamentSize: this.fortune.parliamentSize,
            parliamentFloor: 1, present, isPatienceOver: true
        }) === null
    }

    /** All states are the same, and each value that was acknowledged is there once. */
    #judge(): void {
        const [first, ...others] = this.society.living
        assert(first !== undefined)
        const { rows, values } = first.resident.application
        for (const { id, resident } of others) {
            assert.deepEqual(resident.application.rows, rows, `${id} has another state`)
        }
        assert.equal(new Set(values).size, values.length, 'a value came twice')
        const places = new Map(rows.map(([promise, value]) => [value, promise]))
        for (const [value, promise] of this.#acknowledged) {
            assert.equal(places.get(value), promise, `${value} was acknowledged at ${promise}`)
        }
        for (const { resident } of this.society.living) {
            this.society.counts.restorations += resident.application.restorations
        }
    }
}

/** Lives one life. Rejects where it fails, and tells how to live it again. */
export async function live(seed: number): Promise<Outcome> {
    const life = new Life(seed)
    try {
        return await life.run()
    } catch (cause) {
        const how = `KIBITZ_LIFE=${seed} node --test build/test/colleague/lives.test.js`
        const what = cause instanceof Error ? cause.message : String(cause)
        const events = life.society.events.slice(-EVENTS_MAX).join('\n')
        const fortune = JSON.stringify(life.fortune)
        throw new Error(`Life ${seed} fails: ${what}\n${how}\n${fortune}\n${events}`, { cause })
    }
}
