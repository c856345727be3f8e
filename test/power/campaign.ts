import type { Dice } from '../journal/dice.js'
import type { Republic } from './republic.js'
import type { Seat } from './seat.js'

/** What befell a republic, by kind, and how often. */
export type Census = Record<string, number>

/** What a loss of power does to the folder of a member whose process is dead. */
export type Blackout = (seat: Seat) => void

/** How often it is killed, and how. */
export interface Campaign {
    readonly cycles: number
    readonly random: Dice
    /** What becomes of a folder while its process is dead. @default nothing */
    readonly blackout?: Blackout
    /** Called after each cycle. @default no call */
    readonly progress?: (cycle: number, census: Census) => void
}

/** The killed members: one, two, or all three. */
function victims({ seats }: Republic, random: Dice): Seat[] {
    const left = [...seats]
    const count = [1, 1, 1, 2, 3][random(5)] ?? 1
    return Array.from({ length: count }, () => left.splice(random(left.length), 1)).flat()
}

function kindOf(republic: Republic, killed: readonly Seat[]): string {
    const all = killed.length === republic.seats.length
    const rank = all ? '' : killed.some(({ id }) => id === republic.leader)
        ? ', the leader among them'
        : ', not the leader'
    const state = killed.every(({ isLevel }) => isLevel) ? 'under load' : 'while coming back'
    return `${all ? 'all' : killed.length}${rank}, ${state}`
}

/**
 * Kills members again and again, at any moment of their lives, and raises them at once.
 *
 * @throws Error with what the ledger has found.
 */
export async function persecute(
    republic: Republic,
    { cycles, random, blackout = () => {}, progress = () => {} }: Campaign
): Promise<Census> {
    const census: Census = {}
    for (let cycle = 1; cycle <= cycles; cycle++) {
        const killed = victims(republic, random)
        const kind = kindOf(republic, killed)
        census[kind] = (census[kind] ?? 0) + 1
        await Promise.all(killed.map((seat) => seat.kill()))
        for (const seat of killed) {
            blackout(seat)
            seat.raise()
        }
        const words = random(4)
        const presses = 1 + random(8)
        // One in four does not live to be level, nor to say more than a few words.
        const isShort = random(4) === 0
        await republic.until('they come back', () => isShort
            ? killed.some(({ said }) => said.length >= words)
            : republic.seats.every(({ isLevel, acked }) => isLevel && acked >= presses))
        progress(cycle, census)
    }
    await republic.until('all publish', () => republic.seats.every(({ acked }) => acked > 0))
    await republic.compare()
    return census
}
