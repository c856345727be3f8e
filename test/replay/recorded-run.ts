import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Replayer } from '../../src/replay/replayer.js'
import { digest, textOf } from './witness.js'

/** A recorded input of a member, and the digest of the member's state after the input. */
export interface WitnessedInput {
    readonly id: string
    /** The number of the Kibitzer in its process. */
    readonly life: number
    readonly method: string
    readonly when: number
    readonly state: string
}

/**
 * Makes this process and the processes that it starts from now on write the states of their
 * members into a new folder. Returns the folder.
 */
export function witnessProcesses(folder: string): string {
    const states = mkdtempSync(join(folder, 'states-'))
    process.env['KIBITZ_WITNESS'] = states
    process.env['NODE_OPTIONS'] = `--import=${new URL('witness-process.js', import.meta.url)}`
    return states
}

/** The environment of a process that writes its states. */
export function witnessEnvironment(): Readonly<Record<string, string>> {
    const { KIBITZ_WITNESS = '', NODE_OPTIONS = '' } = process.env
    return { KIBITZ_WITNESS, NODE_OPTIONS }
}

/** The lives of a member in order, each with its inputs in order. */
function livesOf(states: string, id: string): readonly (readonly WitnessedInput[])[] {
    const lives = readdirSync(states).flatMap((name) => {
        const lines = readFileSync(join(states, name), 'utf8').split('\n')
        const inputs = lines.filter((line) => line.endsWith('}'))
            .map((line) => JSON.parse(line) as WitnessedInput)
            .filter((input) => input.id === id)
        const numbers = [...new Set(inputs.map(({ life }) => life))]
        return numbers.map((number) => inputs.filter(({ life }) => life === number))
    })
    return lives.filter((inputs) => inputs.length > 0)
        .sort(([one], [other]) => (one?.when ?? 0) - (other?.when ?? 0))
}

/** The place of an input in the lives of its member. */
interface Place {
    readonly life: number
    readonly index: number
}

/** Compares the inputs of a journal, one after another, with the lives of the member. */
class Comparison {
    readonly #lives: readonly (readonly WitnessedInput[])[]
    #place: Place | null = null

    constructor(lives: readonly (readonly WitnessedInput[])[]) {
        this.#lives = lives
    }

    #at({ life, index }: Place): WitnessedInput | undefined {
        return this.#lives[life]?.[index]
    }

    /** The places that may follow: the next input of the life, or the start of a later life. */
    #next(): readonly Place[] {
        const place = this.#place
        if (place === null) {
            // A snapshot may stand for any number of inputs.
            return this.#lives.flatMap((inputs, life) =>
                inputs.map((_, index) => ({ life, index })))
        }
        const { life, index } = place
        const later = this.#lives.slice(life + 1).map((_, more) =>
            ({ life: life + 1 + more, index: 0 }))
        return [{ life, index: index + 1 }, ...later]
    }

    /** Compares the next input of the journal. */
    compare(what: string, method: string, when: number, state: string): void {
        const alike = this.#next().filter((place) => {
            const input = this.#at(place)
            return input?.method === method && input.when === when
        })
        assert.ok(alike.length > 0, `${what}: no member has recorded ${method} at ${when}`)
        const same = alike.find((place) => this.#at(place)?.state === state)
        assert.ok(same !== undefined, `${what}: the replayed state differs from the member's state`)
        this.#place = same
    }
}

/** What was compared. */
export interface Compared {
    readonly id: string
    readonly inputs: number
    /** Whether the journal begins with a snapshot. */
    readonly hasSnapshot: boolean
}

/**
 * Checks that the replayed state equals the state of the member, byte for byte, after each input
 * of a journal.
 *
 * @param states The folder of `witnessProcesses`.
 */
export async function checkJournal(journal: string, states: string): Promise<Compared> {
    const replayer = await Replayer.from({ journal })
    const { id, first } = replayer
    const comparison = new Comparison(livesOf(states, id))
    let inputs = 0
    for (let step = replayer.step(); step !== null; step = replayer.step()) {
        const { number, played: { method, when }, state } = step
        comparison.compare(`${id}, input ${number}`, method, when, digest(textOf(state)))
        inputs++
    }
    return { id, inputs, hasSnapshot: first !== 1 }
}
