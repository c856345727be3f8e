import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Application, KibitzError } from '../../src/index.js'
import type { FindingKind } from '../../src/testing/finding.js'
import type { MemberLife } from '../../src/testing/trial-republic.js'
import { trial, type TrialError, type TrialOptions } from '../../src/testing/trial.js'
import { ClockStore, ExpiringStore, KeptClockStore, KeptLotteryStore } from './clock-stores.js'
import {
    AddingStore, CachingStore, Counter, DatabaseStore, EvictingStore, ForgetfulStore,
    GrowingStore, HastyStore, LateStore, LotteryStore, MemberStore, MixedStore,
    RepeatingStore, SharedStore, SkippingStore, TextStore, WaitingStore
} from './faulty-stores.js'
import { put, Store } from './store.js'

/** The longest search for a fault, in milliseconds of processor time. */
const SEARCH_MS = 30_000

async function found<App extends Application<never>>(
    options: Partial<TrialOptions<App>>
): Promise<TrialError> {
    const startedAt = process.cpuUsage()
    const error = await trial({
        application: () => new Store(), workload: put, seeds: 200, operations: 60,
        hours: 0.01, ...options
    } as never).then(() => null, (reason: unknown) => reason)
    assert.ok(error instanceof KibitzError, String(error))
    const { user, system } = process.cpuUsage(startedAt)
    assert.ok((user + system) / 1000 < SEARCH_MS, `${(user + system) / 1000} ms`)
    return error as TrialError
}

const databases = new Map<string, Map<string, number>>()
const shared = new Store()

/** Each application with a fault, the kind of its fault, and the words that lead to the cause. */
const FAULTY: readonly [(life: MemberLife) => object, FindingKind, RegExp][] = [
    [() => new ClockStore(), 'clock', /entry \d+\/\d+ .*differs at .key\d.*Date\.now\(\)/],
    [() => new LotteryStore(), 'randomness', /entry \d+\/\d+ .*differs.*Math\.random\(\)/],
    [() => new ExpiringStore(), 'clock', /at another time.*Date\.now\(\)/],
    [() => new KeptClockStore(), 'clock', /real clock.*entry \d+\/\d+ .*at .key\d.*const \{ now/],
    [() => new KeptLotteryStore(), 'randomness', /entry \d+\/\d+ .*at .key\d.*const \{ random/],
    [() => new SharedStore(), 'shared-state', /ahead, the result of entry \d+\/\d+/],
    [() => shared, 'shared-state', /the same object again, for member b/],
    [() => new EvictingStore(), 'iteration-order', /order of a collection.*entry \d.*keys are/],
    [() => new ForgetfulStore(), 'snapshot-omits', /the field applied differs: \d+ and 0/],
    [() => new AddingStore(), 'restore-adds',
        /keeps a part.*(entry|government) \d.*differs at .key\d/],
    [({ id }) => new DatabaseStore(databases, id), 'entry-repeated',
        /earlier life.*(entry|government) \d.*differs at .key\d/],
    [() => new RepeatingStore(), 'entry-repeated', /After a restore.*applies entry \d.* twice/],
    [() => new SkippingStore(), 'entry-missing', /After a restore.*ignores an entry.*entry \d/],
    [() => new HastyStore(), 'entry-missing', /returns before it has replaced.*entry \d+/],
    [() => new TextStore(), 'application-error',
        /restore throws.*(entry|government) \d.*plain Uint8Arrays/],
    [() => new LateStore(), 'late-change', /returns before its work.*entry \d+.*at .key\d/],
    [() => new WaitingStore(), 'waits-for-log', /has not ended for 60 s/],
    [() => new CachingStore(), 'snapshot-mixed', /if it was called before.*entry \d+/],
    [() => new MixedStore(), 'snapshot-mixed', /mixes two moments/],
    [({ id }) => new MemberStore(id), 'member-dependence', /id x and with the id w/]
]

describe('a trial names the cause of', () => {
    for (const [application, kind, words] of FAULTY) {
        const name = application.toString().replace(/^.*=> /, '')
        test(`${kind}: ${name}`, async () => {
            const error = await found({ application: application as () => Store })
            assert.equal(error.finding.kind, kind, error.message)
            assert.match(error.message, words)
        })
    }

    test('unbounded-state: a history of all entries', async () => {
        const error = await found({ application: () => new GrowingStore(), stateMax: 2000 })
        assert.equal(error.finding.kind, 'unbounded-state')
        assert.match(error.message, /stateMax is 2000. Most of it is .*, with \d+ characters/)
    })

    test('repeated-operation: a client that publishes again after an error', async () => {
        const error = await found({
            application: () => new Counter(), faults: ['loseReply', 'partition', 'crash'],
            workload: async ({ random, client, members }) => {
                const member = client(Math.floor(random() * members))
                const body = { add: Math.floor(random() * 1e6) }
                await member.publish(body, { timeout: 500 })
                    .catch(() => member.publish(body))
            }
        })
        assert.equal(error.finding.kind, 'repeated-operation', error.message)
        assert.match(error.message, /published .*"add":\d+.* again after an error.*entry.*entry/)
    })

    test('no fault: a client that repeats an operation with an id', async () => {
        const result = await trial({
            application: () => new Counter(), faults: ['loseReply', 'partition'], seeds: 10,
            operations: 60, hours: 0.01,
            workload: async ({ random, client, members }) => {
                const member = client(Math.floor(random() * members))
                const body = { add: 1, id: random() }
                await member.publish(body, { timeout: 500 }).catch(() => member.publish(body))
            }
        })
        assert.equal(result.runs, 10)
    })
})
