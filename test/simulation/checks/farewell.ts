import type { Resident } from '../resident.js'
import type { VirtualTimeline } from '../../../src/testing/virtual-timeline.js'
import { demand } from '../violation.js'

/** How many events may still follow, once everybody is closed: what was under way, and timers. */
const EVENTS_MAX = 100_000

/** Looks at what is left of a process that was closed: L4. */
export function checkClosed(resident: Resident): void {
    const { door, entries } = resident
    const appointments = door.paxos.scheduler.calendar().length
    demand(appointments === 0, 'L4', () =>
        `${resident.id} is closed and has ${appointments} appointments`)
    demand(door.publications.size === 0, 'L4', () =>
        `${resident.id} is closed, and ${door.publications.size} publishes wait`)
    demand(resident.leftovers === 0, 'L4', () =>
        `${resident.id} is closed, and ${resident.leftovers} calls have not left`)
    demand(entries.shift() === null && entries.endOfStream, 'L4', () =>
        `${resident.id} is closed, and its log goes on`)
    demand(door.play('publish', 'to nobody') === null, 'L4', () =>
        `${resident.id} is closed, and takes what is published`)
}

/** Lets everything pass that is still to happen once everybody is closed; it comes to an end. */
export function exhaust(timeline: VirtualTimeline): void {
    let left = EVENTS_MAX
    timeline.runUntil(Number.POSITIVE_INFINITY, () => left-- === 0)
    demand(timeline.size === 0, 'L4', () =>
        `Everybody is gone, and ${timeline.size} events are still to happen`)
}
