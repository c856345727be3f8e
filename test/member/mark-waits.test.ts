import assert from 'node:assert/strict'
import { beforeEach, describe, test } from 'node:test'
import { MarkWaits } from '../../src/member/mark-waits.js'
import { destroyed } from '../../src/member/shutdown.js'

describe('the waits for a mark', () => {
    let delivered: string | null = null
    let isExiled = false
    /** The deliveries that a disk holds up; `null` without a disk. */
    let held: (() => void)[] | null = null
    let ends: (string | null)[] = []
    let waits: MarkWaits

    beforeEach(() => {
        delivered = null
        isExiled = false
        held = null
        ends = []
        waits = new MarkWaits({
            get delivered() {
                return delivered
            },
            paxos: {
                get exiled() {
                    return isExiled
                }
            },
            gate: {
                passEntries: (_through, action) => {
                    if (held === null) {
                        action()
                    } else {
                        held.push(action)
                    }
                }
            }
        })
    })

    function add(mark: string): () => void {
        return waits.add(mark, (outcome) => ends.push(outcome?.code ?? null))
    }

    test('ends at once if the log has reached the mark', () => {
        delivered = '2/5'
        add('2/5')
        assert.deepEqual(ends, [null])
        assert.equal(waits.size, 0)
    })

    test('ends when the log reaches the mark, and once', () => {
        add('2/5')
        add('2/7')
        delivered = '2/6'
        waits.check()
        waits.check()
        assert.deepEqual(ends, [null])
        assert.equal(waits.size, 1)
    })

    test('ends with the exile if the log has ended before the mark', () => {
        delivered = '2/4'
        add('2/5')
        isExiled = true
        waits.check()
        assert.deepEqual(ends, ['exiled'])
        assert.equal(waits.size, 0)
    })

    test('ends behind the entries that the disk of an exile holds up', () => {
        add('2/5')
        held = []
        isExiled = true
        waits.check()
        assert.deepEqual(ends, [])
        delivered = '2/5'
        for (const deliver of held) {
            deliver()
        }
        assert.deepEqual(ends, [null])
    })

    test('is forgotten', () => {
        add('2/5')()
        delivered = '2/5'
        waits.check()
        waits.reject(destroyed())
        assert.deepEqual(ends, [])
    })

    test('ends with the reason of a rejection', () => {
        add('2/5')
        waits.reject(destroyed())
        assert.deepEqual(ends, ['destroyed'])
    })
})
