import type { Lease } from '../../src/recipes/held-lease.js'
import { Locks } from '../../src/recipes/locks.js'
import { Monotonic } from '../../src/base/monotonic.js'
import { LeaseWorld, type WorldMember } from './lease-world.js'

/** The faults of a life of locks. */
export interface LockLifeOptions {
    readonly seed: number
    /** Whether processes stop and continue, as after SIGSTOP and SIGCONT. */
    readonly pauses?: boolean
    /** Whether the network cuts members off. */
    readonly cuts?: boolean
    /** Whether the log exiles members that are cut off. */
    readonly exiles?: boolean
    /** Whether an exile gives the lock to the next request at once. */
    readonly releaseOnExile?: boolean
    /** The largest difference of a clock rate from 1. */
    readonly drift?: number
    readonly permits?: number
    /** The number of uses of a member at the same time. @default 1 */
    readonly usesAtOnce?: number
    readonly make?: () => Locks
    /** The token that each holder shows to the resource. */
    readonly shownToken?: string
}

/** The findings of a life. */
export interface LockFindings {
    /** The number of uses that ran. */
    readonly uses: number
    /** Uses that did not end. */
    readonly stuck: number
    /** Instants with more leases than permits, by the clocks of the holders that run. */
    readonly overlaps: number
    /** The same, by the signals. */
    readonly signalOverlaps: number
    /** Tokens that were not larger than an earlier token. */
    readonly fallingTokens: number
    /** Writes of former holders, after a later holder has written. */
    readonly lateWrites: number
    /** Late writes that the resource has accepted, although the resource checks the token. */
    readonly acceptedLateWrites: number
}

const TTL_MS = 1000
const END_MS = 30_000

/** A resource that checks the token of each write. */
class Resource {
    /** The highest token that was shown, and the newest token of a writer. */
    #highest = '0/0'
    #newest = '0/0'
    late = 0
    accepted = 0

    /** @param shown The token that the holder shows; the token of the lease, without a fault. */
    write(token: string, shown: string): void {
        const isLate = Monotonic.compare(token, this.#newest) < 0
        const isAccepted = Monotonic.compare(shown, this.#highest) >= 0
        this.late += isLate ? 1 : 0
        this.accepted += isLate && isAccepted ? 1 : 0
        this.#newest = isLate ? this.#newest : token
        this.#highest = isAccepted ? shown : this.#highest
    }
}

/** One life of three members that use a lock again and again, under faults. */
export async function lockLife(options: LockLifeOptions): Promise<LockFindings> {
    const { seed, drift = 0, permits = 1, make = () => new Locks(), releaseOnExile } = options
    const rates = [1 + drift, 1 - drift, 1]
    const world = new LeaseWorld(seed, { rates, delayMax: 60 }, make)
    const held = new Map<Lease, WorldMember>()
    const resource = new Resource()
    const found = { uses: 0, stuck: 0, overlaps: 0, signalOverlaps: 0, fallingTokens: 0 }
    let lastToken = '0/0'
    const routine = (member: WorldMember) => async (lease: Lease): Promise<void> => {
        found.uses++
        // Tokens rise in the order of the grants, which is the order of the log.
        const isFalling = permits === 1 && Monotonic.compare(lease.token, lastToken) < 0
        found.fallingTokens += isFalling ? 1 : 0
        lastToken = lease.token
        held.set(lease, member)
        const steps = world.chance.within(0, 12)
        for (let step = 0; step < steps && !lease.signal.aborted; step++) {
            await world.sleep(member, world.chance.within(1, 300))
            resource.write(lease.token, options.shownToken ?? lease.token)
        }
        held.delete(lease)
    }
    const work = async (member: WorldMember): Promise<void> => {
        while (world.time < END_MS) {
            found.stuck++
            const locks = member.part as unknown as Locks
            await locks.using('x', {
                ttl: TTL_MS, permits, ...(releaseOnExile === true ? { releaseOnExile } : {})
            }, routine(member)).catch(() => {})
            found.stuck--
            await world.sleep(member, world.chance.within(1, 200))
        }
    }
    const check = (): void => {
        const leases = [...held].filter(([, member]) => world.isRunning(member))
        const sure = leases.filter(([lease]) => lease.remainingMs > 0)
        const signals = leases.filter(([lease]) => !lease.signal.aborted)
        found.overlaps += sure.length > permits ? 1 : 0
        found.signalOverlaps += signals.length > permits ? 1 : 0
    }
    planFaults(world, options)
    for (const member of world.members) {
        for (let use = 0; use < (options.usesAtOnce ?? 1); use++) {
            void work(member)
        }
    }
    await world.run(END_MS, check)
    world.heal()
    await world.run(END_MS + 60_000, check)
    return { ...found, lateWrites: resource.late, acceptedLateWrites: resource.accepted }
}

function planFaults(world: LeaseWorld, options: LockLifeOptions): void {
    const { chance } = world
    for (let at = 500; at < END_MS; at += chance.within(500, 4000)) {
        const member = world.members[chance.within(0, 2)]
        const kind = chance.within(0, 1)
        if (member !== undefined && options.pauses === true && kind === 0) {
            world.plan(at, () => { member.pausedUntil = world.time + chance.within(10, 3000) })
        }
        if (member !== undefined && options.cuts === true && kind === 1) {
            world.plan(at, () => {
                member.isCut = true
                if (options.exiles === true && member !== world.members[0]) {
                    world.plan(400, () => world.exile(member.id))
                }
            })
            world.plan(at + chance.within(10, 3000), () => world.heal())
        }
    }
}
