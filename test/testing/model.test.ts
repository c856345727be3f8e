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
        assert.match(error.message,
            /from the past:\n.*"get".*→.*\n.*effect of this operation:\n.*"put"[\s\S]*barrier/)
    })

    test('finds results that no order gives, and says what the model gives', () => {
        const { finding } = checkModel(operations(
            [{ name: 'put', key: 'k', value: 1 }, null, 0, 1],
            [{ name: 'get', key: 'k' }, 7, 2, 3],
            [{ name: 'put', key: 'k', value: 7 }, 1, 4, 5]
        ), model)
        assert.equal(finding?.kind, 'not-linearizable')
        assert.match(finding.message, /client 1: .*get.* → 7 \(2.0 to 3.0 ms\)\nThe model gives 1,/)
        assert.match(finding.message, /The operations before:\n {2}client 0: /)
    })

    test('names the write that a stale read missed, among later stale reads', () => {
        const { finding } = checkModel(operations(
            [{ name: 'put', key: 'k', value: 1 }, null, 0, 1],
            [{ name: 'put', key: 'k', value: 2 }, 1, 2, 3],
            [{ name: 'get', key: 'k' }, 2, 4, 5],
            [{ name: 'put', key: 'k', value: 3 }, 2, 4, 8],
            [{ name: 'get', key: 'k' }, 1, 20, 21],
            [{ name: 'get', key: 'k' }, null, 22, 23],
            [{ name: 'get', key: 'k' }, 2, 24, 25]
        ), model)
        assert.equal(finding?.kind, 'stale-read', finding?.message)
        const [, read, , missed, age] = finding.message.split('\n')
        assert.match(read ?? '', /client 4: .*"get".* → 1 \(20.0 to 21.0 ms\)/)
        assert.match(missed ?? '', /client 1: .*"value":2.* \(2.0 to 3.0 ms\)/)
        assert.match(age ?? '', /began 17.0 ms after its result was out of date.*barrier/)
    })

    test('names the read that had shown a write without an answer', () => {
        const { finding } = checkModel(operations(
            [{ name: 'put', key: 'k', value: 1 }, null, 0, Number.POSITIVE_INFINITY],
            [{ name: 'get', key: 'k' }, 1, 4, 5],
            [{ name: 'get', key: 'k' }, null, 9, 10]
        ), model)
        assert.equal(finding?.kind, 'stale-read', finding?.message)
        const lines = finding.message.split('\n')
        assert.match(lines[1] ?? '', /client 2: .*→ null/)
        assert.match(lines[3] ?? '', /client 0: .*"put".*\(0.0 to no answer yet\)/)
        assert.match(lines[4] ?? '', /already seen that effect/)
        assert.match(lines[5] ?? '', /client 1: .*→ 1/)
        assert.match(lines[6] ?? '', /began 4.0 ms after/)
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
