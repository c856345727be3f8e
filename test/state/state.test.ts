import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { type Entry, Islander, Paxos, type PaxosState } from '../../src/index.js'
import { pack } from '../../src/paxos/messages/run-encoding.js'
import { load } from '../exploration/copy.js'
import { ALL_KINDS, kindsOf, stops } from './kinds.js'
import { Likeness, misplaced, PART } from './likeness.js'
import { oblivions } from './oblivion.js'
import { type Sample, sample, sampleEnd } from './samples.js'
import { chance, islandTapes, refusedTapes, type Tape, trialTapes } from './tapes.js'
import { type Core, Twin, type Written } from '../support/twin.js'

/** Seeds of the simulator; each has its own mix of faults. */
const SEEDS = Array.from({ length: 16 }, (_, index) => index + 101)

/** At how many points of a tape somebody else goes on from what was written. */
const POINTS = 4

/** The same state, written shorter. */
function packed(text: string): string {
    const { paxos, islander } = JSON.parse(text) as Written
    const entries = pack(paxos.log.entries as readonly Entry[])
    return JSON.stringify({ paxos: { ...paxos, log: { ...paxos.log, entries } }, islander })
}

/** Replays a tape, and from random points on one that goes on from what was written beside it. */
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

describe('who goes on from what was written puts out the same, byte for byte,', () => {
    test('in a republic whose calls go over a wire', () => {
        const tapes = islandTapes()
        assert.ok(tapes.length > 50)
        tapes.forEach(goOn)
    })

    for (const seed of SEEDS) {
        test(`whatever happens to it: seed ${seed}`, () => {
            const tapes = trialTapes(seed)
            assert.ok(tapes.length > 0)
            tapes.forEach(goOn)
        })
    }
})

/** Seeds in which, together, a member is seen in the midst of everything. */
const TELLING = [2, 4, 14, 31, 45, 50, 56, 104]

/** How much of its log a member keeps there: it begins to forget while much happens. */
const HISTORY = 150

/** What need not be alike, and why. */
const SPARED: Readonly<Record<string, string>> = {
    'Paxos.scheduler': 'it stands in for a calendar; what is due is compared as it is written',
    'Core.agenda': 'the same calendar',
    'EntryStore._entrystore_copied': 'a copy of what is held; who goes on makes its own',
    'PromiseIndex._promiseindex_governments':
        'the first government may be known by another of its entries; positions are compared'
}

/** What is the same in every sample, and why. */
const UNVARIED: Readonly<Record<string, string>> = {
    'SentBatch._sentbatch_receipt': 'state() gives each value its promise first',
    'Queue.items': 'whoever drives the engine has taken what was in a queue',
    'Backlog._backlog_settled': 'whoever drives the Islander has taken what was settled'
}

/** What is not as it was in one who goes on from a sample; `null` where all is. */
function change(likeness: Likeness, core: Core, { graph, written }: Sample): string | null {
    const twin = Twin.restore(written, core)
    const { paxos, islander } = twin
    const difference = likeness.differs(graph, { paxos, islander }) ?? misplaced(paxos)
    return difference ?? (twin.written === written ? null : 'what is written of it')
}

describe('all that an engine and an Islander hold is written down:', () => {
    let core: Core
    const samples: Sample[] = []
    const likeness = new Likeness(Object.keys(SPARED))

    before(async () => {
        core = await load([], true)
        samples.push(...refusedTapes().map((tape) => sampleEnd(core, tape)))
        for (const seed of TELLING) {
            samples.push(...trialTapes(seed, HISTORY).flatMap((tape) => sample(core, tape, seed)))
        }
    })

    test('no field of any part is another in who goes on', () => {
        for (const one of samples) {
            assert.equal(change(likeness, core, one), null, one.where)
        }
    })

    test('whatever a member is in the midst of', () => {
        const seen = new Set(samples.flatMap(({ written }) => kindsOf(written)))
        assert.deepEqual(ALL_KINDS.filter((kind) => !seen.has(kind)), [])
    })

    test('no field was alike by being the same in all samples', () => {
        const same = [...likeness.held]
            .filter(([, held]) => held.size < 2 && !held.has(PART))
            .map(([field]) => field)
        assert.deepEqual(same.sort(), Object.keys(UNVARIED).sort())
        assert.ok(likeness.held.size > 80, `${likeness.held.size} fields`)
    })

    test('to forget any line of it shows', async () => {
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
        // It cannot even go on.
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

describe('who was restored', () => {
    test('tells whose answers are awaited, and which receipts', () => {
        const { paxos, islander, written } = busy()
        const twin = Twin.restore(written)
        assert.deepEqual([twin.paxos.unanswered, twin.islander.awaited], [['1'], '1'])
        assert.deepEqual([paxos.unanswered, islander.awaited], [['1'], '1'])
    })

    test('has nothing in its queues, and has them', () => {
        const { paxos, islander } = Twin.restore(busy().written)
        for (const queue of [paxos.log, paxos.outbox, islander.outbox]) {
            assert.equal(queue.shifter().shift(), null)
        }
    })

    test('shares nothing with the one that it goes on from that either could change', () => {
        const { paxos } = busy()
        const twin = Paxos.restore(paxos.state())
        const before = JSON.stringify(paxos.state())
        twin.enqueue(9, 'r', { id: 'a', cookie: '9', body: 'x' })
        twin.response(9, '1', { b: null })
        assert.notEqual(JSON.stringify(twin.state()), before)
        assert.equal(JSON.stringify(paxos.state()), before)
    })

    test('hands out its log frozen all the way down', () => {
        const { paxos } = busy()
        paxos.enqueue(4, 'r', { id: 'a', cookie: '1', body: { list: [1] } })
        const restored = Paxos.restore(JSON.parse(JSON.stringify(paxos.state())) as PaxosState)
        const frozen = (value: unknown): boolean => typeof value !== 'object' || value === null
            || (Object.isFrozen(value) && Object.values(value).every(frozen))
        assert.ok((restored.history(null)?.length ?? 0) > 2)
        assert.ok(restored.history(null)?.every(frozen))
        assert.ok(frozen(restored.government))
    })

    test('goes by the options it had, unless it is given others', () => {
        const state = new Paxos(0, 'r', 'a', { timeout: 7000, citizens: 3 }).state()
        assert.equal(state.options.timeout, 7000)
        const { options } = Paxos.restore(state, { timeout: 5000 }).state()
        assert.deepEqual(options, { ...state.options, timeout: 5000 })
    })

    test('was whole and of this version', () => {
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
