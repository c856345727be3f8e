import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import ReferencePaxos from 'reference-paxos'
import { Kibitzer, type KibitzerOptions, type Played } from '../../src/index.js'
import { REPLAY_VERSION } from '../../src/member/engine-version.js'
import { Island } from '../support/island.js'
import { differences, Recording } from '../support/recording.js'
import { drain } from '../support/alone.js'
import '../support/silence.js'

/** Options that differ from the defaults in every respect that the engine knows. */
const OTHER: Partial<KibitzerOptions> = {
    ping: 400, timeout: 3000, patience: 9000, parliamentSize: 1, batch: 1, window: 1, citizens: 2
}

function textOf({ paxos, islander }: Kibitzer): string {
    return JSON.stringify([paxos.state(), islander.state()])
}

/** Three members with a lost leader, under short options: much happens. */
function eventfulIsland(): Island {
    const island = new Island({ ping: 50, timeout: 200, Date: { now: () => Date.now() } })
    island.settle('a', 'b', 'c')
    for (const { kibitzer } of island.residents) {
        kibitzer.publish(`from ${kibitzer.id}`)
        kibitzer.publishAll([1, 2, 3])
    }
    island.pass(500)
    island.crash('a')
    island.kibitzer('b').publish('after the crash')
    island.pass(3000)
    return island
}

describe('a recording', () => {
    test('restores log, outboxes and state under any clock and options', () => {
        using island = eventfulIsland()
        for (const { id, kibitzer, recording } of island.residents) {
            for (const options of [{}, OTHER]) {
                const clock = { now: () => 7 }
                const again = new Kibitzer({ ...options, id, Date: clock })
                const second = new Recording(again)
                for (const line of recording.played.map((played) => JSON.stringify(played))) {
                    again.replay(JSON.parse(line) as Played)
                }
                assert.deepEqual(differences(recording.output, second.output), [], id)
                assert.equal(textOf(again), textOf(kibitzer), id)
            }
        }
    })

    test('appears in full on the played queue of the replaying member', () => {
        using island = eventfulIsland()
        const { recording } = island.resident('b')
        const again = new Kibitzer({ id: 'b' })
        const second = new Recording(again)
        for (const played of recording.played) {
            again.replay(played)
        }
        assert.deepEqual(second.played, recording.played)
        assert.equal(recording.played[0]?.method, 'birth')
        assert.equal(recording.played.filter(({ method }) => method === 'birth').length, 1)
    })

    test('of the seed replays without a birth, and skips unknown methods', () => {
        const kibitzer = new Kibitzer({ id: 'a' })
        const cursor = kibitzer.played.shifter()
        const inputs = [
            { module: 'kibitz', method: 'bootstrap', when: 1, body: { republic: 1, properties: 0 }
            },
            { module: 'kibitz', method: 'acclimate', when: 2, body: {} },
            { module: 'kibitz', method: 'publish', when: 3, body: 'x' }
        ] as unknown as Played[]
        const outcomes = inputs.map((input) => kibitzer.replay(input))
        assert.deepEqual(outcomes, [undefined, undefined, 1])
        assert.deepEqual(drain(cursor), inputs)
        assert.equal(kibitzer.paxos.government.promise, '1/0')
    })

    test('fails for another member, another version, or after other inputs', () => {
        const birth = (change: object): Played => {
            const body = { id: 'a', version: REPLAY_VERSION, options: {}, ...change }
            return { module: 'kibitz', method: 'birth', when: 1, body } as unknown as Played
        }
        const kibitzer = new Kibitzer({ id: 'a' })
        const before = textOf(kibitzer)
        assert.throws(() => kibitzer.replay(birth({ id: 'b' })),
            { code: 'invalid-argument', message: /belongs to member b, but this Kibitzer is a/ })
        assert.throws(() => kibitzer.replay(birth({ version: REPLAY_VERSION + 9 })),
            { code: 'journal-version', message: /Nothing was applied/ })
        assert.equal(textOf(kibitzer), before)
        kibitzer.replay(birth({}))
        assert.throws(() => kibitzer.replay(birth({})),
            { code: 'invalid-argument', message: /Replay into a fresh Kibitzer/ })
    })
})

describe('the founding', () => {
    test('has the same government as the ancestor', () => {
        const reference = new ReferencePaxos(0, 'a', { ping: 1, timeout: 3, parliamentSize: 5 })
        const theirs = reference.log.shifter()
        reference.bootstrap('republic', 1, {})
        const entry = theirs.shift()
        assert.ok(entry !== null && entry.method === 'government')
        const kibitzer = new Kibitzer({ id: 'a' })
        const ours = kibitzer.log.shifter()
        kibitzer.bootstrap('republic', {})
        const founding = ours.shift()
        assert.ok(founding !== null && founding.method === 'government')
        assert.deepEqual(founding.body.majority, entry.body.majority)
        assert.deepEqual(founding.body.minority, entry.body.minority)
        assert.deepEqual(founding.government.majority, entry.government.majority)
    })
})

describe('the queues of a Kibitzer', () => {
    test('deliver every call and every answer to each further reader', () => {
        using island = new Island()
        island.found('a')
        const kibitzer = island.land('b')
        const calls = kibitzer.read.shifter()
        const answers = kibitzer.write.shifter()
        kibitzer.join('republic', { at: 'a' }, { at: 'b' })
        island.until(() => kibitzer.paxos.government.promise !== '0/0')
        for (let count = 0; count < 20; count++) {
            kibitzer.publish(count)
            island.level()
        }
        const asked = drain(calls).map(({ cookie }) => cookie)
        const answered = drain(answers).map(({ cookie }) => cookie)
        assert.ok(asked.length > 20, `${asked.length} calls`)
        assert.deepEqual(answered.toSorted(), asked.toSorted())
    })
})
