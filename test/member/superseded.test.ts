import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { at, Island } from '../support/island.js'
import { listen } from '../support/log-lines.js'

/** A republic of a to d, of three seats; all but d crash. */
function remnant(island: Island): void {
    island.settle('a', 'b', 'c', 'd')
    for (const id of ['a', 'b', 'c']) {
        island.crash(id)
    }
}

describe('a member whose republic was founded anew', () => {
    for (const republic of ['republic', 'another']) {
        test(`learns that a member of the republic "${republic}" answers`, (context) => {
            using island = new Island({ parliamentSize: 3 })
            const lines = listen(context)
            remnant(island)
            const kibitzer = island.kibitzer('d')
            const { founding } = kibitzer.paxos
            island.land('a').bootstrap(republic, at('a'))
            assert.equal(kibitzer.status().superseded, null, 'the leader was in contact just now')
            island.until(() => kibitzer.status().superseded !== null)
            const { superseded, leaderSeenMs } = kibitzer.status()
            assert.ok(leaderSeenMs !== null && leaderSeenMs >= 3000)
            const other = island.kibitzer('a').paxos.founding
            assert.notEqual(other, founding)
            const named = { id: 'a', republic, founding: other, properties: at('a') }
            assert.deepEqual(superseded, named)
            island.pass(20_000)
            const told = lines.filter(({ name }) => name === 'superseded')
            assert.deepEqual(told.map(({ level }) => level), ['error'])
            assert.ok(!kibitzer.destroyed, 'the member goes on to ask')
        })
    }

    test('learns the other founding from an answer, and the publish waits', () => {
        using island = new Island({ parliamentSize: 3 })
        remnant(island)
        const kibitzer = island.kibitzer('d')
        let isSettled = false
        kibitzer.publish('x').finally(() => {
            isSettled = true
        }).catch(() => {})
        island.land('a').bootstrap('republic', at('a'))
        island.fate = ({ call }) => (call.method === 'enqueue' ? null : 'lost')
        island.until(() => kibitzer.status().superseded !== null)
        assert.equal(kibitzer.status().rejected['wrong-type'], undefined)
        assert.equal(isSettled, false)
    })
})

describe('a member is not superseded', () => {
    test('while no member answers', () => {
        using island = new Island({ parliamentSize: 3 })
        remnant(island)
        island.pass(10_000)
        assert.equal(island.kibitzer('d').status().superseded, null)
    })

    test('while its own leader is in contact', () => {
        using island = new Island({ parliamentSize: 3, patience: 60_000 })
        island.settle('a', 'b', 'c', 'd')
        const elsewhere = { id: 'a', republic: 'republic', founding: 'x' }
        const answer = { method: 'unreachable', exiled: false, elsewhere }
        const isCut = ({ from }: { readonly from: string }): boolean => from === 'd'
        island.fate = (passage) => (isCut(passage) ? { answer } : null)
        void island.kibitzer('d').publish('x')
        island.pass(5000)
        assert.equal(island.kibitzer('d').status().superseded, null)
        island.fate = (passage) => (isCut(passage) ? { answer } : 'lost')
        island.until(() => island.kibitzer('d').status().superseded !== null)
        island.fate = () => null
        island.until(() => island.kibitzer('d').status().isLed)
        assert.equal(island.kibitzer('d').status().superseded, null)
    })
})
