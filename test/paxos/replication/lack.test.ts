import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Lack } from '../../../src/paxos/replication/lack.js'

describe('a lack of entries', () => {
    test('lasts until the commit mark moves', () => {
        const lack = new Lack()
        lack.hear('3/1', '3/1', 100)
        assert.equal(lack.lastsMs('3/1', 150), 0)
        lack.hear('3/1', '3/4', 200)
        lack.hear('3/1', '3/5', 300)
        assert.equal(lack.lastsMs('3/1', 350), 150)
        assert.equal(lack.lastsMs('3/2', 350), 0)
        lack.hear('3/2', '3/5', 400)
        assert.equal(lack.lastsMs('3/2', 450), 50)
        lack.hear('3/5', '3/5', 500)
        assert.equal(lack.state(), null)
    })

    test('does not end by the word of a feeder that lacks the entries, too', () => {
        const lack = new Lack()
        lack.hear('3/1', '3/4', 200)
        lack.hear('3/1', '3/1', 300)
        lack.hear('3/1', '3/0', 300)
        assert.equal(lack.lastsMs('3/1', 350), 150)
    })

    test('counts the first word of lost entries since the last progress', () => {
        const lack = new Lack()
        assert.equal(lack.hearTrimmed('3/1'), false)
        lack.hear('3/1', '3/4', 200)
        assert.equal(lack.hearTrimmed('3/1'), true)
        assert.equal(lack.hearTrimmed('3/1'), false)
        lack.hear('3/1', '3/5', 300)
        assert.equal(lack.isTrimmed('3/1'), true)
        assert.equal(lack.isTrimmed('3/2'), false)
        lack.hear('3/2', '3/5', 400)
        assert.equal(lack.isTrimmed('3/2'), false)
        assert.equal(lack.hearTrimmed('3/2'), true)
    })

    test('survives writing and restoring, but no new process', () => {
        const lack = new Lack()
        assert.equal(Lack.restore(lack.state()).state(), null)
        lack.hear('3/1', '3/4', 200)
        lack.hearTrimmed('3/1')
        const restored = Lack.restore(lack.state())
        assert.equal(restored.lastsMs('3/1', 350), 150)
        assert.equal(restored.isTrimmed('3/1'), true)
        restored.forget()
        assert.equal(restored.state(), null)
    })
})
