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

describe('what the reference loses is kept: it', () => {
    it('keeps what a leader has committed and delivered before it dies or is cut off', () => {
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

    it('gives one number to one government where two candidates try at once', () => {
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

    it('writes what a new government carries over to the majority of that government', () => {
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

    it('counts no process that has forgotten what it answered before', () => {
        for (const seed of SEEDS) {
            const stage = busy(seed, { population: 3, parliamentSize: 3 })
            const [leader, first, second] = stage.voters
            const mend = stage.cut((from, to) => from === second || to === second)
            stage.publish(leader ?? '', 'held by two', 2)
            const again = stage.trial.colleagues.restart(stage.member(first ?? ''), true)
            mend()
            stage.crash(leader ?? '')
            stage.pass(20)
            // Only one of the three is left that remembers: nobody may lead any more.
            assert.ok(!again.door.paxos.isLeading)
            assert.ok(stage.world.living.every(({ door }) => !door.paxos.isLeading))
        }
    })

    it('has a batch in the log once though every call and every answer comes twice', () => {
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

    it('does not take a batch that arrives long after it was given up and sent again', () => {
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

describe('what the reference gets stuck at goes on: it', () => {
    it('does not seat whom it has exiled, and makes few governments of one death', () => {
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

    it('throws nowhere while it grows, admits and exiles under load', () => {
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

    it('elects where the only member that is up to date sits in the minority', () => {
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

    it('keeps a floor of seats where it is told to, and else shrinks to one', () => {
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

    it('tells a live member that it was exiled', () => {
        for (const seed of SEEDS) {
            const stage = new Stage({ seed })
            const one = stage.member(stage.voters[4] ?? '')
            const ticket = { first: 1, count: 1, weight: 1, signal: undefined }
            const publication = one.door.publications.wait(ticket, () => null)
            const mend = stage.cut((from, to) => from === one.id || to === one.id)
            one.publish('never seen')
            stage.pass(6)
            mend()
            stage.until('It knows', () => one.door.paxos.exiled, 5)
            assert.equal(one.door.paxos.inspect().role, 'exile')
            void assert.rejects(publication, { code: 'exiled' })
        }
    })

    it('exiles nobody where all reach the leader and nobody else', () => {
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

describe('what the reference gets wrong is right: it', () => {
    it('naturalizes who said that it is ready before it was admitted', () => {
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

    it('ends duels soon: two that begin at the same instant do not go on in step', () => {
        for (let seed = 1; seed <= 20; seed++) {
            const climate = { latencyMs: 30, jitterMs: 0, isOrdered: true }
            const stage = new Stage({ seed, climate })
            stage.crash(stage.leader)
            const took = stage.publish(stage.voters[2] ?? '', 'decided', 5)
            assert.ok(took <= 3, `${took} timeouts with seed ${seed}`)
        }
    })

    it('keeps a third member level under a thousand entries at five milliseconds', () => {
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

    it('keeps two foundings of one name apart', () => {
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

    it('trims what all hold, and what the dead have not taken does not pin the log', () => {
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
