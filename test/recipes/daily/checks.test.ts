import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { faultsOf, resourceFaults } from './checks.js'
import type { Called, FinalState, LifeEvent, Report } from './words.js'

let clock = 0

function event(report: Report, at: number = ++clock, member: string = 'a'): LifeEvent {
    return { ...report, member, life: 1, at }
}

function holds(what: string, use: string, token: string, at?: number): LifeEvent {
    return event({ kind: 'holds', what, use, token }, at)
}

function asks(of: Called, call: string, at?: number): LifeEvent {
    return event({ kind: 'asks', of, call }, at)
}

function answers(
    of: Called, call: string, value: number | boolean, at?: number, key: string = ''
): LifeEvent {
    return event({ kind: 'answers', of, call, value, key }, at)
}

function sees(version: string, left: number, right: number, member: string = 'a'): LifeEvent {
    return event({
        kind: 'sees', version, changes: [['left', left], ['right', right]]
    }, undefined, member)
}

const STATE: FinalState =
    { visits: 1, lastNumber: 1, entries: [['left', 1]], done: 1, failed: 0, leases: 0 }

/** A life without a fault. */
const GOOD: readonly LifeEvent[] = [
    holds('money', 'u1', '1/1'), holds('money', 'u2', '1/2'),
    holds('pool', 'u3', '1/1'), holds('pool', 'u4', '1/1'), holds('pool', 'u3', '1/1'),
    holds('pool', 'u4', '1/1'),
    ...(['add', 'next', 'swap'] as const).flatMap((of) =>
        [asks(of, `${of} 1`), answers(of, `${of} 1`, 1)]),
    asks('enqueue', 'e1'), answers('enqueue', 'e1', true, undefined, 'job 1'),
    event({ kind: 'attempts', key: 'job 1', attempt: 1 }), event({ kind: 'does', key: 'job 1' }),
    sees('1/3', 1, 1), sees('1/4', 2, 2),
    event({ kind: 'state', state: STATE }), event({ kind: 'state', state: STATE }, undefined, 'b')
]

/** Events that break one promise each, with the fault. */
const FAULTS: readonly [RegExp, ...LifeEvent[]][] = [
    [/two uses of money have the token 1\/2/, holds('money', 'u9', '1/2')],
    [/u9 holds money with 1\/1 at .*, after u2/, holds('money', 'u9', '1/1')],
    [/3 leases of the semaphore/, holds('pool', 'u9', '1/1', 4.5), holds('pool', 'u9', '1/1', 6)],
    [/add 1 and add 9 receive 1/, asks('add', 'add 9', 0), answers('add', 'add 9', 1)],
    [/next 9 receives 0 after next 1 with 1/, asks('next', 'next 9'), answers('next', 'next 9', 0)],
    [/42 permits in/, ...Array.from({ length: 42 }, (_, index) => [
        asks('take', `t${index}`, 100), answers('take', `t${index}`, true, 101)]).flat()],
    [/job 2 was never done/, asks('enqueue', 'e2'),
        answers('enqueue', 'e2', true, undefined, 'job 2')],
    [/job 1 was added twice/, asks('enqueue', 'e2'),
        answers('enqueue', 'e2', true, undefined, 'job 1')],
    [/attempt 1 of job 1 began twice/, event({ kind: 'attempts', key: 'job 1', attempt: 1 })],
    [/watchers see different changes at 1\/4/, sees('1/4', 7, 7, 'b')],
    [/a transaction is torn at 1\/5/, sees('1/5', 3, 2)],
    [/the watcher b1 sees 1\/5 out of turn/, sees('1/3', 1, 1, 'b'), sees('1/5', 3, 3, 'b')],
    [/states at the end differ/, event({ kind: 'state', state: { ...STATE, visits: 2 } })],
    [/the sum of add is 1 after 2 answers/, asks('add', 'add 9'), answers('add', 'add 9', 2)]
]

describe('the checks of daily life', () => {
    test('find no fault in a life without one', () => {
        assert.deepEqual(faultsOf(GOOD), [])
        assert.deepEqual(resourceFaults([
            { what: 'money', token: '1/1' }, { what: 'money', token: '1/1' },
            { what: 'office', token: '1/0' }, { what: 'money', token: '1/2' }]), [])
    })

    for (const [fault, ...events] of FAULTS) {
        test(`find that ${fault.source.replaceAll('\\', '')}`, () => {
            assert.match(faultsOf([...GOOD, ...events]).join('\n'), fault)
        })
    }

    test('find a late write that the resource has accepted', () => {
        const writes = [{ what: 'money', token: '1/2' }, { what: 'money', token: '1/1' }]
        assert.equal(resourceFaults(writes).length, 1)
    })
})
