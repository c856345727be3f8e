import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Stage } from './stage.js'

// One test for each thing that the protocol's list of what the reference gets wrong names and that
// concerns engine or Islander. The checkers watch all the while; what is asserted here is the rest.

const SEEDS = [1, 2, 3, 4, 5, 6]

function settles(stage: Stage, timeouts = 12): void {
    stage.trial.workload.end()
    stage.until('All is settled', () => stage.isSettled(), timeouts)
}

function busy(seed: number, more = {}): Stage {
    return new Stage({ seed, publishMs: 20, ...more })
}

describe('a republic where the reference loses entries', () => {
    it('keeps the entries that a leader delivered before a crash or a partition', () => {
        for (const seed of SEEDS) {
            const stage = new Stage({ seed })
            const { leader } = stage
            const isCut = seed % 2 === 0
            stage.publish(leader, 'delivered at the leader', 2)
            const mend = stage.cut((from, to) => isCut && (from === leader || to === leader))
            if (!isCut) {
                stage.crash(leader)
            }
            stage.publish(stage.voters[3] ?? '', 'afterwards', 6)
            mend()
            settles(stage)
        }
    })

    it('gives each number to one government although two candidates duel', () => {
        for (const seed of SEEDS) {
            const stage = busy(seed)
            const [leader, one, other, third, fourth] = stage.voters
            const mend = stage.cut((from, to) => from === leader || to === leader)
            // Each of the two hears two others; the one between them hears both.
            stage.cut((from, to) => [from, to].sort().join() === [one, other].sort().join())
            stage.pass(4)
            mend()
            stage.pass(2)
            assert.ok(third !== fourth && stage.elections > 0)
            stage.world.weather.conditions.clear()
            settles(stage)
        }
    })

    it('keeps the entries that a new government renumbers', () => {
        for (const seed of SEEDS) {
            const stage = busy(seed)
            const { colleagues } = stage.trial
            for (let arrivals = 0; arrivals < 6; arrivals++) {
                colleagues.join(`late${arrivals}`, colleagues.vacancy())
                stage.pass(0.3)
            }
            stage.crash(stage.leader)
            stage.pass(4)
            settles(stage)
            assert.ok((stage.trial.tally.sometimes.get('a government maps what waits') ?? 0) > 0)
        }
    })

    it('elects no leader with the help of a member that lost its state', () => {
        for (const seed of SEEDS) {
            const stage = busy(seed, { population: 3, parliamentSize: 3 })
            const [leader, first, second] = stage.voters
            const mend = stage.cut((from, to) => from === second || to === second)
            stage.publish(leader ?? '', 'held by two', 2)
            const again = stage.trial.colleagues.restart(stage.member(first ?? ''), true)
            mend()
            stage.crash(leader ?? '')
            stage.pass(20)
            // Only one of the three voters still has its state: no member may lead any more.
            assert.ok(!again.door.paxos.isLeading)
            assert.ok(stage.world.living.every(({ door }) => !door.paxos.isLeading))
        }
    })

    it('logs each batch once although every call and every answer arrives twice', () => {
        for (const seed of SEEDS) {
            const stage = busy(seed)
            stage.world.weather.conditions.add({
                kind: 'duplicate',
                bear: (_from, _to, _isReply, fate, dice) => {
                    fate.copies++
                    fate.delayMs += dice.between(0, 700)
                    return true
                }
            })
            stage.pass(10)
            stage.crash(stage.leader)
            stage.pass(10)
            stage.world.weather.conditions.clear()
            settles(stage)
        }
    })

    it('logs a batch once if a copy arrives long after the publisher sent the batch again', () => {
        for (const seed of SEEDS) {
            const stage = new Stage({ seed })
            const publisher = stage.voters[4] ?? ''
            const { conditions } = stage.world.weather
            const held = {
                kind: 'hold' as const,
                bear: (_from: number, _to: number, isReply: boolean, fate: { delayMs: number }) => {
                    fate.delayMs += isReply ? 0 : 5000
                    return true
                }
            }
            conditions.add(held)
            stage.member(publisher).publish('late')
            conditions.delete(held)
            stage.publish(publisher, 'soon', 8)
            stage.pass(10)
            settles(stage)
        }
    })
})

