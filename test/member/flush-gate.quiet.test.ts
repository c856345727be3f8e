import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { closed, input } from '../support/closed-gate.js'
import { settled } from '../support/notebook.js'

/** Records and flushes an input at an instant. */
async function flushed(
    { journal, gate, pass }: Pick<ReturnType<typeof closed>, 'journal' | 'gate' | 'pass'>,
    when: number
): Promise<void> {
    gate.record(input(when))
    pass(String(when))
    await settled()
    journal.flushNow()
    await settled()
}

describe('FlushGate with quiet inputs', () => {
    test('lets no effect wait for a quiet input', async () => {
        const { journal, gate, passed, pass } = closed()
        await flushed({ journal, gate, pass }, 1)
        gate.keepQuiet(input(2))
        pass('a')
        assert.deepEqual([passed, gate.isOpen, gate.recorded], [['1', 'a'], true, 1])
        gate.record(input(3))
        assert.equal(gate.recorded, 3, 'the quiet input comes first')
        gate.keepQuiet(input(4))
        pass('b')
        assert.deepEqual(passed, ['1', 'a'])
        await settled()
        journal.flushNow()
        await settled()
        assert.deepEqual([passed, journal.played.map(({ when }) => when)],
            [['1', 'a', 'b'], [1, 2, 3]])
    })

    test('flushes quiet inputs after half a minute, although no effect waits', async () => {
        const { journal, gate, passed, pass } = closed()
        await flushed({ journal, gate, pass }, 1)
        gate.keepQuiet(input(2))
        gate.keepQuiet(input(30_001))
        await settled()
        assert.deepEqual([journal.flushes, gate.recorded], [1, 1])
        gate.keepQuiet(input(30_002))
        await settled()
        assert.deepEqual([journal.flushes, gate.recorded, gate.isOpen], [2, 4, true])
        pass('a')
        journal.flushNow()
        await settled()
        assert.deepEqual([passed, journal.played.length], [['1', 'a'], 4])
    })

    test('lets effects wait for a quiet input a minute after the last flushed input', async () => {
        const { journal, gate, passed, pass } = closed()
        await flushed({ journal, gate, pass }, 1)
        gate.keepQuiet(input(60_001))
        pass('a')
        gate.keepQuiet(input(60_002))
        pass('b')
        assert.deepEqual([passed, gate.recorded], [['1', 'a'], 3])
        await settled()
        journal.flushNow()
        await settled()
        assert.deepEqual([passed, gate.isOpen], [['1', 'a', 'b'], true])
    })

    test('records quiet inputs before the end, and lets the end wait', async () => {
        const { journal, gate, passed, pass } = closed()
        await flushed({ journal, gate, pass }, 1)
        gate.keepQuiet(input(2))
        gate.recordLast()
        pass('end')
        assert.deepEqual([passed, gate.quiet.count], [['1'], 0])
        await settled()
        journal.flushNow()
        await settled()
        assert.deepEqual([passed, journal.played.length], [['1', 'end'], 2])
    })

    test('keeps no quiet input after a failure', async () => {
        const { journal, gate, pass } = closed()
        await flushed({ journal, gate, pass }, 1)
        gate.record(input(2))
        pass('a')
        await settled()
        journal.fail(new Error('EIO'))
        await settled()
        gate.keepQuiet(input(3))
        gate.recordLast()
        assert.deepEqual([gate.quiet.count, gate.recorded], [0, 2])
    })
})
