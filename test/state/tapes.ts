import type { Played } from '../../src/index.js'
import type { PaxosOptions } from '../../src/paxos/options.js'
import { freeze } from '../../src/base/freeze.js'
import { FIRST_VERSION, HIGHEST_VERSION } from '../../src/paxos/membership/versions.js'
import { Island } from '../support/island.js'
import { OWN_RUNS, RUNS } from '../support/runs.js'
import { draw } from '../simulation/draw.js'
import { readTape } from '../simulation/tape.js'
import { Trial } from '../simulation/trial.js'

/** All inputs of one process. */
export interface Tape {
    readonly name: string
    readonly id: string
    readonly options: PaxosOptions
    readonly played: readonly Played[]
}

function read(line: string): Played {
    return freeze(readTape(line))
}

/**
 * The inputs of the members of an island. All calls went through the guards and JSON.
 *
 * @param highestVersion The highest version of the members. @default the version of the package
 */
export function islandTapes(highestVersion: number = HIGHEST_VERSION): readonly Tape[] {
    return Object.entries({ ...RUNS, ...OWN_RUNS }).flatMap(([run, happen]) => {
        using island = new Island({ highestVersion })
        happen(island)
        return island.all.map(({ id, recording }) => {
            const played = recording.played.map((input) => read(JSON.stringify(input)))
            return { name: `${run}: ${id}`, id, options: {}, played }
        })
    })
}

/** The inputs of a publisher of each version up to each refusal of a value, a tape for each. */
export function refusedTapes(): readonly Tape[] {
    const tapes = [FIRST_VERSION, HIGHEST_VERSION].flatMap((version) => islandTapes(version))
    return tapes.flatMap((tape) => tape.played.flatMap((input, index) => {
        const isRefused = input.method === 'published' && input.body.refused !== undefined
        return isRefused ? [{ ...tape, played: tape.played.slice(0, index + 1) }] : []
    }))
}

/**
 * The inputs of the processes of a trial, with all its faults.
 *
 * @param history The log limit of a member. @default as drawn
 */
export function trialTapes(seed: number, history: number | null = null): readonly Tape[] {
    const drawn = draw(seed)
    // A trial has so few entries under way that a short history must be shorter still.
    const short = { history: history ?? 0, batch: 8, window: 4 }
    const options = { ...drawn.options, ...(history === null ? {} : short) }
    // A member restarted from a disk knows entries that are not among its inputs.
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
