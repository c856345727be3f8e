import assert from 'node:assert/strict'
import fc from 'fast-check'
import { REJECTION_CODES, type RejectionCode } from '../../src/guard/rejection.js'
import { at, isHolder, overWire, type Path, places, put, thawed, without } from './places.js'
import { guards, FAMILIAR, samples } from './samples.js'

const SEED = 20_260_103

/** One mutation of a message. */
interface Mutation {
    readonly act: 'replace' | 'remove' | 'add' | 'graft' | 'repeat' | 'trap'
    /** The place, modulo the number of places. */
    readonly spot: number
    readonly junk: unknown
    /** Something outlandish instead of the junk, counted round and round. */
    readonly odd: number | null
    readonly key: string
}

const hostile = new Proxy({}, {
    get() { throw new Error('get') },
    has() { throw new Error('has') },
    ownKeys() { throw new Error('ownKeys') },
    getOwnPropertyDescriptor() { throw new Error('getOwnPropertyDescriptor') },
    getPrototypeOf() { throw new Error('getPrototypeOf') }
})

const revoked = Proxy.revocable({}, {})
revoked.revoke()

const deep: unknown = JSON.parse(`${'['.repeat(200_000)}${']'.repeat(200_000)}`)
const deeper: unknown = JSON.parse(`${'{"a":'.repeat(200_000)}0${'}'.repeat(200_000)}`)
const million = Array(10 ** 6).fill('1/0')
const megabyte = 'f'.repeat(2 ** 20)

const OUTLANDISH: readonly unknown[] = [
    null, undefined, true, -0, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53 + 2, -1, 0.5, 1n,
    Symbol('s'), () => 1, '', '__proto__', '0/0', '1/0', '1/0/0', '01', 'A', '\ud800', 'a b', [],
    {}, [null], [[]], deep, deeper, million, megabyte, hostile, revoked.proxy, new Date(0),
    Object.create({ method: 'inherited' }), JSON.parse('{ "__proto__": { "polluted": true } }'),
    { toJSON: () => { throw new Error('toJSON') } }, 'x'.repeat(300)
]

const TRAPS: readonly unknown[] = [hostile, revoked.proxy]

const KEYS = [...FAMILIAR, '__proto__', 'valueOf', 'method', 'entries', 'id', '1/0', '0', 'length']

const mutation: fc.Arbitrary<Mutation> = fc.record({
    act: fc.constantFrom('replace', 'remove', 'add', 'graft', 'repeat', 'trap'),
    spot: fc.nat(),
    junk: fc.oneof(
        fc.jsonValue({ maxDepth: 3 }), fc.string({ unit: 'binary' }),
        fc.bigInt({ min: 0n }).map((word) => word.toString(16)),
        fc.tuple(fc.nat({ max: 9 }), fc.nat()).map((words) => words.join('/')),
        fc.constantFrom(...KEYS), fc.double(), fc.anything({ maxDepth: 2, withNullPrototype: true })
    ),
    // By number: fast-check would look at the values themselves, and some throw.
    odd: fc.option(fc.nat({ max: OUTLANDISH.length - 1 })),
    key: fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...KEYS) }, fc.string())
})

/** The places of each sample. */
const PLACES: readonly (readonly Path[])[] = samples.map(({ value }) => places(value))

/** An object that throws when its field is read. */
function trap(holder: unknown, key: string): unknown {
    const trapped = isHolder(holder) ? Object.fromEntries(Object.entries(holder)) : {}
    return Object.defineProperty(trapped, key, {
        enumerable: true, get() { throw new Error('Do not look at me.') }
    })
}

/** Adds one mutation at a place of the sample. */
function mutate(
    whole: unknown, found: readonly Path[], { act, spot, odd, key, ...other }: Mutation
): unknown {
    const junk = odd === null ? other.junk : OUTLANDISH[odd]
    const path = found[spot % found.length] ?? []
    switch (act) {
        case 'replace':
            return put(whole, path, junk)
        case 'remove':
            return without(whole, path)
        case 'add': {
            const part = at(whole, path)
            return Array.isArray(part)
                ? put(whole, path, [...part, junk])
                : put(whole, [...path, key], junk)
        }
        case 'graft': {
            const index = spot % samples.length
            const scions = PLACES[index] ?? []
            return put(whole, path, at(samples[index]?.value, scions[spot % scions.length] ?? []))
        }
        case 'repeat': {
            const part = at(whole, path)
            return put(whole, path, Array.isArray(part) ? [...part, ...part] : [part, part])
        }
        case 'trap':
            return put(whole, path, trap(at(whole, path), String(path.at(-1) ?? key)))
        default:
            return act satisfies never
    }
}

/** The mutant after as many mutations as it survives; some cannot even be copied. */
function mutant(index: number, mutations: readonly Mutation[]): unknown {
    let whole: unknown = samples[index]?.value
    for (const next of mutations) {
        try {
            whole = mutate(whole, PLACES[index] ?? [], next)
        } catch {
            return whole
        }
    }
    return whole
}

function isTrap({ act, odd }: Mutation): boolean {
    return act === 'trap' || (odd !== null && TRAPS.includes(OUTLANDISH[odd]))
}

const CODES: readonly string[] = REJECTION_CODES

/** What became of all mutants. */
export interface Fuzzed {
    readonly seed: number
    readonly runs: number
    readonly accepted: number
    readonly rejected: ReadonlyMap<RejectionCode, number>
}

/** Puts so many mutants to every guard; fails on the first that is not dealt with. */
export function fuzz(runs: number): Fuzzed {
    const rejected = new Map<RejectionCode, number>()
    let accepted = 0
    const mutants = fc.tuple(
        fc.nat({ max: samples.length - 1 }), fc.array(mutation, { minLength: 1, maxLength: 4 })
    )
    const property = fc.property(mutants, ([index, mutations]) => {
        const sample = samples[index]
        assert(sample !== undefined)
        const guard = guards[sample.guard]
        const result = guard(mutant(index, mutations))
        if (result.ok) {
            accepted++
            assert.equal(thawed(result.value), null)
            assert.deepEqual(guard(result.value), result)
            // As text: a user's value may hold what JSON spells in another way, as -0.
            assert.equal(JSON.stringify(guard(overWire(result.value))), JSON.stringify(result))
            return
        }
        const { code, at: place } = result.rejection
        rejected.set(code, (rejected.get(code) ?? 0) + 1)
        assert(CODES.includes(code))
        // An exception in the guard itself would also be reported here.
        assert(code !== 'hostile' || mutations.some(isTrap))
        assert.match(place, /^(?:[A-Za-z0-9._:/?-]|\[[A-Za-z0-9._:/?-]*\]){0,128}$/)
    })
    fc.assert(property, { seed: SEED, numRuns: runs })
    return { seed: SEED, runs, accepted, rejected }
}
