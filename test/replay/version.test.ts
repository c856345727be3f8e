import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Played } from '../../src/index.js'
import { REPLAY_VERSION } from '../../src/member/engine-version.js'
import {
    compose, difference, halves, judge, type Memoir, readMemoir, writeMemoir
} from './memoir.js'
import { CORE, type Core, Twin } from '../support/twin.js'

const REWRITES = process.env['KIBITZ_REWRITE'] === '1'

/** Every kind of input with an effect of its own. */
const METHODS: readonly Played['method'][] = [
    'birth', 'bootstrap', 'cede', 'enqueue', 'event', 'immigrate', 'join', 'leave', 'naturalize',
    'publish', 'publishAll', 'published', 'receive', 'revive', 'sent'
]

function memoir(): Memoir {
    const found = readMemoir()
    assert.ok(found !== null)
    return found
}

/** An engine that ignores every second timer: a small change. */
const ANOTHER: Core = {
    ...CORE,
    apply: (paxos, islander, played) => {
        const isLost = played.method === 'event' && played.when % 2 === 0
        return isLost ? undefined : CORE.apply(paxos, islander, played)
    }
}

describe('the version of the replay', () => {
    test('goes up if the recorded inputs no longer lead to the recorded outputs', () => {
        if (judge(readMemoir(), REPLAY_VERSION, REWRITES) === 'rewrite') {
            writeMemoir(compose(REPLAY_VERSION))
            console.warn('KIBITZ_REWRITE: the memoir is rewritten; the commit says what is new.')
        }
        assert.equal(difference(memoir()), null)
    })

    test('covers a member that continues from a recorded state', () => {
        for (const chapter of memoir().chapters) {
            const [there, restored] = halves(chapter)
            assert.deepEqual(restored, there, chapter.name)
        }
    })

    test('has a memoir with every kind of input and change', () => {
        const { chapters } = memoir()
        const inputs = chapters.flatMap(({ played }) => played)
        assert.ok(inputs.length > 5000, `${inputs.length} inputs`)
        const methods = new Set(inputs.map(({ method }) => method))
        assert.deepEqual(METHODS.filter((method) => !methods.has(method)), [])
        const changes = new Set<string>()
        for (const { id, options, played } of chapters) {
            const twin = Twin.fresh(id, options)
            for (const input of played) {
                twin.play(input)
            }
            for (const entry of twin.paxos.history(null) ?? []) {
                const body = entry.method === 'government' ? entry.body : {}
                Object.entries(body).forEach(([name, value]) => {
                    changes.add(value === null ? `${name}: null` : name)
                })
            }
        }
        for (const change of ['immigrate', 'exile', 'naturalize', 'map: null']) {
            assert.ok(changes.has(change), `${change} is not among ${[...changes].join(', ')}`)
        }
    })

    test('is raised by hand: no memoir is rewritten under the same version', () => {
        const kept = memoir()
        for (const rewrites of [true, false]) {
            assert.throws(() => judge(kept, kept.version, rewrites, ANOTHER),
                /Raise REPLAY_VERSION .* above \d+, and then: KIBITZ_REWRITE=1/)
            assert.equal(judge(kept, kept.version, rewrites), 'keep')
            assert.throws(() => judge(kept, kept.version - 1, rewrites), /Raise REPLAY_VERSION/)
        }
        assert.throws(() => judge(kept, kept.version + 1, false), /There is no memoir of version/)
        assert.equal(judge(kept, kept.version + 1, true), 'rewrite')
        assert.equal(judge(null, kept.version, true), 'rewrite')
    })
})
