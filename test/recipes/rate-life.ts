import { RateLimit } from '../../src/recipes/rate-limit.js'
import { LeaseWorld } from './lease-world.js'

const END_MS = 20_000
const LIMIT = 10
const PER_MS = 2000

/** The longest time of an entry from its publish to its last member, without faults, in ms. */
const DELAY_MS = 120

/** The longest cut, and the longest pause. */
const CUT_MS_MAX = 3000

/** The permitted difference of a clock's rate from 1. */
const DRIFT = 0.05

const RATES = [1 + DRIFT, 1 - DRIFT, 1]

/** The findings of a life. */
export interface RateFindings {
    /** Answers of the limit. */
    readonly attempts: number
    readonly allowed: number
    /** Stretches of real time in which more permits were taken than the rate allows. */
    readonly excesses: number
    /** Permits that were not given after all faults although their time had come. */
    readonly withheld: number
}

/** A life of three members that share a rate limit. */
export async function rateLife(options: {
    readonly seed: number
    readonly rates?: readonly number[]
    readonly pauses?: boolean
    readonly make?: (options: { limit: number, per: number }) => RateLimit
}): Promise<RateFindings> {
    const { seed, rates = RATES, make = (rate) => new RateLimit(rate) } = options
    const world = new LeaseWorld(seed, { rates, delayMax: DELAY_MS / 2 },
        () => make({ limit: LIMIT, per: PER_MS }))
    const { chance, members } = world
    /** The allowed calls: each took its permit between the two times. */
    const taken: { from: number, to: number }[] = []
    const found = { attempts: 0, allowed: 0, excesses: 0, withheld: 0 }
    for (const member of members) {
        const limit = member.part as unknown as RateLimit
        void (async () => {
            while (world.time < END_MS) {
                const from = world.time
                const { isAllowed } = await limit.take('x').catch(() => ({ isAllowed: false }))
                found.attempts++
                if (isAllowed) {
                    found.allowed++
                    taken.push({ from, to: world.time })
                }
                await world.sleep(member, chance.within(1, 150))
            }
        })()
    }
    for (let at = 500; at < END_MS; at += chance.within(300, 3000)) {
        const member = members[chance.within(0, 2)]
        world.plan(at, () => {
            if (member !== undefined && options.pauses === true && chance.within(0, 1) === 0) {
                member.pausedUntil = world.time + chance.within(10, CUT_MS_MAX)
            } else if (member !== undefined) {
                member.isCut = true
                world.plan(chance.within(10, CUT_MS_MAX), () => world.heal())
            }
        })
    }
    await world.run(END_MS, () => {})
    world.heal()
    world.plan(2 * PER_MS, () => {})
    await world.run(END_MS + 3 * PER_MS, () => {})
    // Within [from, to], the fastest clock counts at most this time, and the time of the log may
    // have been late at `from` by a delay, and by the difference of the rates during a cut.
    const late = DELAY_MS + CUT_MS_MAX * 2 * DRIFT
    for (const { from } of taken) {
        for (const { to } of taken.filter((each) => each.to >= from)) {
            const count = taken.filter((each) => each.from >= from && each.to <= to).length
            const most = LIMIT * (1 + ((to - from) * (1 + DRIFT) + late) / PER_MS)
            found.excesses += count > most ? 1 : 0
        }
    }
    for (const member of members) {
        const limit = member.part as unknown as RateLimit
        found.withheld += LIMIT - limit.remaining('x')
    }
    return found
}
