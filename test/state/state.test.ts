import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { type Entry, Islander, Paxos, type PaxosState } from '../../src/index.js'
import { pack } from '../../src/paxos/messages/run-encoding.js'
import { load } from '../exploration/copy.js'
import { diskTapes } from './disk-tapes.js'
import { ALL_KINDS, kindsOf, stops } from './kinds.js'
import { Likeness, misplaced, PART } from './likeness.js'
import { oblivions } from './oblivion.js'
import { type Sample, sample, sampleEnd } from './samples.js'
import { chance, islandTapes, refusedTapes, type Tape, trialTapes } from './tapes.js'
import { type Core, Twin, type Written } from '../support/twin.js'

/** Seeds of the simulator; each has its own mix of faults. */
const SEEDS = Array.from({ length: 16 }, (_, index) => index + 101)

/** The number of points of a tape from which a restored twin continues. */
const POINTS = 4

/** The same state in a shorter form. */
function packed(text: string): string {
    const { paxos, islander } = JSON.parse(text) as Written
    const entries = pack(paxos.log.entries as readonly Entry[])
    return JSON.stringify({ paxos: { ...paxos, log: { ...paxos.log, entries } }, islander })
}

/** Replays a tape, and from random points on also on twins restored from the state there. */
function goOn({ name, id, options, played }: Tape, seed: number): void {
    const random = chance(seed)
    const isWorth = stops(random, played.length, POINTS)
    const original = Twin.fresh(id, options)
    const restored: Twin[] = []
    for (const [index, input] of played.entries()) {
        const outputs = original.play(input)
        const { standing } = original
        for (const twin of restored) {
            assert.deepEqual(twin.play(input), outputs, `${name}, input ${index}`)
            assert.equal(twin.standing, standing, `${name}, input ${index}`)
        }
        if (isWorth(index, original.paxos)) {
            const { written } = original
            const twin = Twin.restore(packed(written))
            assert.equal(twin.written, written, `${name}, after input ${index}`)
            assert.deepEqual(twin.paxos.history(null), original.paxos.history(null))
            restored.push(twin)
        }
    }
    for (const twin of restored) {
        assert.equal(twin.written, original.written, `${name}, at its end`)
    }
}

describe('a restored member has the same outputs as the original, byte for byte,', () => {
    test('in a republic whose calls go over a wire', () => {
        const tapes = islandTapes()
        assert.ok(tapes.length > 50)
        tapes.forEach(goOn)
    })

    for (const seed of SEEDS) {
        test(`under the faults of seed ${seed}`, () => {
            const tapes = trialTapes(seed)
            assert.ok(tapes.length > 0)
            tapes.forEach(goOn)
        })
    }
})

/** Seeds that together show a member in every kind of state. */
const TELLING = [2, 4, 14, 31, 45, 50, 56, 104]

/** The log limit of a member there: the log forgets entries while much happens. */
const HISTORY = 150

/** The fields that may differ, and the reason. */
const SPARED: Readonly<Record<string, string>> = {
    'Paxos.scheduler': 'it stands in for a calendar; what is due is compared as it is written',
    'Core.agenda': 'the same calendar',
    'EntryStore._entrystore_copied': 'a copy of what is held; who goes on makes its own',
    'EntryStore._entrystore_sizes': 'a size is computed when it is needed; the sums are compared',
    'Peers._peers_voters': 'a list of records that are compared; listed when it is needed',
    'UnsettledPublishes._unsettledpublishes_following': 'counts on from the oldest identity',
    'UnsettledPublishes._unsettledpublishes_from': 'what has appeared stands before the index',
    'UnsettledPublishes._unsettledpublishes_values': 'the values behind the index are written',
    'PromiseIndex._promiseindex_governments':
        'the first government may be known by another of its entries; positions are compared',
    'PromiseIndex._promiseindex_last': 'the result of the last lookup; positions are compared'
}

/** The fields that are the same in every sample, and the reason. */
const UNVARIED: Readonly<Record<string, string>> = {
    'OwnDisk.told': 'no tape has a voter with a disk; own-disk.test restores one',
    'SentBatch._sentbatch_receipt': 'state() gives each value its promise first',
    'Queue.items': 'whoever drives the engine has taken what was in a queue',
    'Backlog._backlog_settled': 'whoever drives the Islander has taken what was settled'
}

/** The first difference of a member restored from a sample; `null` if there is none. */
function change(likeness: Likeness, core: Core, { graph, written }: Sample): string | null {
    const twin = Twin.restore(written, core)
    const { paxos, islander } = twin
    const difference = likeness.differs(graph, { paxos, islander }) ?? misplaced(paxos)
    return difference ?? (twin.written === written ? null : 'what is written of it')
}

