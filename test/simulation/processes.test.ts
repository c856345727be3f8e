import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Resident } from './resident.js'
import { revive } from './revival.js'
import { Stage } from './stage.js'

const HOUR = 3_600_000

/** Waits until all logs are equal and all publishes settled. */
function settles(stage: Stage, timeouts = 12): void {
    stage.trial.workload.end()
    stage.until('All is settled', () => stage.isSettled(), timeouts)
}

/** Three members that publish all the time. */
function three(seed: number, more = {}): Stage {
    return new Stage({ seed, population: 3, parliamentSize: 3, publishMs: 150, ...more })
}

describe('a republic of which a process ends', () => {
    for (const place of [0, 1, 2]) {
        it(`P1: loses no entry if member ${place} crashes between any two events`, () => {
            for (let step = 0; step < 120; step++) {
                const stage = three(1)
                stage.publish(stage.leader, 'before', 2)
                const dying = stage.member(stage.voters[place] ?? '')
                let steps = 0
                const { onStep } = stage.world
                stage.world.onStep = (resident) => {
                    onStep(resident)
                    if (resident === dying && dying.isAlive && steps++ === step) {
                        stage.world.kill(dying)
                    }
                }
                stage.pass(3)
                settles(stage)
                if (dying.isAlive) {
                    assert.ok(step > 30, `it took ${step} steps only`)
                    return
                }
            }
        })

        it(`P1: loses no entry if member ${place} crashes between any two sends`, () => {
            for (let sends = 0; sends < 60; sends++) {
                const stage = three(1)
                const dying = stage.member(stage.voters[place] ?? '')
                dying.sendsLeft = sends
                stage.pass(8)
                settles(stage)
                if (dying.isAlive) {
                    assert.ok(sends > 20, `it sent ${sends} times only`)
                    return
                }
            }
        })
    }

    it('P1: loses no entry if the first candidate crashes at any step of an election', () => {
        for (let step = 0; step < 40; step++) {
            const stage = new Stage({ publishMs: 150 })
            stage.publish(stage.leader, 'before', 2)
            stage.crash(stage.leader)
            let dying: Resident | null = null
            let steps = 0
            const { onStep } = stage.world
            stage.world.onStep = (resident) => {
                onStep(resident)
                dying ??= resident.door.paxos.isCampaigning ? resident : null
                if (resident === dying && resident.isAlive && steps++ === step) {
                    stage.world.kill(resident)
                }
            }
            stage.until('One has died', () => stage.world.living.length === 3, 5)
            stage.pass(5)
            settles(stage)
        }
    })

    it('P2: keeps a member that restarts with its recorded state', () => {
        for (const place of [0, 1, 2]) {
            for (const afterTimeouts of [0, 0.2, 0.4]) {
                const stage = three(place, { isRecorded: true })
                stage.pass(2)
                const { immigrated } = stage.member(stage.voters[place] ?? '').door.paxos
                const dead = stage.member(stage.voters[place] ?? '')
                stage.world.kill(dead)
                stage.pass(afterTimeouts)
                const again = revive(stage.world, dead)
                stage.pass(5)
                assert.equal(again.door.paxos.immigrated, immigrated)
                assert.ok(stage.voters.includes(again.id) && stage.voters.length === 3)
                settles(stage)
            }
        }
    })

    it('P2: loses no entry if all members restart with their recorded state', () => {
        for (const seed of [1, 2, 3]) {
            const stage = three(seed, { isRecorded: true })
            stage.publish(stage.voters[1] ?? '', 'before the end', 2)
            const dead = stage.world.living
            for (const one of dead) {
                stage.world.kill(one)
            }
            stage.pass(10)
            for (const one of dead) {
                revive(stage.world, one)
            }
            stage.publish(stage.voters[2] ?? '', 'after it', 5)
            settles(stage)
        }
    })

    it('P2: exiles no member if the leader ends last, and then all members restart', () => {
        for (const seed of [1, 2, 3, 4]) {
            for (const aloneTimeouts of [0.55, 0.7, 0.85]) {
                const stage = three(seed, { isRecorded: true })
                const { leader, voters } = stage
                const led = voters.filter((id) => id !== leader).map((id) => stage.member(id))
                const leading = stage.member(leader)
                for (const one of led) {
                    stage.world.kill(one)
                }
                stage.pass(aloneTimeouts)
                stage.world.kill(leading)
                stage.pass(10)
                revive(stage.world, leading)
                stage.pass(0.3)
                for (const one of led) {
                    revive(stage.world, one)
                    stage.pass(0.3)
                }
                settles(stage)
                assert.deepEqual(stage.voters.length, 3, `seed ${seed}, ${aloneTimeouts}`)
                assert.ok(stage.world.living.every(({ isCitizen }) => isCitizen))
            }
        }
    })

    it('P3: admits a member anew after the member loses its state', () => {
        for (const seed of [1, 2, 3, 4, 5, 6]) {
            const stage = three(seed)
            const lost = stage.member(stage.voters[seed % 3] ?? '')
            const again = stage.trial.colleagues.restart(lost, true)
            stage.until('It is back', () => stage.world.isCitizen(again), 12)
            settles(stage)
        }
    })

    it('P4: survives the restart of each member in turn without state', () => {
        const stage = new Stage({ publishMs: 150 })
        for (const id of stage.voters) {
            const again = stage.trial.colleagues.restart(stage.member(id), true)
            stage.until(`${id} is back`, () => stage.world.isCitizen(again), 12)
            stage.pass(3)
        }
        settles(stage)
        assert.equal(stage.voters.length, 5)
    })

    it('P4: survives the replacement of each member in turn by a newcomer', () => {
        const stage = new Stage({ publishMs: 150 })
        for (const id of stage.voters) {
            const another = stage.trial.colleagues.restart(stage.member(id), false)
            stage.until(`${id} is replaced`, () => stage.world.isCitizen(another), 12)
            stage.pass(3)
        }
        settles(stage)
        assert.equal(stage.voters.length, 5)
        assert.ok(stage.voters.every((id) => id.startsWith('n')))
    })

    it('P4: writes nothing if all members restart at once without state', () => {
        const stage = three(1)
        const { governments } = stage
        const { length } = stage.world.realm.chronicle.entries
        const again = stage.world.living.map((one) => stage.trial.colleagues.restart(one, true))
        stage.pass(60)
        assert.equal(stage.governments, governments)
        assert.equal(stage.world.realm.chronicle.entries.length, length)
        assert.ok(again.every(({ door }) => door.paxos.immigrated === '0/0'))
    })

    it('P4: elects no leader if a majority loses its state at once', () => {
        for (const seed of [1, 2, 3]) {
            const stage = new Stage({ seed, publishMs: 150 })
            const { voters, governments } = stage
            for (const id of voters.slice(0, 3)) {
                stage.trial.colleagues.restart(stage.member(id), true)
            }
            stage.pass(60)
            assert.equal(stage.governments, governments)
            assert.equal(stage.world.living.filter(({ door }) => door.paxos.isLeading).length, 0)
        }
    })
})

