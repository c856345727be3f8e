import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Kibitzer } from '../../src/index.js'
import { cleanUp, found, immigration, watch } from './durable.js'
import { Household } from './household.js'
import { Notebook, settled } from '../support/notebook.js'
import '../support/silence.js'

describe('a Kibitzer with a journal', () => {
    cleanUp()

    test('refuses leave and cede before recover', () => {
        const kibitzer = new Kibitzer({ id: 'a', journal: new Notebook() })
        assert.throws(() => kibitzer.leave(), { code: 'invalid-argument', message: /recover/ })
        assert.throws(() => kibitzer.cede('b'), { code: 'invalid-argument', message: /recover/ })
        kibitzer.destroy()
    })

    test('resolves leave only after the flush of the exile', async () => {
        const { journal, kibitzer } = await found()
        void kibitzer.request(immigration('b'))
        await settled()
        journal.flushNow()
        await settled()
        const left = watch(kibitzer.leave())
        assert.deepEqual(kibitzer.status().leaving, ['a'])
        // According to this call, b leads and has exiled a.
        const to = { id: 'a', immigrated: '1/0' }
        void kibitzer.request({
            module: 'kibitz', method: 'receive', to: null,
            body: {
                method: 'synchronize', republic: 'republic', founding: kibitzer.paxos.founding,
                from: { id: 'b', immigrated: '2/0', versions: [1, 2] }, to, government: '3/0',
                committed: '3/0', minimum: '0/0', standing: null, welcome: null, previous: '2/0',
                entries: [{
                    promise: '3/0', previous: '2/0',
                    body: {
                        promise: '3/0', majority: ['b'], minority: [], immigrate: null,
                        naturalize: null, exile: { id: 'a', promise: '1/0', properties: null },
                        promote: [{ id: 'b', index: 0 }], demote: null, map: null
                    }
                }]
            }
        })
        await settled()
        assert.equal(kibitzer.status().role, 'exile', 'the engine knows')
        assert.deepEqual(left, { outcome: 'open' })
        journal.isHeld = false
        journal.flushNow()
        await settled()
        assert.deepEqual(left, { outcome: undefined })
    })

    test('leaves after a restart if it called leave before', async () => {
        await using household = new Household({ parliamentSize: 3, parliamentFloor: 3 })
        const [, , before] = await household.settle('a', 'b', 'c')
        void before?.kibitzer.leave()
        await before?.kibitzer.barrier()
        await household.kill('c')
        const { kibitzer } = await household.enter('c')
        assert.deepEqual(kibitzer.status().leaving, ['c'])
        const heir = await household.enter('d')
        await heir.kibitzer.join('republic', { memory: 'a' }, { memory: 'd' })
        await heir.seen(() => heir.log.length !== 0)
        heir.kibitzer.naturalize()
        await heir.seen(() => {
            const last = heir.log.at(-1)
            return last?.method === 'government' && last.body.exile?.id === 'c'
        })
        await kibitzer.leave()
        assert.equal(kibitzer.status().role, 'exile')
    })
})
