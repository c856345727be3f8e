import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { pressAncestors } from './ancestors.js'
import { brief, chart } from './chart.js'
import { readOrders } from './command.js'
import { contest } from './contest.js'
import { Forecast } from './forecast.js'
import { cease, pressSender, receive } from './floor.js'
import { type Measured, median, payload, percentile, press } from './load.js'
import { fillJournals, recoverMember } from './recovery.js'
import { isMet, type Report, table, tell } from './report.js'
import { pressRepublic } from './republic.js'
import { record, replay } from './tape.js'

const PROGRAM = fileURLToPath(new URL('run.js', import.meta.url))

/** How long the program may take in these tests, in milliseconds. */
const DEADLINE_MS = 120_000

const FEW = { callers: 8, ms: 60_000, calls: 200 } as const

function measuredAt(rate: number): Measured {
    return { entries: 10, seconds: 1, rate, cpu: rate / 10, p50: 1, p99: 2 }
}

describe('the figures of a benchmark', () => {
    test('are medians and percentiles', () => {
        assert.equal(median([3, 1, 2]), 2)
        assert.equal(median([4, 1, 2, 3]), 2.5)
        assert.equal(percentile([1, 2, 3, 4], 0.5), 3)
        assert.equal(percentile([1, 2, 3, 4], 0.99), 4)
        assert.equal(percentile([], 0.5), 0)
    })

    test('use payloads of exactly the requested size', () => {
        for (const size of [10, 16, 100, 4096]) {
            assert.equal(JSON.stringify(payload(123, size)).length, size)
        }
    })

    test('count every entry of a burst', async () => {
        let called = 0
        const pace = { callers: 3, ms: 60_000, calls: 10, burst: 5 }
        const measured = await press(() => Promise.resolve(called++), pace)
        assert.equal(called, 10)
        assert.equal(measured.entries, 50)
    })

    test('do not exist if a call fails', async () => {
        const pace = { callers: 1, ms: 60_000, calls: 1 }
        await assert.rejects(press(() => Promise.reject(new Error('lost')), pace), /lost/)
    })

    test('come from alternating runs, every other round in the opposite order', async () => {
        const order: string[] = []
        const contender = (name: string, rates: number[]): Parameters<typeof contest>[0][0] => ({
            name,
            run: () => {
                order.push(name)
                return Promise.resolve([measuredAt(rates.shift() ?? 0)])
            }
        })
        const contenders = [contender('a', [10, 30, 20]), contender('b', [1, 2, 9])]
        const [standings = []] = await contest(contenders, 3, () => {})
        assert.deepEqual(order, ['a', 'b', 'b', 'a', 'a', 'b'])
        assert.deepEqual(standings.map(({ name, rate, cpu }) => [name, rate, cpu]), [
            ['a', 20, 2], ['b', 2, 0.2]
        ])
    })
})

describe('the report of a benchmark', () => {
    test('aligns numbers to the right and rounds to three digits', () => {
        assert.equal(table(['who', 'entries/s'], [['ours', 123_456], ['theirs', null]]), [
            'who     entries/s',
            '------  ---------',
            'ours      123,000',
            'theirs          –'
        ].join('\n'))
    })

    test('names the missed goals', () => {
        const goal = { what: 'entries/s', limit: 'least', goal: 10, is: 9 } as const
        assert.equal(isMet(goal), false)
        assert.equal(tell(goal), 'missed  entries/s: 9, goal at least 10')
        assert.equal(isMet({ ...goal, limit: 'most' }), true)
    })

    test('draws each point of a curve', () => {
        const points = [[1, 10], [10, 1000], [100, 500]] as const
        const picture = chart([{
            title: 'a < b', across: 'n', points, label: brief,
            isLogarithmic: { across: true, up: true }
        }])
        assert.equal([...picture.matchAll(/<circle /g)].length, 3)
        assert.match(picture, /points="58\.0,204\.0 220\.0,40\.0 382\.0,64\.7"/)
        assert.match(picture, /a &lt; b/)
        assert.equal(brief(1_200_000), '1.2M')
    })

    test('accepts valid options only', () => {
        assert.equal(readOrders(['--only', 'nothing']), null)
        assert.equal(readOrders(['--rounds', '0']), null)
        assert.equal(readOrders(['--seconds']), null)
        assert.deepEqual(readOrders(['--only', 'http,floor', '--quick', '--json', 'x'])?.names, [
            'http', 'floor'
        ])
    })
})

describe('a forecast', () => {
    test('estimates the remaining time from the pace so far', () => {
        let now = 0
        const forecast = new Forecast(100, () => now)
        assert.equal(forecast.step(20), 'about 2 min left')
        now = 40_000
        // What should have taken 20 seconds took 40, and 80 are left.
        assert.equal(forecast.step(70), 'about 3 min left')
        now = 180_000
        assert.equal(forecast.step(10), 'about 20 s left')
    })
})

