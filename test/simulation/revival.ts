import type { Player } from '../../src/member/player.js'
import { Monotonic } from '../../src/base/monotonic.js'
import { replayVersion } from '../../src/member/engine-version.js'
import type { PaxosOptions } from '../../src/paxos/options.js'
import { forgottenEntries } from '../../src/member/snapshot-encoding.js'
import { countReturn } from './checks/returns.js'
import type { Disk, Kept } from './disk.js'
import { standingOf } from './inside.js'
import { Resident } from './resident.js'
import { demand } from './violation.js'
import type { World } from './world.js'

/** Begins a dead process again, as the same incarnation, with all that is written of it. */
export function revive(world: World, dead: Resident): Resident {
    const { number, id, host, cookie, clockwork, disk } = dead
    const recording = world.observer.recordings.get(dead)
    if (dead.isAlive || (recording === undefined && disk === null)) {
        throw new Error(`${id} is alive, or was not recorded.`)
    }
    const resident = new Resident(number, id, host, cookie, clockwork, world, disk)
    world.say(() => `${id} comes back as process ${number}`)
    resident.published = dead.published
    resident.lost = dead.lost
    resident.founding = dead.founding
    const { memory } = resident
    Object.assign(memory, dead.memory, { again: { id, position: -1 } })
    Object.assign(resident.seen, {
        promised: memory.promised, accepted: memory.accepted, head: memory.head
    })
    if (disk === null) {
        resident.recall(recording?.played ?? [], () => {})
    } else {
        recover(world, resident, disk)
        checkTwin(dead, resident, disk)
        forgetLost(world, resident)
    }
    world.observer.look(resident)
    const { again, position } = memory
    const isBack = again === null || again.position >= position
    if (isBack) {
        memory.again = null
    } else {
        checkHeld(world, resident)
    }
    world.network.hosts[host] = resident
    world.residents[number] = resident
    world.observer.know(resident)
    world.onSpawn(resident)
    countReturn(resident, world.tally)
    const { paxos, versions } = resident.door
    const highestVersion = world.versions.draw(versions.current)
    if (highestVersion < paxos.options.highestVersion) {
        world.tally.reach('a member returns to an earlier version')
    }
    begin(resident, { ...paxos.options, highestVersion })
    return resident
}

/** What was published last and is not on the disk has no ticket any more. */
function forgetLost(world: World, resident: Resident): void {
    const { published, lost, door: { islander, paxos } } = resident
    const values = published.splice(islander.tickets)
    const life = islander.state().window?.lives.at(-1)
    if (life !== undefined && values.length !== 0) {
        lost.push({ first: Monotonic.add(life.cookie, life.count), values })
        world.observer.realmOf(resident).publishers.lose(paxos.immigrated, islander.tickets)
    }
}

/** Tells a member that its process begins. The process of a member with a disk tells it always. */
export function begin(resident: Resident, options: PaxosOptions): void {
    const version = replayVersion(resident.door.versions.current)
    const disk = resident.disk?.votes === true ? { disk: true } : null
    resident.play('revive', Object.freeze({ version, options: Object.freeze(options), ...disk }))
}

/**
 * Whether a member that has come back holds what it had delivered. The member need not know any
 * more that all of it is committed: it delivers the rest when it learns so. (S3)
 */
function checkHeld(world: World, resident: Resident): void {
    const { id, door, memory } = resident
    const { entries } = world.observer.realmOf(resident).chronicle
    const delivered = entries[memory.position]?.promise ?? '0/0'
    const { head } = door.paxos.logEnd
    demand(Monotonic.compare(head, delivered) >= 0, 'S3', () =>
        `${id} has come back and holds the log through ${head}, but had delivered ${delivered}`)
    world.tally.reach('a member that comes back learns anew what is committed')
}

/** Goes on from a disk; where it stands when all is replayed that others saw, it stood before. */
function recover(world: World, resident: Resident, disk: Disk): void {
    const { memory } = resident
    const { kept, records, last } = disk
    let through = kept?.through ?? 0
    demand(memory.through <= last, 'S6', () =>
        `${resident.id} let others see what follows from record ${memory.through} of ${last}`)
    if (kept !== null) {
        restore(resident, kept)
        memory.again = { id: resident.id, position: placeOf(world, resident, kept.promise) }
        world.tally.reach('a member comes back from a snapshot')
    }
    let isCompared = false
    const noted = memory.through
    const look = (): void => {
        if (through >= noted && !isCompared) {
            isCompared = true
            compare(resident)
        }
        if (through > noted) {
            world.observer.look(resident)
        }
    }
    look()
    resident.recall(records, () => {
        through++
        look()
    })
    memory.through = Math.max(noted, last)
}

