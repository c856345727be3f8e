import type { Played } from '../../src/index.js'
import type { PaxosOptions } from '../../src/paxos/options.js'
import { freeze } from '../../src/base/freeze.js'
import { Island } from '../support/island.js'
import { OWN_RUNS, RUNS } from '../support/runs.js'
import { draw } from '../simulation/draw.js'
import { readTape } from '../simulation/tape.js'
import { Trial } from '../simulation/trial.js'

/** All that one process took in. */
export interface Tape {
    readonly name: string
    readonly id: string
    readonly options: PaxosOptions
    readonly played: readonly Played[]
}

function read(line: string): Played {
    return freeze(readTape(line))
}

/** What the members of an island took in, whose calls went through the guards and JSON. */
export function islandTapes(): readonly Tape[] {
    return Object.entries({ ...RUNS, ...OWN_RUNS }).flatMap(([run, happen]) => {
        using island = new Island()
        happen(island)
        return island.all.map(({ id, recording }) => {
            const played = recording.played.map((input) => read(JSON.stringify(input)))
            return { name: `${run}: ${id}`, id, options: {}, played }
        })
    })
}

/** What a publisher took in up to each refusal of a lone value, one tape for each. */
export function refusedTapes(): readonly Tape[] {
    return islandTapes().flatMap((tape) => tape.played.flatMap((input, index) => {
        const isRefused = input.method === 'published' && input.body.refused !== undefined
        return isRefused ? [{ ...tape, played: tape.played.slice(0, index + 1) }] : []
    }))
}

/**
 * What the processes of a trial took in, whatever faults it is made of.
 *
 * @param history How much of its log a member keeps. @default as it is drawn
 */
export function trialTapes(seed: number, history: number | null = null): readonly Tape[] {
    const drawn = draw(seed)
    // So few entries are under way at once that a short history is no longer than they.
    const short = { history: history ?? 0, batch: 8, window: 4 }
    const options = { ...drawn.options, ...(history === null ? {} : short) }
    // Who comes back from a disk did not take in all that it knows.
    const plan = { ...drawn, options, durable: null, isRecorded: true }
    const trial = new Trial(plan)
    trial.run()
    return [...trial.world.observer.recordings].map(([{ id, number }, recording]) => {
        const name = `seed ${seed}: ${id}, process ${number}`
        return { name, id, options: plan.options, played: recording.played.map(read) }
    })
}

/** Numbers from 0 up to a limit that are the same in every run. (Park and Miller.) */
export function chance(seed: number): (limit: number) => number {
    let state = (seed * 7919) % 0x7fff_ffff || 1
    return (limit) => {
        state = (state * 48_271) % 0x7fff_ffff
        return state % limit
    }
}