describe('a republic where the reference gets stuck', () => {
    it('seats no exile, and makes few governments after one crash', () => {
        for (const seed of SEEDS) {
            const stage = busy(seed, { population: 7 })
            const { governments } = stage
            const dying = stage.voters[1 + (seed % 4)] ?? ''
            stage.crash(dying)
            stage.pass(15)
            assert.ok(!stage.voters.includes(dying))
            assert.equal(stage.voters.length, 5)
            assert.ok(stage.governments - governments <= 6, `${stage.governments - governments}`)
            settles(stage)
        }
    })

    it('throws no error while members are admitted and exiled under load', () => {
        for (const seed of SEEDS) {
            const stage = busy(seed, { population: 3, publishMs: 5, window: 1, batch: 2 })
            const { colleagues } = stage.trial
            for (let round = 0; round < 6; round++) {
                colleagues.join(`more${round}`, colleagues.vacancy())
                stage.pass(0.7)
                if (round % 2 === 1) {
                    stage.crash(stage.voters.at(-1) ?? '')
                }
                stage.pass(1.3)
            }
            settles(stage, 40)
        }
    })

    it('elects a leader if the only up-to-date follower sits in the minority', () => {
        for (const seed of SEEDS) {
            const stage = new Stage({ seed })
            const [leader, first, second, third, fourth] = stage.voters
            const deaf = [second, third]
            const mend = stage.cut((_from, to) => deaf.includes(to))
            stage.publish(leader ?? '', 'unheard by two', 3)
            stage.pass(0.2)
            mend()
            stage.crash(leader ?? '')
            stage.crash(first ?? '')
            stage.publish(fourth ?? '', 'three of five go on', 5)
            settles(stage)
        }
    })

    it('keeps parliamentFloor seats, and shrinks to one seat without a floor', () => {
        const floored = new Stage({ population: 3, parliamentSize: 3, parliamentFloor: 3 })
        floored.crash(floored.voters[2] ?? '')
        floored.pass(10)
        assert.equal(floored.voters.length, 3)
        floored.publish(floored.leader, 'two hold it', 2)
        const free = new Stage({ population: 3, parliamentSize: 3 })
        free.crash(free.voters[2] ?? '')
        free.pass(10)
        assert.equal(free.voters.length, 1)
    })

    it('informs a live member of its exile', () => {
        for (const seed of SEEDS) {
            const stage = new Stage({ seed })
            const one = stage.member(stage.voters[4] ?? '')
            const ticket = { first: 1, count: 1, weight: 1, isList: false, signal: undefined }
            const publication = one.door.publications.wait(ticket)
            const mend = stage.cut((from, to) => from === one.id || to === one.id)
            one.publish('never seen')
            stage.pass(6)
            mend()
            stage.until('It knows', () => one.door.paxos.exiled, 5)
            assert.equal(one.door.paxos.inspect().role, 'exile')
            void assert.rejects(publication, { code: 'exiled' })
        }
    })

    it('exiles no member if the followers reach only the leader', () => {
        for (const seed of SEEDS) {
            const stage = new Stage({ seed, publishMs: 200 })
            const { leader, governments } = stage
            const mend = stage.cut((from, to) => from !== leader && to !== leader)
            stage.pass(30)
            assert.equal(stage.world.realm.chronicle.government?.promise !== undefined, true)
            assert.equal(stage.world.living.filter((one) => stage.world.isCitizen(one)).length, 5)
            assert.equal(stage.leader, leader)
            assert.ok(stage.governments - governments <= 4, `${stage.governments - governments}`)
            mend()
            settles(stage)
        }
    })
})

describe('a republic where the reference errs', () => {
    it('naturalizes a member that reports ready before its admission', () => {
        const stage = new Stage({ population: 1 })
        const { colleagues } = stage.trial
        for (const id of ['early', 'bird']) {
            const resident = colleagues.join(id, colleagues.vacancy())
            resident.play('naturalize', {})
        }
        stage.until('It has grown', () => stage.voters.length === 3, 5)
    })

    for (const parliamentSize of [2, 4, 6]) {
        it(`does not grow past an even size of ${parliamentSize}`, () => {
            const stage = new Stage({ population: 8, parliamentSize })
            stage.pass(10)
            assert.equal(stage.voters.length, parliamentSize - 1)
        })
    }

    it('ends a duel of two simultaneous candidates within three timeouts', () => {
        for (let seed = 1; seed <= 20; seed++) {
            const climate = { latencyMs: 30, jitterMs: 0, isOrdered: true }
            const stage = new Stage({ seed, climate })
            stage.crash(stage.leader)
            const took = stage.publish(stage.voters[2] ?? '', 'decided', 5)
            assert.ok(took <= 3, `${took} timeouts with seed ${seed}`)
        }
    })

    it('delivers a thousand entries to all three members within two timeouts', () => {
        const stage = new Stage({
            population: 3,
            parliamentSize: 3,
            climate: { latencyMs: 5, jitterMs: 0, isOrdered: true }
        })
        const publisher = stage.member(stage.voters[1] ?? '')
        for (let index = 0; index < 1000; index++) {
            publisher.publish(`of a thousand ${index}`)
        }
        stage.until('All have all', () => stage.isSettled(), 2)
    })

    it('keeps two foundings with one name apart', () => {
        for (const seed of SEEDS) {
            const stage = busy(seed)
            const { colleagues } = stage.trial
            const victim = stage.member(stage.voters[seed % 5] ?? '')
            stage.world.kill(victim)
            const founder = colleagues.found(victim.id, victim.host, 'another founding')
            founder.publish('there')
            stage.pass(10)
            assert.equal(founder.door.paxos.isLeading, true)
            assert.equal(founder.door.islander.health().waiting, 0)
            assert.ok(!stage.isLogged('there'))
            stage.world.kill(founder)
            settles(stage)
        }
    })

    it('trims the log, even if a crashed member lacks entries', () => {
        const stage = new Stage({ population: 5 })
        const publishMany = (name: string): void => {
            for (let index = 0; index < 4000; index++) {
                stage.member(stage.leader).publish(`${name} ${index}`)
            }
            stage.pass(10)
            settles(stage)
        }
        publishMany('all alive')
        stage.crash(stage.voters[4] ?? '')
        stage.pass(5)
        publishMany('one dead')
        for (const { door } of stage.world.living) {
            assert.ok((door.paxos.history(null) ?? []).length < 2500)
        }
    })
})