describe('a tiny benchmark', () => {
    test('measures members and ancestors in one process', async () => {
        const setting = { members: 3, wire: 'json', size: 100 } as const
        const burst = { callers: 2, ms: 60_000, calls: 4, burst: 50 }
        const ours = await pressRepublic({ ...setting, reads: true }, FEW, [FEW, burst])
        assert.deepEqual(ours.map(({ entries }) => entries), [200, 200])
        const theirs = await pressAncestors(setting, FEW, [FEW])
        assert.deepEqual(theirs.map(({ entries }) => entries), [200])
    })

    test('posts to receivers without consensus', async () => {
        for (const transport of ['http', 'tcp'] as const) {
            const urls = await Promise.all([receive({ transport }), receive({ transport })])
            const sending = { urls, window: 2, transport }
            const measured = await pressSender({ sending, pace: FEW })
            assert.equal(measured.entries, 200)
            await cease()
        }
    })

    test('replays its recording', async () => {
        const folder = mkdtempSync(join(tmpdir(), 'kibitz-bench-test-'))
        after(() => { rmSync(folder, { recursive: true, force: true }) })
        for (const isEachAlone of [false, true]) {
            const given = { publishes: 200, size: 100, folder, isEachAlone }
            const replayed = await Promise.all((await record(given)).map(replay))
            assert.deepEqual(replayed.map(({ who, publishes }) => [who, publishes]), [
                ['leader', 200], ['follower', 0]
            ])
        }
    })

    test('recovers members from the journals that it has filled', async () => {
        const folder = mkdtempSync(join(tmpdir(), 'kibitz-bench-test-'))
        after(() => { rmSync(folder, { recursive: true, force: true }) })
        for (const isEachAlone of [true, false]) {
            const filled = await fillJournals({ folder, records: 600, isEachAlone })
            const costs = await Promise.all(filled.map(recoverMember))
            assert.equal(costs.length, isEachAlone ? 1 : 2)
            assert.ok((costs[0]?.records ?? 0) >= 600)
            assert.ok(costs.every(({ seconds, opening }) => opening > 0 && opening < seconds))
        }
    })

    test('stops a replay that ends at another head', async () => {
        const folder = mkdtempSync(join(tmpdir(), 'kibitz-bench-test-'))
        after(() => { rmSync(folder, { recursive: true, force: true }) })
        const given = { publishes: 10, size: 100, folder, isEachAlone: true }
        const [leader] = await record(given)
        assert.ok(leader !== undefined)
        assert.throws(() => replay({ ...leader, head: '9/9' }), assert.AssertionError)
    })
})

describe('the benchmark program', () => {
    const folder = mkdtempSync(join(tmpdir(), 'kibitz-bench-test-'))
    after(() => { rmSync(folder, { recursive: true, force: true }) })

    function start(args: readonly string[]): ChildProcess {
        return spawn(process.execPath, [PROGRAM, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
    }

    function ended(child: ChildProcess): Promise<number | null> {
        return new Promise((resolve, reject) => {
            // Deadline: A program that hangs is killed, and its test fails.
            const watchdog = setTimeout(() => {
                child.kill('SIGKILL')
                reject(new Error('The program hangs.'))
            }, DEADLINE_MS)
            child.once('exit', (code) => {
                clearTimeout(watchdog)
                resolve(code)
            })
        })
    }

    /** The processes that a process has started. */
    function children(child: ChildProcess): readonly number[] {
        const path = `/proc/${child.pid}/task/${child.pid}/children`
        return existsSync(path)
            ? readFileSync(path, 'utf8').trim().split(' ').filter(Boolean).map(Number)
            : []
    }

    test('prints a table, and writes every number to a file', async () => {
        const path = join(folder, 'bench.json')
        const child = start(['--only', 'floor', '--quick', '--seconds', '0.05', '--json', path])
        let said = ''
        child.stdout?.on('data', (chunk: Buffer) => { said += chunk.toString() })
        assert.equal(await ended(child), 0)
        assert.match(said, /^## Against the floor$/m)
        assert.match(said, /^kibitz, in the leader +[\d,.]+ /m)
        const { sections } = JSON.parse(readFileSync(path, 'utf8')) as Report
        assert.deepEqual(sections.map(({ name, rows }) => [name, rows.length]), [['floor', 8]])
    })

    test('ends all its processes after an interrupt', async () => {
        const path = join(folder, 'interrupted.json')
        const child = start(['--only', 'floor', '--seconds', '60', '--json', path])
        const started: number[] = []
        child.stdout?.resume()
        let said = ''
        child.stderr?.on('data', (chunk: Buffer) => {
            said += chunk.toString()
            if (started.length === 0 && said.includes('to warm up')) {
                started.push(...children(child))
                child.kill('SIGINT')
            }
        })
        assert.equal(await ended(child), 1)
        assert.equal(existsSync(path), false)
        assert.ok(started.length >= 6 || process.platform !== 'linux')
        for (const pid of started) {
            assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' })
        }
    })

    test('prints the usage for invalid options', async () => {
        const child = start(['--only', 'everything'])
        let said = ''
        child.stderr?.on('data', (chunk: Buffer) => { said += chunk.toString() })
        assert.equal(await ended(child), 2)
        assert.match(said, /^bench \[--only/)
    })
})
