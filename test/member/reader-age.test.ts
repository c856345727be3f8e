import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Moment, ReaderAge } from '../../src/member/reader-age.js'

function moment(now: number, committed: string, freshAt: number | null, lapses = 0): Moment {
    return { now, lapses, committed, freshAt }
}

describe('the age of a reader', () => {
    test('is the age of the engine if the reader is level', () => {
        const age = new ReaderAge()
        assert.equal(age.ageAt('1/5', moment(100, '1/5', 80)), 20)
        assert.equal(age.ageAt('1/6', moment(110, '1/5', 100)), 10)
    })

    test('is unknown if the engine knows nothing', () => {
        assert.equal(new ReaderAge().ageAt('1/5', moment(100, '1/5', null)), null)
    })

    test('is zero at a level reader of a leader that decides alone', () => {
        const age = new ReaderAge()
        assert.equal(age.ageAt('1/5', moment(100, '1/5', Number.POSITIVE_INFINITY)), 0)
        assert.equal(age.ageAt('1/5', moment(140, '1/7', Number.POSITIVE_INFINITY)), 41)
    })

    test('is the age of the last commit mark that a late reader has reached', () => {
        const age = new ReaderAge()
        assert.equal(age.ageAt('1/5', moment(100, '1/9', 90)), null)
        assert.equal(age.ageAt('1/8', moment(200, '1/14', 190)), null)
        assert.equal(age.ageAt('1/9', moment(300, '1/19', 290)), 210)
        assert.equal(age.ageAt('1/18', moment(400, '1/29', 390)), 310)
        assert.equal(age.ageAt('1/20', moment(500, '1/39', 490)), 210)
    })

    test('is unknown after the clock went back', () => {
        const age = new ReaderAge()
        assert.equal(age.ageAt('1/5', moment(100, '1/5', 80)), 20)
        assert.equal(age.ageAt('1/5', moment(100, '1/5', null, 1)), null)
        assert.equal(age.ageAt('1/5', moment(130, '1/5', 110, 1)), 20)
    })
})
