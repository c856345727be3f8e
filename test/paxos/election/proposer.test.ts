import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { nextBallot, Proposer } from '../../../src/paxos/election/proposer.js'
import type { Accepted } from '../../../src/paxos/election/withdrawal.js'
import { entries, governmentOf, numbers } from '../sample.js'

const NOTHING: Accepted = { ballot: '0/0/0', entries: [], draft: null }

const GOVERNMENT = governmentOf('0 1|2')

function accepted(ballot: string, count: number, mark = ''): Accepted {
    return { ballot, entries: entries('5/0', numbers(5, count), mark), draft: null }
}

/** A proposer that has offered `2/1/0` with a promise of its own. */
function preparing(own: Accepted = NOTHING): Proposer {
    const proposer = new Proposer()
    proposer.offerBallot('2/1/0', '1/0', own)
    return proposer
}

describe('the next ballot', () => {
    test('is above the last ballot and carries the proposer\'s own promise', () => {
        assert.equal(nextBallot('1/1/0', '3/0'), '2/3/0')
        assert.equal(nextBallot('f/ff/0', '3/0'), '10/3/0')
        assert.equal(nextBallot('0/0/0', 'a/0'), '1/a/0')
    })
})

describe('a proposer', () => {
    test('counts each voter\'s grant once until a majority has granted the canvass', () => {
        const proposer = new Proposer()
        assert.equal(proposer.countGrant('1/0', 2), false)
        assert.equal(proposer.countGrant('1/0', 2), false, 'one voice counts once')
        assert.deepEqual(proposer.unanswered(['1/0', '2/0', '3/0']), ['2/0', '3/0'])
        assert.equal(proposer.countGrant('2/0', 2), true)
    })

    test('counts no grant after the proposer has offered a ballot', () => {
        assert.equal(preparing().countGrant('2/0', 1), false)
    })

    test('counts its own promise, and has a majority of three with one more promise', () => {
        const proposer = preparing()
        assert.equal(proposer.hasMajority(1), true)
        assert.equal(proposer.hasMajority(2), false)
        assert.deepEqual(proposer.unanswered(['1/0', '2/0']), ['2/0'])
        assert.equal(proposer.countPromise('2/0', NOTHING, 2), true)
        assert.deepEqual(proposer.promised(), ['1/0', '2/0'])
    })

    test('counts two promises of the same voter once', () => {
        const proposer = preparing()
        assert.equal(proposer.countPromise('2/0', NOTHING, 3), false)
        assert.equal(proposer.countPromise('2/0', NOTHING, 3), false)
    })

    test('keeps only its own promise when the proposer offers another ballot', () => {
        const proposer = preparing()
        proposer.countPromise('2/0', NOTHING, 3)
        proposer.offerBallot('3/1/0', '1/0', NOTHING)
        assert.deepEqual(proposer.promised(), ['1/0'])
        assert.equal(proposer.ballot, '3/1/0')
    })

    test('adopts an empty suffix if no voter has accepted an entry', () => {
        assert.deepEqual(preparing().suffixToAdopt(GOVERNMENT), [])
    })

    test('adopts its own suffix if no promise reports a suffix of a higher ballot', () => {
        const own = accepted('1/1/0', 2)
        assert.equal(preparing(own).suffixToAdopt(GOVERNMENT), own.entries)
    })

    test('adopts the suffix of the highest ballot rather than the longest suffix', () => {
        const proposer = preparing(accepted('1/1/0', 3))
        const highest = accepted('1/2/0', 1, ' higher')
        proposer.countPromise('2/0', highest, 2)
        proposer.countPromise('3/0', accepted('1/1/0', 4), 2)
        assert.equal(proposer.suffixToAdopt(GOVERNMENT), highest.entries)
    })

    test('adopts the longest suffix if the ballots are equal', () => {
        const longest = accepted('1/1/0', 3)
        for (const order of [[2, 3, 1], [3, 1, 2], [1, 2, 3]]) {
            const proposer = preparing()
            for (const [voter, length] of order.entries()) {
                const suffix = length === 3 ? longest : accepted('1/1/0', length)
                proposer.countPromise(`${voter + 2}/0`, suffix, 4)
            }
            assert.equal(proposer.suffixToAdopt(GOVERNMENT), longest.entries)
        }
    })

    test('adopts the suffix of a lower ballot if the suffix of the higher ballot is empty', () => {
        // A leader that goes on under a greater parliament keeps its ballot.
        const offered = accepted('1/1/0', 3)
        const proposer = preparing(offered)
        proposer.countPromise('2/0', { ballot: '1/2/0', entries: [], draft: null }, 2)
        assert.deepEqual(proposer.suffixToAdopt(GOVERNMENT), offered.entries)
    })

    test('forgets the grants and the promises on restart', () => {
        const proposer = preparing()
        proposer.restart()
        assert.equal(proposer.ballot, null)
        assert.deepEqual(proposer.promised(), [])
        assert.equal(proposer.hasMajority(0), false)
        assert.equal(proposer.countGrant('2/0', 2), false)
    })

    test('restarts a canvass at each try, and an offer at the fourth try', () => {
        const canvassing = new Proposer()
        canvassing.countGrant('1/0', 2)
        canvassing.countTry()
        assert.equal(canvassing.countGrant('2/0', 2), false)
        const proposer = preparing()
        const ballots = Array.from({ length: 5 }, () => {
            proposer.countTry()
            return proposer.ballot
        })
        assert.deepEqual(ballots, ['2/1/0', '2/1/0', '2/1/0', null, null])
        assert.equal(proposer.attempts, 5)
    })

    test('counts the tries of each offer separately', () => {
        const proposer = preparing()
        proposer.countTry()
        proposer.countTry()
        proposer.countTry()
        proposer.offerBallot('3/1/0', '1/0', NOTHING)
        proposer.countTry()
        assert.equal(proposer.ballot, '3/1/0')
    })
})
