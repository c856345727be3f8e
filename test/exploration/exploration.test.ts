import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { plants } from './plants.js'
import { withoutCoverage } from '../support/environment.js'

const EXPLORE = fileURLToPath(new URL('./run.js', import.meta.url))

// Deadline: an exploration that has not ended by then is killed, and fails.
const DEADLINE_MS = 600_000

interface Said {
    readonly status: number | null
    readonly states: number
    readonly isClosed: boolean
    readonly text: string
}

/** Explores in a process of its own: coverage would count every step of it, and slow it down. */
function explore(orders: string): Said {
    const env = withoutCoverage()
    const args = ['--max-old-space-size=3000', EXPLORE, '--quiet', ...orders.split(' ')]
    const { status, stdout, stderr } = spawnSync(process.execPath, args, {
        encoding: 'utf8', env, timeout: DEADLINE_MS
    })
    const states = Number(/(\d+) states/.exec(stdout)?.[1] ?? 0)
    return { status, states, isClosed: /, closed/.test(stdout), text: `${stdout}${stderr}` }
}

/** What is gone through to the end: every state that three members reach within the budget. */
const CLOSED = [
    'followers publish, a member crashes, a call arrives twice',
    '--publishers bc --crashes 1 --losses 0 --duplicates 1 --firings 0',
    'b publishes twice, a member crashes, an appointment fires',
    '--publishers bb --crashes 1 --losses 0 --duplicates 0 --firings 1',
    'leader and follower publish, a call is lost, another call arrives twice',
    '--publishers ab --crashes 0 --losses 1 --duplicates 1 --firings 0',
    'leader and follower publish, a member crashes, a call is lost',
    '--publishers ab --crashes 1 --losses 1 --duplicates 0 --firings 0'
]

/** What is gone through nearest first, for so many states. */
const BOUNDED = [
    'two members publish, a member crashes, two calls are lost, a call arrives twice',
    '--publishers ab --crashes 1 --losses 2 --duplicates 1 --firings 0 --states 1500000',
    'the leader crashes and a follower is elected',
    '--publishers a --crashes 1 --losses 0 --duplicates 0 --firings 2 --states 2500000',
    'candidates duel',
    '--publishers a --crashes 0 --losses 0 --duplicates 0 --firings 3 --states 2500000',
    'publishes, a crash, losses, a duplicate and elections at once',
    '--publishers ab --crashes 1 --losses 2 --duplicates 1 --firings 4 --states 1500000',
    'a voter leaves with its own consent, and a member crashes',
    '--leavers c --publishers  --crashes 1 --losses 0 --duplicates 0 --firings 2 --states 1000000'
]

describe('every state of three members', () => {
    let states = 0

    for (let index = 0; index < CLOSED.length; index += 2) {
        test(`is safe to the end: ${CLOSED[index]}`, () => {
            const said = explore(CLOSED[index + 1] ?? '')
            assert.equal(said.status, 0, said.text)
            assert(said.isClosed, said.text)
            states += said.states
        })
    }

    for (let index = 0; index < BOUNDED.length; index += 2) {
        test(`is safe within the budget: ${BOUNDED[index]}`, () => {
            const said = explore(BOUNDED[index + 1] ?? '')
            assert.equal(said.status, 0, said.text)
            states += said.states
        })
    }

    test('is one of at least eight million', () => {
        assert(states >= 8_000_000, `only ${states} states were seen`)
    })

    for (const [index, { name, breaks }] of plants.entries()) {
        test(`shows ${name}`, () => {
            const { status, text } = explore(`--plant ${index} --states 3000000`)
            assert.equal(status, 1, text)
            assert.match(text, new RegExp(`VIOLATION ${breaks.source.slice(1)}`))
        })
    }
})
