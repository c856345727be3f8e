import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fileOf } from '../support/compiled.js'
import { ADOPTION, COMMIT, KEEPERS } from './keepers.js'
import { placesOf } from './places.js'

test('each function that keeps a property has a unique name', () => {
    for (const [property, names] of Object.entries({ ...KEEPERS, ADOPTION, COMMIT })) {
        assert.ok(names.length > 0, property)
        for (const place of placesOf(names)) {
            assert.match(place, /^[\w.]+ src\/[\w/-]+\.ts$/, property)
        }
    }
})

test('a missing function is named without a file', () => {
    const file = fileOf('quorum').replace(/\.js$/, '.ts')
    assert.deepEqual(placesOf(['Writer.committed', 'quorum']),
        ['Writer.committed', `quorum src/${file}`])
})
