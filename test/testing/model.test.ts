import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { KibitzError } from '../../src/index.js'
import { checkModel, type ModelledOperation } from '../../src/testing/model.js'
import { trial, type TrialError } from '../../src/testing/trial.js'
import type { WorkloadContext } from '../../src/testing/workload.js'
import { Store } from './store.js'

/** An operation of a client of the store. */
interface Act {
    readonly name: 'put' | 'get'
    readonly key: string
    readonly value?: number
}

/** The store as a sequential service: a value for each key. */
const model = {
    initial: (): number | null => null,
    step: (state: number | null, { name, value = 0 }: Act) =>
        ({ state: name === 'put' ? value : state, result: state }),
    partOf: ({ key }: Act): string => key
}

/** Puts or gets a value of a few keys. `fresh` prepares a read. */
function work(fresh: (member: ReturnType<WorkloadContext<Store>['client']>) => unknown) {
    return async (context: WorkloadContext<Store>): Promise<void> => {
        const { random, client, members, operation } = context
        const member = client(Math.floor(random() * members))
        const key = `key${Math.floor(random() * 3)}`
        if (random() < 0.5) {
            const value = random()
            await operation({ name: 'put', key, value }, async () =>
                (await member.publish({ key, value })).result)
            return
        }
        await operation({ name: 'get', key }, async () => {
            await fresh(member)
            return member.application.values.get(key) ?? null
        })
    }
}

const tried = { application: () => new Store(), model, operations: 60, hours: 0.01 }

function operations(...rows: [Act, unknown, number, number][]): ModelledOperation[] {
    return rows.map(([operation, result, calledAt, endedAt], session) =>
        ({ operation, result: JSON.stringify(result), session, calledAt, endedAt }))
}

describe('a model', () => {
    test('accepts a store whose reads wait for a barrier', async () => {
        const result = await trial({
            ...tried, workload: work((member) => member.barrier()), seeds: 8
        })
        assert.deepEqual([result.runs, result.undecided], [8, 0])
    })

    test('finds reads without a barrier', async () => {
        const error = await trial({ ...tried, workload: work(() => {}), seeds: 200 })
            .then(() => null, (reason: unknown) => reason)
        assert.ok(error instanceof KibitzError)
        assert.equal((error as TrialError).finding.kind, 'stale-read', error.message)
        assert.match(error.message, /result from the past[\s\S]*"name":"get".*→[\s\S]*barrier/)
    })

    test('finds results that no order gives', () => {
        const { finding } = checkModel(operations(
            [{ name: 'put', key: 'k', value: 1 }, null, 0, 1],
            [{ name: 'get', key: 'k' }, 7, 2, 3]
        ), model)
        assert.equal(finding?.kind, 'not-linearizable')
        assert.match(finding.message, /client 1: .*get.* → 7 \(2.0 to 3.0 ms\)/)
    })

    test('lets an operation with an error take effect late, or never', () => {
        const { finding, undecided } = checkModel(operations(
            [{ name: 'put', key: 'k', value: 1 }, null, 0, Number.POSITIVE_INFINITY],
            [{ name: 'get', key: 'k' }, null, 2, 3],
            [{ name: 'get', key: 'k' }, 1, 4, 5],
            [{ name: 'get', key: 'other' }, null, 4, 5]
        ), model)
        assert.deepEqual([finding, undecided], [null, 0])
    })
})
