import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { RejectionCode } from '../../src/guard/rejection.js'
import { guarded, kindOf } from './kinds.js'
import { at, isHolder, put, thawed } from './places.js'
import { guards, receive, requests, samples, type Sample } from './samples.js'

const NESTED = 200_000

function parse(json: string): unknown {
    const parsed: unknown = JSON.parse(json)
    return parsed
}

const deep = parse(`${'['.repeat(NESTED)}${']'.repeat(NESTED)}`)
const deeper = parse(`${'{"a":'.repeat(NESTED)}0${'}'.repeat(NESTED)}`)

function codeOf(sample: Sample, value: unknown): RejectionCode | null {
    const result = guards[sample.guard](value)
    return result.ok ? null : result.rejection.code
}

/** A proxy that throws on each operation. */
function throwing(): object {
    const fail = (): never => {
        throw new Error('This value throws on access.')
    }
    return new Proxy({}, new Proxy({}, { get: fail }))
}

function revoked(target: object): object {
    const { proxy, revoke } = Proxy.revocable(target, {})
    revoke()
    return proxy
}

/** A copy of the value that counts the reads of each field. Lists are not counted. */
function counted(value: unknown, counts: Map<string, number>, path = ''): unknown {
    if (Array.isArray(value)) {
        return value.map((item, index) => counted(item, counts, `${path}.${index}`))
    }
    if (!isHolder(value)) {
        return value
    }
    const holder = {}
    for (const [key, part] of Object.entries(value)) {
        const place = `${path}.${key}`
        const watched = counted(part, counts, place)
        Object.defineProperty(holder, key, {
            enumerable: true,
            get: () => {
                counts.set(place, (counts.get(place) ?? 0) + 1)
                return watched
            }
        })
    }
    return holder
}

describe('a hostile value', () => {
    test('is rejected if it nests 200,000 levels deep, in any field', () => {
        for (const sample of samples) {
            for (const path of guarded(sample)) {
                const isOpaque = kindOf(sample, path) === 'opaque'
                for (const bottomless of [deep, deeper]) {
                    const code = codeOf(sample, put(sample.value, path, bottomless))
                    assert.notEqual(code, null)
                    assert(isOpaque ? code === 'too-deep' : code !== 'hostile', String(code))
                }
            }
        }
    })

    test('is ignored as an unknown field, and is not read', () => {
        const { register } = requests
        const result = guards.call(receive({ ...register, newer: deep, other: throwing() }))
        assert(result.ok)
        assert.deepEqual(result.value, receive(register))
    })

    test('is rejected if it is a proxy that throws, in any field', () => {
        for (const sample of samples) {
            for (const path of guarded(sample)) {
                for (const trap of [throwing(), revoked({}), revoked([]), revoked(() => 1)]) {
                    const code = codeOf(sample, put(sample.value, path, trap))
                    assert.match(code ?? '', /^(?:hostile|wrong-type|not-an-object)$/)
                }
            }
        }
    })

    test('is rejected if its getter throws, and the path names the getter', () => {
        for (const sample of samples) {
            for (const path of guarded(sample)) {
                const key = path.at(-1)
                const holder = at(sample.value, path.slice(0, -1))
                if (key === undefined || !isHolder(holder)) {
                    continue
                }
                const trapped = Array.isArray(holder) ? [...holder] : { ...holder }
                Object.defineProperty(trapped, key, {
                    enumerable: true,
                    get: () => {
                        throw new Error('Do not look at me.')
                    }
                })
                const value = put(sample.value, path.slice(0, -1), trapped)
                const result = guards[sample.guard](value)
                assert(!result.ok)
                assert.equal(result.rejection.code, 'hostile')
                assert(result.rejection.at.includes(String(key)), result.rejection.at)
            }
        }
    })

    test('is read once, so that it cannot change between two reads', () => {
        for (const { guard, value } of samples) {
            const counts = new Map<string, number>()
            const result = guards[guard](counted(value, counts))
            assert.deepEqual(result, { ok: true, value })
            assert(result.ok)
            assert.equal(thawed(result.value), null)
            for (const [place, count] of counts) {
                assert.equal(count, 1, place)
            }
        }
    })

    test('counts with its own properties only', () => {
        for (const sample of samples) {
            for (const path of guarded(sample)) {
                const part = at(sample.value, path)
                if (isHolder(part) && !Array.isArray(part) && Object.keys(part).length !== 0
                    && kindOf(sample, path).startsWith('record')) {
                    const heir: unknown = Object.create(part)
                    assert.equal(codeOf(sample, put(sample.value, path, heir)), 'missing-field')
                }
            }
        }
    })

    test('changes no prototype, in any JSON', () => {
        const before = Reflect.ownKeys(Object.prototype)
        const body = JSON.stringify(receive(requests.welcome))
        for (const key of ['republic', 'welcome', 'census', 'properties', 'immigrated', 'id']) {
            for (const evil of ['__proto__', 'constructor', 'prototype']) {
                const text = body.replaceAll(`"${key}":`, `"${evil}":{"polluted":1},"${key}":`)
                guards.call(parse(text))
                guards.call(parse(body.replaceAll(`"${key}":`, `"${evil}":`)))
            }
        }
        assert.deepEqual(Reflect.ownKeys(Object.prototype), before)
        assert(!('polluted' in {}))
    })

    test('counts with the last of two fields of one name, as in JSON', () => {
        const text = JSON.stringify(receive(requests.canvass))
        const twice = text.replace('"standing":null', '"standing":-1,"standing":5')
        const result = guards.call(parse(twice))
        assert(result.ok)
        assert.deepEqual(result.value, receive({ ...requests.canvass, standing: 5 }))
        const worse = text.replace('"standing":null', '"standing":5,"standing":1e999')
        assert.deepEqual(guards.call(parse(worse)), {
            ok: false, rejection: { code: 'bad-number', at: 'body.standing' }
        })
    })

    test('has one zero: -0 becomes 0', () => {
        const result = guards.call(receive({ ...requests.canvass, republic: -0, standing: -0 }))
        assert.deepEqual(result, {
            ok: true, value: receive({ ...requests.canvass, republic: 0, standing: 0 })
        })
    })
})
