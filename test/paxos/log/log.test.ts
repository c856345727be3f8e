import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { isAtMost, weighEntry } from '../../../src/paxos/log/entry.js'
import { Log } from '../../../src/paxos/log/log.js'
import type { LogEntry, Welcome } from '../../../src/paxos/messages/messages.js'
import { entries, governmentBody, governmentOf, held, logOf, numbers, userBody } from '../sample.js'

const PLENTY = { entries: 1000, weight: 1e9 }
const chain = entries('5/0', numbers(5, 4))

function said(log: Log, after: number, last: number, limit = PLENTY): string[] {
    return log.run(after, last, limit).map(({ promise }) => promise)
}

function suffixWeight(log: Log): number {
    return log.weigh(log.committed + 1, log.head + 1)
}

describe('a log', () => {
    test('starts at its origin, with position 0 committed and no suffix', () => {
        const log = new Log('5/0')
        assert.deepEqual([log.first, log.committed, log.head], [0, 0, 0])
        assert.equal(log.promiseAt(0), '5/0')
        assert.deepEqual(log.suffix(), [])
    })

    test('appends an entry that continues the head, and rejects any other entry', () => {
        const log = logOf('5/0', chain.slice(0, 2), 1)
        assert.deepEqual(held(log), { committed: ['5/0', '5/1'], suffix: ['5/2'] })
        const stray = { promise: '5/3', previous: '5/1', body: userBody('1') }
        assert.throws(() => log.append(stray), /5\/3 does not continue 5\/2/)
        assert.equal(log.head, 2)
    })

    test('maps the promise of a held entry to its position, and any other promise to -1', () => {
        const log = logOf('5/0', chain, 2)
        assert.deepEqual(['5/0', '5/2', '5/4', '5/5'].map((promise) => log.positionOf(promise)),
            [0, 2, 4, -1])
        assert.equal(log.at(3), chain[2])
        assert.throws(() => log.at(5), RangeError)
        assert.throws(() => log.at(-1), RangeError)
    })

    test('drops the suffix and keeps the committed entries on truncate()', () => {
        const log = logOf('5/0', chain, 2)
        log.truncate()
        assert.deepEqual(held(log), { committed: ['5/0', '5/1', '5/2'], suffix: [] })
        assert.equal(log.positionOf('5/3'), -1)
        assert.equal(suffixWeight(log), 0)
    })

    test('never moves the commit mark back', () => {
        const log = logOf('5/0', chain, 2)
        log.commitThrough(1)
        assert.equal(log.committed, 2)
        log.commitThrough(3)
        assert.deepEqual(log.suffix(), chain.slice(3))
    })

    test('sums the weights of the suffix', () => {
        const log = logOf('5/0', chain, 0)
        const weight = weighEntry(chain[0] ?? assert.fail())
        assert.equal(suffixWeight(log), 4 * weight)
        log.commitThrough(3)
        assert.equal(suffixWeight(log), weight)
    })

    test('estimates the bytes of an entry', () => {
        const [entry] = entries('5/0', ['5/1'])
        assert.equal(weighEntry(entry ?? assert.fail()), 96 + '"5/1"'.length)
        const body = governmentBody('6/0', { majority: ['0'] })
        const government = { promise: '6/0', previous: '5/1', body }
        assert.ok(Math.abs(weighEntry(government) - 96 - JSON.stringify(body).length) < 24)
    })
})

describe('commitAll()', () => {
    test('keeps the suffix if the suffix begins with the committed entry', () => {
        const log = logOf('5/0', chain, 1)
        const copy = structuredClone(chain[1] ?? assert.fail())
        log.commitAll([copy])
        assert.deepEqual(held(log), { committed: ['5/0', '5/1', '5/2'], suffix: ['5/3', '5/4'] })
        assert.equal(log.at(2), chain[1], 'the one that is held stays')
    })

    test('replaces the suffix if the suffix has another entry under the promise', () => {
        const log = logOf('5/0', chain, 1)
        const [chosen] = entries('5/1', ['5/2'], ' chosen')
        log.commitAll([chosen ?? assert.fail()])
        assert.deepEqual(held(log), { committed: ['5/0', '5/1', '5/2'], suffix: [] })
        assert.equal(log.at(2), chosen)
    })

    test('keeps the equal entries at the start of the suffix, and replaces the rest', () => {
        const log = logOf('5/0', chain, 1)
        const [other] = entries('5/2', ['5/3'], ' chosen')
        const chosen = other ?? assert.fail()
        log.commitAll([structuredClone(chain[1] ?? assert.fail()), chosen])
        assert.deepEqual(held(log), { committed: ['5/0', '5/1', '5/2', '5/3'], suffix: [] })
        assert.deepEqual([log.at(2), log.at(3)], [chain[1], chosen])
    })

    test('appends the committed entry if the suffix is empty', () => {
        const log = logOf('5/0', chain.slice(0, 1), 1)
        log.commitAll([chain[1] ?? assert.fail()])
        assert.deepEqual(held(log), { committed: ['5/0', '5/1', '5/2'], suffix: [] })
    })
})

