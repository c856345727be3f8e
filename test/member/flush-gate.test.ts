import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { FlushGate } from '../../src/member/flush-gate.js'
import { closed, input } from '../support/closed-gate.js'
import { settled } from '../support/notebook.js'

describe('FlushGate', () => {
    test('is always open without a journal', () => {
        const gate = new FlushGate()
        let count = 0
        gate.pass(() => count++)
        assert.equal(gate.record(input(1)), true)
        gate.pass(() => count++)
        gate.gated(() => count++)(null)
        assert.deepEqual([count, gate.isOpen, gate.recorded], [3, true, 0])
    })

    test('runs an action at once while every input is flushed', () => {
        const { passed, pass } = closed()
        pass('a')
        assert.deepEqual(passed, ['a'])
    })

    test('flushes only when an action waits, and then flushes all inputs', async () => {
        const { journal, gate, passed, pass } = closed()
        gate.record(input(1))
        await settled()
        gate.record(input(2))
        await settled()
        assert.deepEqual([journal.flushes, gate.isOpen], [0, false])
        pass('a')
        await settled()
        assert.equal(journal.flushes, 1)
        gate.record(input(3))
        journal.flushNow()
        await settled()
        assert.deepEqual([journal.flushes, passed, gate.isOpen], [1, ['a'], false])
        pass('b')
        await settled()
        journal.flushNow()
        await settled()
        assert.deepEqual([journal.flushes, passed, gate.isOpen], [2, ['a', 'b'], true])
    })

    test('leaves at most 64 inputs unflushed even if no action waits', async () => {
        const { journal, gate } = closed()
        for (let when = 1; when <= 64; when++) {
            gate.record(input(when))
            await settled()
        }
        assert.equal(journal.flushes, 0)
        gate.record(input(65))
        await settled()
        assert.equal(journal.flushes, 1)
        journal.flushNow()
        await settled()
        assert.equal(gate.isOpen, true)
    })

    test('holds actions until the input before them is flushed, in order', async () => {
        const { journal, gate, passed, pass } = closed()
        gate.record(input(1))
        pass('a')
        pass('b')
        await settled()
        assert.deepEqual([journal.flushes, passed, gate.isOpen], [1, [], false])
        journal.flushNow()
        await settled()
        assert.deepEqual([passed, gate.isOpen], [['a', 'b'], true])
        pass('c')
        assert.deepEqual(passed, ['a', 'b', 'c'])
    })

    test('puts the inputs of a turn into one flush, and later inputs into the next', async () => {
        const { journal, gate, passed, pass } = closed()
        for (const [when, name] of ['a', 'b', 'c'].entries()) {
            gate.record(input(when))
            pass(name)
        }
        await settled()
        for (const [when, name] of ['d', 'e'].entries()) {
            gate.record(input(when))
            pass(name)
            await settled()
        }
        assert.equal(journal.flushes, 1)
        journal.flushNow()
        await settled()
        assert.deepEqual([journal.flushes, passed], [2, ['a', 'b', 'c']])
        journal.flushNow()
        await settled()
        assert.deepEqual([journal.flushes, passed], [2, ['a', 'b', 'c', 'd', 'e']])
    })

    test('holds an action behind an input that a released action recorded', async () => {
        const { journal, gate, passed, pass } = closed()
        gate.record(input(1))
        gate.pass(() => {
            gate.record(input(2))
            pass('later')
        })
        pass('sooner')
        await settled()
        journal.flushNow()
        await settled()
        assert.deepEqual([passed, gate.isOpen], [['sooner'], false])
        journal.flushNow()
        await settled()
        assert.deepEqual([passed, gate.isOpen], [['sooner', 'later'], true])
    })

    test('keeps the order of actions that arrive during a release', async () => {
        const { journal, gate, passed, pass } = closed()
        gate.record(input(1))
        gate.pass(() => pass('last'))
        pass('first')
        await settled()
        journal.flushNow()
        await settled()
        assert.deepEqual(passed, ['first', 'last'])
    })

    test('runs no action after a failed flush, and never flushes again', async () => {
        const { journal, gate, passed, pass } = closed()
        gate.record(input(1))
        pass('a')
        gate.pass(() => passed.push('never'))
        await settled()
        gate.record(input(2))
        pass('b')
        journal.fail(new Error('EIO'))
        await settled()
        const failed = 'journal-failed'
        assert.deepEqual(passed, [`stopped: ${failed}`, `a: ${failed}`, `b: ${failed}`])
        assert.equal(gate.record(input(3)), false)
        pass('c')
        await settled()
        assert.deepEqual([passed.at(-1), passed.length], [`c: ${failed}`, 4])
        assert.deepEqual([journal.flushes, gate.isOpen, gate.recorded], [1, false, 2])
        assert.match(String(gate.failure?.cause), /EIO/)
    })

    test('fails when the journal rejects an append', () => {
        const { journal, gate, passed, pass } = closed()
        journal.fail(new Error('ENOSPC'))
        assert.equal(gate.record(input(1)), false)
        pass('a')
        assert.deepEqual(passed, ['stopped: journal-failed', 'a: journal-failed'])
    })

    test('fails when a flush does not reach the last input', async () => {
        const { journal, gate, passed, pass } = closed()
        gate.record(input(1))
        pass('a')
        journal.flush = () => Promise.resolve(0)
        await settled()
        assert.deepEqual(passed, ['stopped: journal-failed', 'a: journal-failed'])
    })

    test('calls a held callback with the failure', async () => {
        const { journal, gate } = closed()
        const outcomes: unknown[] = []
        const callback = gate.gated<string>((error, result) => outcomes.push(error ?? result))
        callback(null, 'at once')
        gate.record(input(1))
        callback(null, 'never')
        await settled()
        journal.fail(new Error('EIO'))
        await settled()
        assert.deepEqual(outcomes, ['at once', gate.failure])
    })

    test('delivers entries as soon as the record of their acceptance is flushed', async () => {
        const { journal, gate, passed, pass } = closed()
        const deliver = (through: number, name: string): void =>
            gate.passEntries(through, () => passed.push(name))
        gate.record(input(1))
        deliver(1, 'a')
        await settled()
        gate.record(input(2))
        pass('answer')
        journal.flushNow()
        await settled()
        assert.deepEqual(passed, ['a'])
        deliver(1, 'b')
        assert.deepEqual(passed, ['a', 'b'])
        deliver(2, 'c')
        deliver(1, 'd')
        assert.deepEqual(passed, ['a', 'b'], 'no entry overtakes another entry')
        journal.flushNow()
        await settled()
        assert.deepEqual(passed, ['a', 'b', 'c', 'd', 'answer'])
        assert.equal(gate.isOpen, true)
    })

    test('delivers no entry after the journal has failed', async () => {
        const { journal, gate, passed } = closed()
        gate.record(input(1))
        gate.passEntries(1, () => passed.push('a'))
        await settled()
        journal.fail(new Error('EIO'))
        await settled()
        gate.passEntries(0, () => passed.push('b'))
        assert.deepEqual(passed, ['stopped: journal-failed'])
    })
})
