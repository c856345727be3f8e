import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { makeNumberTag, makeBrand } from '../../src/base/object-brand.js'

describe('a stamp', () => {
    const stamp = makeBrand()

    test('marks an object unseen, frozen or not, once and again', () => {
        const bearer = Object.freeze({ a: 1 })
        assert.equal(stamp.isMarked(bearer), false)
        stamp.mark(bearer)
        stamp.mark(bearer)
        assert.equal(stamp.isMarked(bearer), true)
        assert.deepEqual(bearer, { a: 1 })
        assert.deepEqual(Reflect.ownKeys(bearer), ['a'])
        assert.equal(JSON.stringify(bearer), '{"a":1}')
    })

    test('is borne by no copy, no proxy and no heir of what bears it', () => {
        const bearer = { a: 1 }
        stamp.mark(bearer)
        const impostors = [
            { ...bearer }, structuredClone(bearer), new Proxy(bearer, {}), Object.create(bearer)
        ]
        assert(impostors.every((each) => !stamp.isMarked(each)))
    })

    test('is not another stamp', () => {
        const bearer = {}
        makeBrand().mark(bearer)
        assert.equal(stamp.isMarked(bearer), false)
    })
})

describe('a label', () => {
    test('is a number that only its bearer bears, unseen', () => {
        const label = makeNumberTag()
        const bearer = { a: 1 }
        label.put(bearer, 7)
        assert.deepEqual([label.of(bearer), label.of({ ...bearer }), makeNumberTag().of(bearer)],
            [7, undefined, undefined])
        assert.deepEqual(Reflect.ownKeys(bearer), ['a'])
    })
})
