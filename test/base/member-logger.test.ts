import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import type { Entry } from 'prolific.logger'
import { Clock } from '../../src/base/clock.js'
import { FlushGate } from '../../src/member/flush-gate.js'
import { SnapshotWatch } from '../../src/colleague/state-health.js'
import { MemberLogger } from '../../src/base/member-logger.js'
import { ColleagueGroup } from '../colleague/colleague-group.js'
import { Island } from '../support/island.js'
import { listen } from '../support/log-lines.js'

const HOUR_MS = 3_600_000

/** How far the time of Colleagues goes at a time; a ping is due every 250 ms. */
const STEP_MS = 50

/** The lines that do not name this member and its republic. */
function unnamed(lines: readonly Entry[], ids: readonly string[], republic: string): unknown[] {
    return lines.filter((line) => {
        return !ids.includes(String(line['id'])) || line['republic'] !== republic
    })
}

describe('a quiet republic of three logs nothing', () => {
    test('in an hour, of Kibitzers', (context) => {
        const lines = listen(context)
        using island = new Island()
        island.settle('a', 'b', 'c')
        assert.ok(lines.length > 0, 'governments are logged')
        assert.deepEqual(unnamed(lines, ['a', 'b', 'c'], 'republic'), [])
        lines.length = 0
        island.pass(HOUR_MS)
        assert.deepEqual(lines, [])
    })

    test('in an hour, of Colleagues', async (context) => {
        const lines = listen(context)
        await using group = new ColleagueGroup()
        await group.startRepublic('a', 'b', 'c')
        await group.until(() => group.citizens.every(({ colleague }) => {
            const { government } = colleague.kibitzer.paxos
            return government.majority.length + government.minority.length === 3
        }))
        await group.untilLevel()
        lines.length = 0
        await group.advance(HOUR_MS, STEP_MS)
        assert.deepEqual(lines, [])
    })
})

describe('a line names the member and its republic', () => {
    test('when a call is rejected or refused', async (context) => {
        using island = new Island()
        island.settle('a', 'b')
        const lines = listen(context)
        const kibitzer = island.kibitzer('a')
        await kibitzer.request({})
        kibitzer.turnAway('no-key', '127.0.0.1')
        assert.deepEqual(lines.map(({ name }) => name), ['rejected', 'rejected'])
        assert.deepEqual(unnamed(lines, ['a'], 'republic'), [])
    })

    test('when the clock, the journal or a snapshot fails', async (context) => {
        const lines = listen(context)
        const member = { id: 'a', republic: 'r' }
        const instants = [1, Number.NaN]
        const clock = new Clock({ now: () => instants.shift() ?? 0 }, () => member)
        clock.now()
        clock.now()
        const journal = { append: () => 1, flush: () => Promise.reject(new Error('full')) }
        const failed = new Promise<void>((resolve) => {
            const gate = new FlushGate(journal, () => resolve(), undefined, () => member)
            const body = Object.freeze({})
            gate.record({ module: 'kibitz', method: 'naturalize', when: 1, body })
            gate.pass(() => {})
        })
        await failed
        const limits = { timeout: 100, snapshotTimeout: 1000 }
        const watch = new SnapshotWatch(() => 0, limits, member)
        await assert.rejects(watch.watch('journal', () => Promise.reject(new Error('none'))))
        assert.deepEqual(lines.map(({ name }) => name), ['clock', 'journal', 'snapshot'])
        assert.deepEqual(unnamed(lines, ['a'], 'r'), [])
    })

    test('when a Colleague takes over a state, and stops', async (context) => {
        const lines = listen(context)
        await using group = new ColleagueGroup({ handoverAttempts: 1 })
        await group.startRepublic('a', 'b')
        group.faultOf = ({ post }) => (post.name === 'colleague.snapshot' ? 'lost' : null)
        const { colleague } = await group.start('c')
        const joining = colleague.join({ through: () => [{ at: 'a' }] })
        await assert.rejects(group.untilSettled(joining), { code: 'stateless' })
        const names = new Set(lines.map(({ name }) => name))
        assert.ok(names.has('handover') && names.has('failure'), [...names].join())
        assert.deepEqual(unnamed(lines, ['a', 'b', 'c'], 'run'), [])
    })

    test('at the time of the line', (context) => {
        const lines = listen(context)
        const member: { id: string, republic: string | null } = { id: 'a', republic: null }
        const logger = new MemberLogger('test', () => member)
        logger.info('one', { of: 1 })
        member.republic = 'r'
        logger.error('two', {})
        assert.deepEqual(lines.map(({ republic, level }) => [republic, level]), [
            [null, 'info'], ['r', 'error']
        ])
    })

    test('since no other part of the library writes lines', () => {
        const root = new URL('../../../src/', import.meta.url)
        const names = readdirSync(root, { recursive: true, encoding: 'utf8' })
        const writers = names.filter((name) => {
            const isSource = name.endsWith('.ts') && !name.endsWith('.d.ts')
            return isSource && /from 'prolific\.logger'/.test(
                readFileSync(new URL(name, root), 'utf8')
            )
        })
        assert.deepEqual(writers.sort(), ['base/member-logger.ts', 'member/calendar-timer.ts'])
    })
})