describe('a run', () => {
    const log = logOf('5/0', chain, 4)

    test('has the entries behind one position through another', () => {
        assert.deepEqual(said(log, 1, 3), ['5/2', '5/3'])
        assert.deepEqual(said(log, 4, 4), [])
    })

    test('has at most the number of entries in the limit', () => {
        assert.deepEqual(said(log, 0, 4, { ...PLENTY, entries: 3 }), ['5/1', '5/2', '5/3'])
    })

    test('has at most the weight in the limit, but always the first entry', () => {
        const weight = weighEntry(chain[0] ?? assert.fail())
        assert.deepEqual(said(log, 0, 4, { ...PLENTY, weight: 2 * weight }), ['5/1', '5/2'])
        assert.deepEqual(said(log, 0, 4, { ...PLENTY, weight: 2 * weight - 1 }), ['5/1'])
        assert.deepEqual(said(log, 0, 4, { ...PLENTY, weight: 0 }), ['5/1'])
    })

    test('is the same frozen list for all callers that ask for the same entries', () => {
        const run = log.run(1, 3, PLENTY)
        assert.equal(log.run(1, 3, PLENTY), run)
        assert.ok(Object.isFrozen(run))
        assert.notEqual(log.run(1, 4, PLENTY), run)
        assert.deepEqual(log.run(1, 4, { ...PLENTY, entries: 2 }), run)
    })

    test('has the new entry after another entry replaces the suffix', () => {
        const other = logOf('5/0', chain, 1)
        assert.deepEqual(said(other, 1, 2), ['5/2'])
        const [chosen] = entries('5/1', ['5/2'], ' chosen')
        other.commitAll([chosen ?? assert.fail()])
        assert.deepEqual(other.run(1, 2, PLENTY), [chosen])
    })
})

describe('a record beside an entry', () => {
    test('holds the welcome of the entry at this position only', () => {
        const log = logOf('5/0', chain, 4)
        const welcome: Welcome = { founding: 'f', government: governmentOf('0'), census: {} }
        log.keepWelcome(2, welcome)
        assert.deepEqual([log.welcomeAt(1), log.welcomeAt(2)], [null, welcome])
    })

    test('returns the enacted entries from a promise on', () => {
        const log = logOf('5/0', chain, 3)
        const enacted = chain.slice(0, 3).map((entry): LogEntry => {
            return { module: 'paxos', method: 'entry', ...entry, body: userBody(entry.promise) }
        })
        for (const [index, entry] of enacted.entries()) {
            log.keepEnacted(index + 1, entry)
        }
        assert.deepEqual(log.history(null), enacted)
        assert.deepEqual(log.history('5/2'), enacted.slice(1))
        assert.equal(log.history('5/4'), null, 'what is not committed was not handed out')
        assert.equal(log.history('6/1'), null, 'what is not held cannot be told')
    })
})

describe('the forgotten start of a log', () => {
    const long = entries('5/0', numbers(5, 2000))
    const from = (minimum: number, committed = 2000): number => {
        const log = logOf('5/0', long, committed)
        log.trim(`5/${minimum.toString(16)}`)
        assert.equal(log.promiseAt(log.first), `5/${log.first.toString(16)}`)
        assert.deepEqual([log.committed, log.head], [committed, 2000])
        return log.first
    }

    test('grows by 256 or more on trim()', () => assert.deepEqual([from(255), from(256)], [0, 256]))

    test('has no uncommitted entry, and stays the same on trim() to an unknown promise', () => {
        assert.deepEqual([from(1500, 1499), from(1500, 1500), from(3000)], [0, 1500, 0])
    })

    test('grows until the size to keep is left, on bound() of a log over its limit', () => {
        const bounded = (limit: Partial<typeof PLENTY>, committed = 2000): number => {
            const log = logOf('5/0', long, committed)
            const { entries: count, weight } = { entries: 1e6, weight: 1e9, ...limit }
            const kept = { entries: Math.floor(count * 7 / 8), weight: weight * 7 / 8 }
            log.bound({ entries: count, weight }, kept, { entries: 1, weight: 0 })
            assert.deepEqual([log.committed, log.head], [committed, 2000])
            return log.first
        }
        const weight = weighEntry(long[1999] ?? assert.fail())
        assert.equal(bounded({ entries: 2000 }), 0)
        assert.equal(bounded({ entries: 1999 }), 2000 - 1749)
        assert.equal(bounded({ entries: 80 }), 1930)
        assert.equal(bounded({ weight: 3000 * weight }), 0)
        assert.ok(Math.abs(bounded({ weight: 800 * weight }) - 1300) < 10)
        assert.equal(bounded({ weight: 800 * weight }, 900), 900, 'a suffix is kept whole')
    })

    test('spares the entries that may be under way, within their count and their weight', () => {
        const weight = weighEntry(long[1999] ?? assert.fail())
        const first = (underWay: typeof PLENTY): number => {
            const log = logOf('5/0', long, 2000)
            log.bound({ ...PLENTY, entries: 20 }, { ...PLENTY, entries: 5 }, underWay)
            return log.first
        }
        assert.equal(first({ entries: 3, weight: 1e9 }), 1995)
        assert.equal(first({ entries: 50, weight: 1e9 }), 1950)
        assert.equal(first({ entries: 1000, weight: 10 * weight }), 1989)
    })

    test('changes no position, run or suffix of the remaining log', () => {
        const log = logOf('5/0', long, 1900)
        log.trim('5/5dc')
        assert.equal(log.positionOf('5/5db'), -1)
        assert.equal(log.positionOf('5/5dc'), 1500)
        assert.throws(() => log.at(1499), RangeError)
        assert.equal(log.suffix().length, 100)
        assert.deepEqual(said(log, 1998, 2000), ['5/7cf', '5/7d0'])
        log.truncate()
        assert.equal(log.head, 1900)
        log.append({ promise: '6/0', previous: '5/76c', body: governmentBody('6/0', {}) })
        assert.equal(log.promiseAt(1901), '6/0')
    })
})

test('isAtMost() is true for an equal promise, and false for a greater promise', () => {
    assert.deepEqual([isAtMost('5/1', '5/1'), isAtMost('5/2', '5/1'), isAtMost('4/9', '5/0')],
        [true, false, true])
})
