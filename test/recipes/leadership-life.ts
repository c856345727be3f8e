import { Leadership } from '../../src/recipes/leadership.js'
import { Monotonic } from '../../src/base/monotonic.js'
import { LeaseWorld, type WorldMember } from './lease-world.js'

const END_MS = 20_000

/** The findings of a life. */
export interface LeadershipFindings {
    readonly terms: number
    /** Instants with two leaders, by the signals of the members that run. */
    readonly overlaps: number
    /** Terms whose token was not larger than the token of an earlier term. */
    readonly fallingTokens: number
    /** Whether nobody led at the end, after all faults. */
    readonly leaderless: number
}

/** A life of three members of which one leads, while the leader of the republic changes. */
export async function leadershipLife(options: {
    readonly seed: number, readonly of: 'republic' | 'lease', readonly pauses?: boolean
}): Promise<LeadershipFindings> {
    const world = new LeaseWorld(options.seed, { rates: [1.05, 0.95, 1], delayMax: 60 },
        () => new Leadership({ of: options.of, ttl: 1000 }))
    const { chance } = world
    const leading = new Map<WorldMember, AbortSignal>()
    const found = { terms: 0, overlaps: 0, fallingTokens: 0 }
    let newest = '0/0'
    for (const member of world.members) {
        const leadership = member.part as unknown as Leadership
        void leadership.whileLeading(async (signal, token) => {
            found.terms++
            found.fallingTokens += Monotonic.compare(token, newest) < 0 ? 1 : 0
            newest = token
            leading.set(member, signal)
            while (!signal.aborted) {
                await world.sleep(member, 50)
            }
            leading.delete(member)
        }).catch(() => {})
    }
    for (let at = 500; at < END_MS; at += chance.within(300, 3000)) {
        const index = chance.within(0, 2)
        const member = world.members[index]
        if (member === undefined) {
            continue
        }
        world.plan(at, () => {
            switch (chance.within(0, options.pauses === true ? 2 : 1)) {
                case 0:
                    world.leader = index
                    break
                case 1:
                    member.isCut = true
                    world.plan(chance.within(10, 3000), () => world.heal())
                    break
                default:
                    member.pausedUntil = world.time + chance.within(10, 3000)
            }
        })
    }
    const leaders = (): number => [...leading].filter(([member, signal]) =>
        world.isRunning(member) && !signal.aborted).length
    await world.run(END_MS, () => { found.overlaps += leaders() > 1 ? 1 : 0 })
    world.heal()
    await world.run(END_MS + 10_000, () => { found.overlaps += leaders() > 1 ? 1 : 0 })
    return { ...found, leaderless: leaders() === 1 ? 0 : 1 }
}
