import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { makeNumberTag, makeBrand } from '../../src/base/object-brand.js'

describe('makeBrand', () => {
    const stamp = makeBrand()

    test('marks an object without a visible property, even twice', () => {
        const bearer = Object.freeze({ a: 1 })
        assert.equal(stamp.isMarked(bearer), false)
        stamp.mark(bearer)
        stamp.mark(bearer)
        assert.equal(stamp.isMarked(bearer), true)
        assert.deepEqual(bearer, { a: 1 })
        assert.deepEqual(Reflect.ownKeys(bearer), ['a'])
        assert.equal(JSON.stringify(bearer), '{"a":1}')
    })

    test('marks no copy, proxy or heir of a marked object', () => {
        const bearer = { a: 1 }
        stamp.mark(bearer)
        const impostors = [
            { ...bearer }, structuredClone(bearer), new Proxy(bearer, {}), Object.create(bearer)
        ]
        assert(impostors.every((each) => !stamp.isMarked(each)))
    })

    test('gives each brand marks of its own', () => {
        const bearer = {}
        makeBrand().mark(bearer)
        assert.equal(stamp.isMarked(bearer), false)
    })
})

describe('makeNumberTag', () => {
    test('gives one object a number without a visible property', () => {
        const label = makeNumberTag()
        const bearer = { a: 1 }
        label.put(bearer, 7)
        assert.deepEqual([label.of(bearer), label.of({ ...bearer }), makeNumberTag().of(bearer)],
            [7, undefined, undefined])
        assert.deepEqual(Reflect.ownKeys(bearer), ['a'])
    })
})
