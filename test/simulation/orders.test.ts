import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { UsageError } from '../../src/command/usage-error.js'
import { HELP, NAMES, readOrders, type SeedsOrders } from './orders.js'

function seeds(orders: Partial<SeedsOrders>): SeedsOrders {
    return {
        task: 'seeds', first: 1, last: Number.MAX_SAFE_INTEGER, minutes: Number.POSITIVE_INFINITY,
        jobs: 1, keepsGoing: false, json: null, ...orders
    }
}

const WHOLE = { members: [], fromMs: 0, last: null, isWide: false }

const READ: readonly (readonly [string, ReturnType<typeof readOrders>])[] = [
    ['--help', { task: 'help' }],
    ['-h --seed 1', { task: 'help' }],
    ['--seed 0', { task: 'one', source: { seed: 0 }, trace: null }],
    ['--seed=7 --trace', { task: 'one', source: { seed: 7 }, trace: WHOLE }],
    ['--trace --plan a.json', { task: 'one', source: { file: 'a.json' }, trace: WHOLE }],
    ['--seed 7 --trace --members a,b --from 20 --last 9 --wide', {
        task: 'one', source: { seed: 7 },
        trace: { members: ['a', 'b'], fromMs: 20, last: 9, isWide: true }
    }],
    ['--shrink 12', { task: 'shrink', source: { seed: 12 }, to: null }],
    ['--shrink a.json --to b.json', { task: 'shrink', source: { file: 'a.json' }, to: 'b.json' }],
    ['--seeds 3..3', seeds({ first: 3, last: 3 })],
    ['--seeds 1..90 --jobs 2 --keep-going --json c.json', seeds({
        last: 90, jobs: 2, keepsGoing: true, json: 'c.json'
    })],
    ['--minutes 0.5', seeds({ minutes: 0.5 })],
    ['--seeds 5.. --minutes 120', seeds({ first: 5, minutes: 120 })],
    ['--seeds 5..9007199254740991', seeds({ first: 5 })]
]

const REFUSED: readonly (readonly [string, string])[] = [
    ['', 'Nothing is said to be run: --seed, --plan, --seeds, --minutes or --shrink.'],
    ['--jobs 2', 'Nothing is said to be run: --seed, --plan, --seeds, --minutes or --shrink.'],
    ['--sed 1', "Unknown option '--sed'."],
    ['-x', "Unknown option '-x'."],
    ['1', "Unexpected argument '1'."],
    ['--seed', "Option '--seed <value>' argument missing."],
    ['--seed --trace', "Option '--seed' argument is ambiguous."],
    ['--seed 1 --trace=yes', "Option '--trace' does not take an argument."],
    ['--seed 1 --seed 2', '--seed is given twice.'],
    ['--seed 1 --seeds 1..2', '--seeds does not go with --seed.'],
    ['--seed 1 --json a', '--json does not go with --seed.'],
    ['--seed 1 --minutes 1', '--minutes does not go with --seed.'],
    ['--seeds 1..2 --trace', '--trace does not go with --seeds.'],
    ['--shrink 1 --jobs 2', '--jobs does not go with --shrink.'],
    ['--minutes 1 --to a', '--to does not go with --minutes.'],
    ['--seed x', '--seed takes a whole number from 0 to 9007199254740991, not "x".'],
    ['--seed=-1', '--seed takes a whole number from 0 to 9007199254740991, not "-1".'],
    ['--seed 1.5', '--seed takes a whole number from 0 to 9007199254740991, not "1.5".'],
    ['--seed 9007199254740992',
        '--seed takes a whole number from 0 to 9007199254740991, not "9007199254740992".'],
    ['--seeds 4', '--seeds takes A..B or A.., not "4".'],
    ['--seeds ..4', '--seeds takes A..B or A.., not "..4".'],
    ['--seeds 4..x', '--seeds takes A..B or A.., not "4..x".'],
    ['--seeds 1..', '--seeds without an end needs --minutes.'],
    ['--seeds 5..4', '--seeds begins with 5, behind its end, 4.'],
    ['--seeds 1..2 --jobs 0', '--jobs takes a whole number from 1 to 64, not "0".'],
    ['--seeds 1..2 --jobs 65', '--jobs takes a whole number from 1 to 64, not "65".'],
    ['--minutes 0',
        '--minutes takes a number, more than nothing and at most 100000, not "0".'],
    ['--minutes 1e9',
        '--minutes takes a number, more than nothing and at most 100000, not "1e9".'],
    ['--plan=', '--plan takes the name of a file.'],
    ['--shrink=', '--shrink takes the name of a file.'],
    ['--seeds 1..2 --json=', '--json takes the name of a file.']
]

function split(line: string): string[] {
    return line.split(' ').filter((arg) => arg !== '')
}

describe('the simulator', () => {
    for (const [line, orders] of READ) {
        test(`understands ${line}`, () => {
            assert.deepEqual(readOrders(split(line)), orders)
        })
    }

    for (const [line, message] of REFUSED) {
        test(`refuses ${line === '' ? 'no options' : line}`, () => {
            assert.throws(() => readOrders(split(line)), new UsageError(message))
        })
    }

    test('describes every known option, and no other option', () => {
        const told = [...HELP.matchAll(/--([a-z][a-z-]*)/g)].map(([, name]) => name)
        assert.deepEqual([...new Set(told)].sort(), [...NAMES].sort())
    })

    test('prints no line wider than a hundred columns', () => {
        assert.deepEqual(HELP.split('\n').filter((line) => line.length > 100), [])
    })
})
