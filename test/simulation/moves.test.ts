import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Durable, Fault } from './plan.js'
import { Stage } from './stage.js'
import type { Address } from './surroundings.js'

const DURABLE: Durable = {
    patienceMs: 20_000, flushMs: 3, snapshotMs: 2000, isAjar: false
}

/** A move that never comes: its plan lets members move, and members seek each other. */
const NEVER: Fault = { kind: 'move', atMs: 10 ** 9, forMs: 1, force: 0, seed: 1 }

const IDS = ['m0', 'm1', 'm2', 'm3', 'm4']

function five(): Stage {
    return new Stage({ population: 5, parliamentSize: 3, durable: DURABLE, faults: [NEVER] })
}

/** Stops members with their disks; each comes back at another address. */
function restart(stage: Stage, ids: readonly string[]): void {
    const members = ids.map((id) => stage.member(id))
    for (const one of members) {
        stage.world.cutPower(one, one.disk?.unflushed ?? 0)
    }
    for (const one of members) {
        stage.trial.colleagues.comeBack(one, true)
    }
}

/** Whether the log holds the address of every member, and every member knows that. */
function isKnown(stage: Stage): boolean {
    const { government } = stage.world.realm.chronicle
    return stage.world.living.every((one) =>
        (government?.properties[one.id] as Address | undefined)?.host === one.host &&
        !one.door.paxos.isMoving)
}

/** No government exiles a member, and every member keeps its incarnation. */
function assertIntact(stage: Stage, admitted: object | undefined): void {
    const { entries, government } = stage.world.realm.chronicle
    assert.deepEqual(government?.immigrated.promise, admitted)
    assert.ok(entries.every(({ body }) => !('majority' in body) || body.exile === null))
}

describe('members that come back from their disks at other addresses', () => {
    for (const count of [1, 2, 3, 5]) {
        it(`stay members, ${count} of five at once, whichever they are`, () => {
            for (let first = 0; first < IDS.length; first++) {
                const stage = five()
                const admitted = stage.world.realm.chronicle.government?.immigrated.promise
                for (const one of stage.world.living) {
                    one.publish(`${one.id} before`)
                }
                const movers = [...IDS, ...IDS].slice(first, first + count)
                restart(stage, movers)
                stage.until('The log holds every address', () => isKnown(stage), 15)
                for (const one of stage.world.living) {
                    one.publish(`${one.id} after`)
                }
                stage.until('All is settled', () => stage.isSettled(), 10)
                stage.pass(25)
                assertIntact(stage, admitted)
            }
        })
    }

    it('writes nothing about the members that come back at the same address', () => {
        const stage = five()
        const before = stage.governments
        for (const id of ['m3', 'm4']) {
            const one = stage.member(id)
            stage.world.cutPower(one, one.disk?.unflushed ?? 0)
            stage.trial.colleagues.comeBack(one)
        }
        stage.pass(5)
        assert.equal(stage.governments, before)
    })
})
