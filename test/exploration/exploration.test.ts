import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { load } from './copy.js'
import { IDS } from './founding.js'
import { plants } from './plants.js'
import { Society } from './society.js'
import { KINDS, MOVE, State } from './state.js'
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
    '--publishers a --crashes 1 --losses 0 --duplicates 0 --firings 2 --states 1500000',
    'candidates duel',
    '--publishers a --crashes 0 --losses 0 --duplicates 0 --firings 3 --states 2000000',
    'publishes, a crash, losses, a duplicate and elections at once',
    '--publishers ab --crashes 1 --losses 2 --duplicates 1 --firings 4 --states 1500000',
    'a voter leaves with its own consent, and a member crashes',
    '--leavers c --publishers  --crashes 1 --losses 0 --duplicates 0 --firings 2 --states 1000000',
    'leader and follower publish, and a member with a disk restarts',
    '--disks --publishers ab --crashes 0 --losses 0 --duplicates 0 --firings 0 --restarts 1 ' +
        '--states 900000',
    'the leader publishes twice, and members with disks restart twice',
    '--disks --publishers aa --crashes 0 --losses 0 --duplicates 0 --firings 1 --restarts 2 ' +
        '--states 900000'
]

/** The versions of a republic. The bounded explorations, and the planted bugs, are of version 2. */
const VERSIONS = [1, 2]

describe('a message under way', () => {
    for (const version of VERSIONS) {
        test(`may be the receipt of a publish, version ${version}`, async () => {
            const society = new Society(await load([]), version)
            const founded = new State(society)
            const published = new State(society)
            const taken = new State(society)
            founded.begin()
            published.follow(founded, MOVE.publish + KINDS * IDS.indexOf('b'))
            const moves: number[] = []
            const budget = {
                crashes: 0, losses: 0, duplicates: 0, firings: 0, leavers: '', restarts: 0
            }
            published.moves({ ...budget, publishers: '' }, moves)
            const [delivery] = moves
            assert.equal(moves.length, 1)
            taken.follow(published, delivery ?? assert.fail())
            moves.length = 0
            taken.moves({ ...budget, publishers: '' }, moves)
            assert.ok(moves.some((move) => {
                const { call, answer } = society.flightOf(Math.floor(move / KINDS))
                return call.method === 'enqueue' && answer !== null
            }))
        })
    }
})

describe('every state of three members', () => {
    let states = 0

    for (let index = 0; index < CLOSED.length; index += 2) {
        for (const version of VERSIONS) {
            test(`is safe to the end, version ${version}: ${CLOSED[index]}`, () => {
                const said = explore(`${CLOSED[index + 1] ?? ''} --version ${version}`)
                assert.equal(said.status, 0, said.text)
                assert(said.isClosed, said.text)
                states += said.states
            })
        }
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
