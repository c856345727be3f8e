import { Island, type Outcome } from './island.js'
import type { Settle } from './member.js'

/** One script, run through the reference and through ours alike. */
export interface Scenario {
    /** Ends the sentence "walks as the reference does when …". */
    readonly when: string
    readonly parliamentSize?: number
    readonly play: (island: Island) => void
}

/** Long enough in pings for a silent member to be noticed, exiled, and its seat to be settled. */
export const UNTIL_EXILED = 16

/** Long enough in pings for what is published or naturalized anywhere to reach everybody. */
export const UNTIL_SPREAD = 4

/** Plays the script with the members of one side and says what is left. */
export function run(settle: Settle, { parliamentSize = 5, play }: Scenario): Outcome {
    const island = new Island(settle, { republic: 'r', ping: 250, timeout: 1_000, parliamentSize })
    play(island)
    return island.outcome()
}

/** The ids from the first to the last, both included. */
export function ids(first: number, last: number): string[] {
    return Array.from({ length: last - first + 1 }, (_, index) => String(first + index))
}

export function found(island: Island): void {
    island.bootstrap('0')
    island.pass()
}

/** A republic of so many members, each one naturalized as it comes. */
export function populate(island: Island, population: number): void {
    found(island)
    for (const id of ids(1, population - 1)) {
        island.immigrate(id, true)
        island.pass()
    }
    island.pass(UNTIL_SPREAD)
}

/** Each publishes one body after the last one's has spread, so that their order is given. */
export function publishInTurn(island: Island, about: string): void {
    for (const id of island.ids()) {
        island.publish(id, `${about}, says ${id}`)
        island.pass(UNTIL_SPREAD)
    }
}

/** Each publishes so many bodies at the same instant. */
export function publishAtOnce(island: Island, about: string, count = 1): void {
    for (const id of island.ids()) {
        island.publish(id, ...ids(1, count).map((number) => `${about}, says ${id}, ${number}`))
    }
}

/** The members die; the rest go on, notice, and publish. */
export function lose(island: Island, ...lost: string[]): void {
    island.crash(...lost)
    island.pass(UNTIL_EXILED)
    publishInTurn(island, `without ${lost.join(' and ')}`)
}
