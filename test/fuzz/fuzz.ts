import assert from 'node:assert/strict'
import { guards, samples } from '../guard/samples.js'
import { Dice } from '../../src/testing/dice.js'
import { mutant, type Specimen, specimen } from './mutator.js'
import { society, Target } from './target.js'

/** What everybody inherits, as it is now. */
export function inherited(): unknown[] {
    return [Object.prototype, Array.prototype, Function.prototype, String.prototype, Map.prototype]
        .map((prototype) => Object.getOwnPropertyDescriptors(prototype))
}

/** What became of all mutants. */
export interface Fuzzed {
    readonly runs: number
    /** Not even JSON: the transport does not hand it on. */
    readonly illegible: number
    readonly rejected: number
    readonly codes: readonly string[]
    readonly refused: number
    readonly taken: number
}

/** Every kind of call that a republic has made, in few examples. */
function specimens(calls: readonly unknown[]): readonly Specimen[] {
    const kinds = new Map<string, unknown[]>()
    for (const call of calls) {
        // What differs in numbers alone is of one kind.
        const kind = JSON.stringify(call).replace(/[0-9a-f]+/g, '0')
        kinds.set(kind, [...(kinds.get(kind) ?? []), call].slice(-2))
    }
    const foreign = samples.filter(({ guard }) => guard === 'call').map(({ value }) => value)
    return [...[...kinds.values()].flat(), ...foreign].map(specimen)
}

const ANSWERS = samples.filter(({ guard }) => guard !== 'call')
    .map(({ guard, value }) => ({ guard, specimen: specimen(value) }))

/** Puts a mutant of an answer to the guard that takes such answers. */
function putAnswer(lots: Dice): boolean {
    const { guard, specimen: whole } = ANSWERS[lots.below(ANSWERS.length)] as typeof ANSWERS[number]
    const text = mutant([whole], lots)
    let answer: unknown
    try {
        answer = JSON.parse(text)
    } catch {
        return false
    }
    const verdict = guards[guard](answer)
    assert.ok(verdict.ok || verdict.rejection.code !== 'hostile')
    return true
}

/**
 * Puts so many mutants to guard and engine: of calls to a leader, to a follower and to one who is
 * not admitted yet, and every eighth of an answer. Fails on the first that is not dealt with.
 */
export function fuzz(seed: number, runs: number): Fuzzed {
    const before = inherited()
    const lots = new Dice(seed, 'mutants')
    const given = society()
    const corpus = specimens(given.calls)
    const targets = ['a', 'b', 'd'].map((id) => new Target(given, id))
    let illegible = 0
    for (let run = 0; run < runs; run++) {
        if (run % 8 === 0) {
            illegible += putAnswer(lots) ? 0 : 1
            continue
        }
        const text = mutant(corpus, lots)
        let envelope: unknown
        try {
            envelope = JSON.parse(text)
        } catch {
            illegible++
            continue
        }
        try {
            targets[run % targets.length]?.put(envelope)
        } catch (cause) {
            throw new Error(`Seed ${seed}, run ${run}: ${text.slice(0, 2000)}`, { cause })
        }
    }
    const tallies = targets.map((target) => {
        target.compare()
        return target.tally
    })
    assert.deepEqual(inherited(), before)
    const sum = (read: (tally: Target['tally']) => number): number =>
        tallies.reduce((total, tally) => total + read(tally), 0)
    return {
        runs,
        illegible,
        rejected: sum(({ rejected }) => [...rejected.values()].reduce((all, n) => all + n, 0)),
        codes: [...new Set(tallies.flatMap(({ rejected }) => [...rejected.keys()]))].sort(),
        refused: sum(({ refused }) => refused),
        taken: sum(({ taken }) => taken)
    }
}