describe('a republic of which a process pauses', () => {
    for (const timeouts of [0.01, 0.3, 1, 3, 12, 60]) {
        it(`P5: settles after any one member pauses for ${timeouts} timeouts`, () => {
            for (const place of [0, 1, 2, 3, 4]) {
                const stage = new Stage({ seed: place, publishMs: 300 })
                const paused = stage.member(stage.voters[place] ?? '')
                paused.pause()
                stage.pass(timeouts)
                paused.wake()
                stage.pass(2)
                settles(stage, 20)
            }
        })
    }
})

describe('a republic with two processes of one id', () => {
    it('P6: does not admit the second process', () => {
        for (const seed of [1, 2, 3]) {
            const stage = three(seed)
            const { colleagues } = stage.trial
            const twin = colleagues.join(stage.voters[seed % 3] ?? '', colleagues.vacancy())
            stage.pass(20)
            assert.ok(!stage.world.isCitizen(twin))
            stage.world.kill(twin)
            settles(stage)
        }
    })
})

describe('a republic with wrong clocks and timers', () => {
    const wrongs: Record<string, (stage: Stage) => void> = {
        'are hours apart': ({ world }) => world.living.forEach(({ clockwork }, index) => {
            clockwork.set((index - 2) * HOUR)
        }),
        'run a tenth fast or slow': ({ world }) => world.living.forEach(({ clockwork }, index) => {
            clockwork.run(world.timeline.now, 0.9 + index * 0.05)
        }),
        'jump forward by three hours': ({ world }) => world.living.forEach(({ clockwork }) => {
            clockwork.set(3 * HOUR)
        }),
        'jump back by three hours': ({ world }) => world.living.forEach(({ clockwork }) => {
            clockwork.set(-3 * HOUR)
        })
    }
    for (const [wrong, befall] of Object.entries(wrongs)) {
        it(`P7: deposes no leader if the clocks ${wrong}`, () => {
            for (const seed of [1, 2, 3]) {
                const stage = new Stage({ seed, publishMs: 150 })
                const { elections, governments } = stage
                befall(stage)
                stage.pass(30)
                assert.deepEqual([stage.elections, stage.governments], [elections, governments])
                settles(stage)
            }
        })
    }

    it('P7: keeps writing if one clock stands still', () => {
        for (const place of [0, 1, 4]) {
            const stage = new Stage({ seed: place, publishMs: 150 })
            const { clockwork } = stage.member(stage.voters[place] ?? '')
            clockwork.run(stage.world.timeline.now, 0)
            const { length } = stage.world.realm.chronicle.entries
            stage.pass(20)
            assert.ok(stage.world.realm.chronicle.entries.length - length > 200)
            clockwork.run(stage.world.timeline.now, 1)
            settles(stage)
        }
    })

    it('P8: deposes no leader if timers fire late by less than a quarter of a timeout', () => {
        for (const seed of [1, 2, 3]) {
            const stage = new Stage({ seed, publishMs: 150 })
            const { elections } = stage
            stage.world.living.forEach((one, index) => {
                one.lateMs = index % 2 === 0 ? 240 : 0
                one.earlyMs = 2
            })
            stage.pass(30)
            assert.equal(stage.elections, elections)
            settles(stage)
        }
    })

    it('P8: deposes no leader if timers fire together, a few times in a timeout', () => {
        for (const grainMs of [16, 100, 240]) {
            const stage = new Stage({ publishMs: 150 })
            const { elections } = stage
            for (const one of stage.world.living) {
                one.grainMs = grainMs
            }
            stage.pass(30)
            assert.equal(stage.elections, elections, `${grainMs}`)
            settles(stage)
        }
    })
})
