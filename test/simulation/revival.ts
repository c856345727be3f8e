import { drain } from '../support/alone.js'
import { Resident } from './resident.js'
import type { World } from './world.js'

/** Begins a dead, recorded process again, as the same incarnation, with all that it knew. */
export function revive(world: World, dead: Resident): Resident {
    const { number, id, host, cookie, clockwork } = dead
    const recording = world.observer.recordings.get(dead)
    if (recording === undefined || dead.isAlive) {
        throw new Error(`${id} is alive, or was not recorded.`)
    }
    const resident = new Resident(number, id, host, cookie, clockwork, world)
    resident.published = dead.published
    resident.recall(recording.played)
    drain(resident.entries)
    Object.assign(resident.memory, dead.memory)
    world.network.hosts[host] = resident
    world.residents[number] = resident
    world.observer.know(resident)
    world.onSpawn(resident)
    resident.play('revive', Object.freeze({}))
    return resident
}
