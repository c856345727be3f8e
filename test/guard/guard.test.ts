import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { after, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { REJECTION_CODES } from '../../src/guard/rejection.js'
import { fuzz } from './fuzz.js'
import { badFor, guarded, isOptional, kindOf } from './kinds.js'
import { at, freeze, overWire, type Path, put, thawed, without } from './places.js'
import { playGuarded } from './republic.js'
import { guards, type Sample, samples } from './samples.js'
import { collapses } from '../conformance/collapse.js'
import { stable } from '../conformance/stable.js'

/** The properties of the built-in prototypes, as they are now. */
function inherited(): unknown[] {
    return [Object.prototype, Array.prototype, Function.prototype, String.prototype].map(
        (prototype) => Object.getOwnPropertyDescriptors(prototype)
    )
}

const before = inherited()

after(() => {
    assert.deepEqual(inherited(), before)
})

/** A path as a rejection tells it. */
function where(sample: Sample, path: Path): string {
    const steps = path.map((key, depth) => {
        const isItem = typeof key === 'number'
            || kindOf(sample, path.slice(0, depth)).startsWith('dictionary')
        return isItem ? `[${key}]` : `.${key}`
    })
    return steps.join('').replace(/^\./, '')
}

function rejects(sample: Sample, value: unknown, code: string, path: Path): void {
    const at = where(sample, path)
    const result = guards[sample.guard](value)
    assert.deepEqual(result, { ok: false, rejection: { code, at } }, `${code} at ${at}`)
    assert(!result.ok && Object.isFrozen(result.rejection))
}

describe('the guard', () => {
    for (const sample of samples) {
        const { name, guard, value } = sample

        test(`rebuilds and freezes: ${name}`, () => {
            for (const given of [value, freeze(overWire(value))]) {
                const result = guards[guard](given)
                assert(result.ok, JSON.stringify(result))
                assert.deepEqual(result.value, value)
                assert.equal(thawed(result.value), null)
                assert.deepEqual(guards[guard](result.value), result)
                assert.deepEqual(guards[guard](overWire(result.value)), result)
            }
        })

        test(`reports each missing field that is not optional: ${name}`, () => {
            for (const path of guarded(sample).slice(1)) {
                const isEntry = kindOf(sample, path.slice(0, -1)).startsWith('dictionary')
                const lacking = without(value, path)
                if (isEntry || isOptional(sample, path)) {
                    assert.deepEqual(guards[guard](lacking), { ok: true, value: lacking })
                } else {
                    rejects(sample, lacking, 'missing-field', path)
                }
                if (!isOptional(sample, path)) {
                    rejects(sample, put(value, path, undefined), 'missing-field', path)
                }
            }
        })

        test(`reports the code and the path of each defect: ${name}`, () => {
            for (const path of guarded(sample)) {
                for (const [bad, code] of badFor(kindOf(sample, path))) {
                    if (path.length !== 0 || (bad !== null && bad !== undefined)) {
                        rejects(sample, put(value, path, bad), code, path)
                    }
                }
            }
        })

        test(`ignores unknown fields: ${name}`, () => {
            for (const path of guarded(sample)) {
                if (kindOf(sample, path).startsWith('record') && at(value, path) !== null) {
                    for (const extra of ['newer', 'then', 'constructor', 'toJSON', '__proto__']) {
                        const result = guards[guard](put(value, [...path, extra], { polluted: 1 }))
                        assert(result.ok, JSON.stringify(result))
                        assert.deepEqual(result.value, value)
                    }
                }
            }
        })

        test(`rejects a key that names a prototype: ${name}`, () => {
            for (const path of guarded(sample)) {
                if (kindOf(sample, path).startsWith('dictionary') && at(value, path) !== null) {
                    const place = [...path, '__proto__']
                    const result = guards[guard](put(value, place, { polluted: 1 }))
                    const rejection = result.ok ? null : result.rejection
                    assert.equal(rejection?.at, where(sample, place))
                    assert.match(rejection?.code ?? '', /^bad-(?:id|number)$/)
                }
            }
        })
    }

    test('reads a missing answer as null', () => {
        for (const guard of ['response', 'receipts', 'outcome'] as const) {
            for (const absent of [null, undefined]) {
                assert.deepEqual(guards[guard](absent), { ok: true, value: null })
            }
        }
        for (const absent of [null, undefined]) {
            const result = guards.call(absent)
            assert(!result.ok)
            assert.equal(result.rejection.at, '')
        }
    })

    test('works if prototypes are frozen and __proto__ is removed', () => {
        const alone = fileURLToPath(new URL('./alone.js', import.meta.url))
        const { status, stdout, stderr } = spawnSync(
            process.execPath, ['--disable-proto=delete', alone], { encoding: 'utf8' }
        )
        assert.equal(status, 0, stderr)
        assert.equal(stdout, `${samples.length} samples\n`)
    })
})

describe('the messages of engines', () => {
    test('pass the guard, and the republics behave as without a guard', (context) => {
        const heard = playGuarded([...stable, ...collapses])
        context.diagnostic(JSON.stringify(Object.fromEntries(heard)))
        for (const method of [
            'register', 'synchronize', 'canvass', 'prepare', 'petition', 'recorded', 'promised',
            'ahead', 'synchronized', 'granted', 'refused'
        ]) {
            assert(heard.get(method) ?? 0, `no engine has sent ${method}`)
        }
    })
})

describe('mutated messages', () => {
    test('never make the guard throw, and an accepted message is accepted again', (context) => {
        const { seed, runs, accepted, rejected } = fuzz(25_000)
        context.diagnostic(`seed ${seed}: ${runs} runs, ${accepted} accepted`)
        context.diagnostic(JSON.stringify(Object.fromEntries(rejected)))
        assert(accepted > runs / 50, 'too few mutants live')
        const codes = [...rejected.keys()].sort()
        assert.deepEqual(codes, [...REJECTION_CODES].sort(), 'some code was never seen')
    })
})