describe('a written state holds all fields of an engine and an Islander:', () => {
    let core: Core
    const samples: Sample[] = []
    const likeness = new Likeness(Object.keys(SPARED))

    before(async () => {
        core = await load([], true)
        const tapes = [...refusedTapes(), ...diskTapes()]
        samples.push(...tapes.map((tape) => sampleEnd(core, tape)))
        for (const seed of TELLING) {
            samples.push(...trialTapes(seed, HISTORY).flatMap((tape) => sample(core, tape, seed)))
        }
    })

    test('a restored member differs in no field', () => {
        for (const one of samples) {
            assert.equal(change(likeness, core, one), null, one.where)
        }
    })

    test('the samples cover every kind of state', () => {
        const seen = new Set(samples.flatMap(({ written }) => kindsOf(written)))
        assert.deepEqual(ALL_KINDS.filter((kind) => !seen.has(kind)), [])
    })

    test('every field varies among the samples, except the listed fields', () => {
        const same = [...likeness.held]
            .filter(([, held]) => held.size < 2 && !held.has(PART))
            .map(([field]) => field)
        assert.deepEqual(same.sort(), Object.keys(UNVARIED).sort())
        assert.ok(likeness.held.size > 80, `${likeness.held.size} fields`)
    })

    test('a restored member differs if the engine ignores any line of the state', async () => {
        const changes = oblivions()
        assert.ok(changes.length > 50, `${changes.length} lines`)
        const unnoticed: string[] = []
        for (const forgotten of changes) {
            const forgetful = await load([forgotten], true)
            if (!samples.some((one) => isNoticed(forgetful, one))) {
                unnoticed.push(`${forgotten.file}: ${forgotten.forgets}`)
            }
        }
        assert.deepEqual(unnoticed, [])
    })
})

function isNoticed(forgetful: Core, one: Sample): boolean {
    try {
        return change(new Likeness(Object.keys(SPARED)), forgetful, one) !== null
    } catch {
        // The restored member cannot even continue.
        return true
    }
}

/** A leader with one constituent that it has asked something, and a publish under way. */
function busy(): Twin {
    const twin = Twin.fresh('a', {})
    const play = (method: string, body: unknown, when: number): void => {
        twin.play({ module: 'kibitz', method, when, body } as Parameters<Twin['play']>[0])
    }
    play('bootstrap', { republic: 'r', properties: {}, founding: 'f' }, 1)
    play('immigrate', { republic: 'r', id: 'b', cookie: 'c', properties: {}, hops: 0 }, 2)
    play('publish', { list: [1.5, null, 'ü'] }, 3)
    return twin
}

describe('a restored member', () => {
    test('reports the awaited answers and the awaited receipts', () => {
        const { paxos, islander, written } = busy()
        const twin = Twin.restore(written)
        assert.deepEqual([twin.paxos.unanswered, twin.islander.awaited], [['1'], '1'])
        assert.deepEqual([paxos.unanswered, islander.awaited], [['1'], '1'])
    })

    test('has empty queues', () => {
        const { paxos, islander } = Twin.restore(busy().written)
        for (const queue of [paxos.log, paxos.outbox, islander.outbox]) {
            assert.equal(queue.shifter().shift(), null)
        }
    })

    test('shares no mutable state with its original', () => {
        const { paxos } = busy()
        const twin = Paxos.restore(paxos.state())
        const before = JSON.stringify(paxos.state())
        twin.enqueue(9, 'r', { id: 'a', cookie: '9', body: 'x' })
        twin.response(9, '1', { b: null })
        assert.notEqual(JSON.stringify(twin.state()), before)
        assert.equal(JSON.stringify(paxos.state()), before)
    })

    test('returns its log frozen in every part', () => {
        const { paxos } = busy()
        paxos.enqueue(4, 'r', { id: 'a', cookie: '1', body: { list: [1] } })
        const restored = Paxos.restore(JSON.parse(JSON.stringify(paxos.state())) as PaxosState)
        const frozen = (value: unknown): boolean => typeof value !== 'object' || value === null
            || (Object.isFrozen(value) && Object.values(value).every(frozen))
        assert.ok((restored.history(null)?.length ?? 0) > 2)
        assert.ok(restored.history(null)?.every(frozen))
        assert.ok(frozen(restored.government))
    })

    test('keeps the options of the state, unless the caller gives other options', () => {
        const state = new Paxos(0, 'r', 'a', { timeout: 7000, citizens: 3 }).state()
        assert.equal(state.options.timeout, 7000)
        const { options } = Paxos.restore(state, { timeout: 5000 }).state()
        assert.deepEqual(options, { ...state.options, timeout: 5000 })
    })

    test('requires a complete state of this version', () => {
        const { paxos, islander } = busy()
        const [engine, publisher] = [paxos.state(), islander.state()]
        const { post: _, ...torn } = engine
        const { seen: __, ...worn } = publisher
        const later = { version: 2 as unknown as 1 }
        assert.throws(() => Paxos.restore(torn as PaxosState), /the state lacks post$/)
        assert.throws(() => Islander.restore(worn as typeof publisher), /the state lacks seen$/)
        assert.throws(() => Paxos.restore({ ...engine, ...later }), /version 2 is not read/)
        assert.throws(() => Islander.restore({ ...publisher, ...later }), /version 2 is not read/)
        const log = { ...engine.log, entries: [] }
        assert.throws(() => Paxos.restore({ ...engine, log }), /holds no entry/)
    })
})