function placeOf(world: World, resident: Resident, promise: Monotonic): number {
    const { entries } = world.observer.realmOf(resident).chronicle
    return entries.findIndex((entry) => entry.promise === promise)
}

function compare(resident: Resident): void {
    if (resident.door.paxos.exiled) {
        // Where an exile stands matters to nobody, and nobody has noted it.
        return
    }
    const { promised, accepted, head } = standingOf(resident.door.paxos)
    const { memory } = resident
    const isSame = promised === memory.promised && accepted === memory.accepted &&
        head === memory.head
    demand(isSame, 'S6', () => `${resident.id} comes back at ${promised} ${accepted} ${head}, ` +
        `and stood at ${memory.promised} ${memory.accepted} ${memory.head}`)
}

/** Whether what is written under a name is an instant of the member's own time. */
function isInstant(name: string): boolean {
    return name.endsWith('At') || name === 'at' || name === 'since'
}

/** All that a member is; the beginning of its own time, from which it reckons, does not count. */
function describe({ paxos, islander }: Player): string {
    const { time: { clock, skew }, ...rest } = paxos.state()
    const now = clock - skew
    // No input has brought a stranger the time yet.
    const hour = paxos.immigrated === '0/0' ? 0 : clock
    return JSON.stringify([hour, rest, islander.state()], (key, value: unknown) =>
        (isInstant(key) && typeof value === 'number' ? value - now
            : key === 'hearsay' ? (value as typeof rest.hearsay).map(([id, at]) => [id, at - now])
                : value))
}

/** Where nothing was lost, the one that has come back is the one that has died: S8. */
function checkTwin(dead: Resident, { door }: Resident, { last }: Disk): void {
    const { recorded, quiet } = dead.door.gate
    if (last !== 0 && last === recorded && quiet.count === 0) {
        const [before, after] = [dead.door, door].map(describe)
        demand(before === after, 'S8', () => `${dead.id} was ${before} and comes back as ${after}`)
    }
}

/** Takes a snapshot of a member, in as much time as the member's application needs. */
export function keep(world: World, resident: Resident): void {
    const { application, disk } = resident
    const snapshot = disk === null ? null : application.snapshot(world.timeline.now)
    if (snapshot === null || disk === null) {
        return
    }
    const { promise, release } = snapshot
    const finish = (): void => {
        release()
        if (resident.isClosed) {
            return
        }
        write(resident, disk, promise)
        const isOlder = promise !== resident.door.delivered
        if (isOlder) {
            world.tally.reach('a snapshot is older than the log')
        }
    }
    const { snapshotMs } = application.pace
    if (snapshotMs === 0) {
        finish()
    } else {
        world.timeline.after(snapshotMs, () => resident.resume(finish))
    }
}

/** Writes down all that a member is, to stand for what the member has recorded. */
function write({ id, door }: Resident, disk: Disk, promise: Monotonic): void {
    const { paxos, islander, gate } = door
    gate.recordQuiet()
    const state = paxos.state()
    const forgotten = forgottenEntries(state, door.history, promise)
    demand(forgotten !== null, 'S6', () => `${id} has forgotten ${promise}, and takes no snapshot`)
    if (forgotten === null) {
        return
    }
    const kept: Kept = {
        through: gate.recorded,
        when: state.time.clock,
        promise,
        forgotten: [...forgotten],
        paxos: state,
        islander: islander.state()
    }
    const text = JSON.stringify(kept)
    gate.pass(() => disk.keep(JSON.parse(text) as Kept))
}

/** Goes on from what is written of an earlier process. */
function restore(resident: Resident, { when, promise, forgotten, paxos, islander }: Kept): void {
    const { door } = resident
    door.paxos.recall(paxos)
    door.islander.recall(islander)
    resident.clock.advance(when)
    resident.application.applied = promise
    door.deliverAfter(promise, forgotten)
}
