import { Monotonic } from '../../../src/base/monotonic.js'
import type { Request } from '../../../src/paxos/messages/messages.js'
import { inside } from '../inside.js'
import type { Resident } from '../resident.js'
import type { VirtualTimeline } from '../../../src/testing/virtual-timeline.js'
import { fail } from '../violation.js'

/** The last word of a leader in good standing that reached a member. */
interface Word {
    /** The process that led when the word arrived. */
    readonly leader: Resident
    /** Until when the word vouches for the leader. */
    readonly until: number
    /** The last input before the word, in the time of the receiver. */
    readonly after: number
}

/** Members reckon in whole milliseconds. */
const GRAIN_MS = 1

/** The part of a world that the checker reads. */
export interface Scene {
    readonly timeline: Pick<VirtualTimeline, 'now'>
    readonly options: { readonly timeout: number }
    /** The process that leads by the last government of the log, if that process lives. */
    readonly leader: Resident | null
}

/**
 * Canvasses of members that a leader feeds: L5.
 *
 * A run or a synchronization that carries `standing` proves that the leader had a majority
 * `standing` milliseconds ago. For the rest of a `timeout` the receiver has no ground to canvass,
 * however far its log lags, unless the republic changes its leader in the meantime. A message of an
 * earlier government than the receiver's, or one that the receiver rejects, is no word of the
 * leader. Neither is a run under a ballot below the promised one: the receiver must refuse the run,
 * and the leader needs a higher ballot. Neither is a synchronization of the government under which
 * the receiver was elected: an established leader has a government of its own, so the word is older
 * than the election. A canvass from before the word may leave after it: it has waited for the disk.
 */
export class Guidance {
    /** Whether a canvass of a fed member is a violation: a trial sets it once all is mended. */
    isWatching = false
    readonly #scene: Scene
    readonly #words = new Map<Resident, Word>()

    constructor(scene: Scene) {
        this.#scene = scene
    }

    /** A member takes a request. */
    hear(by: Resident, request: Request): void {
        const { method, standing } = request
        if (!this.isWatching || standing === null ||
            (method !== 'register' && method !== 'synchronize')) {
            return
        }
        const { leader, options: { timeout }, timeline: { now } } = this.#scene
        const { acceptance, citizenship, now: after, role } = inside(by.door.paxos)
        const { promised } = acceptance
        const order = Monotonic.compare(request.government, citizenship.government.promise)
        const isOlder = method === 'synchronize' && role.name === 'elected' && order === 0
        const isMeant = citizenship.reject(request) === null && order >= 0 && !isOlder
        const isRefused = method === 'register' && Monotonic.compare(request.ballot, promised) < 0
        if (leader !== null && standing < timeout && isMeant && !isRefused) {
            const until = now + timeout - standing - GRAIN_MS
            this.#words.set(by, { leader, until, after })
        }
    }

    /** A request leaves a member. */
    send(from: Resident, request: Request): void {
        // A successor that its leader has told to go ahead canvasses rightly.
        if (!this.isWatching || request.method !== 'canvass' || 'ceded' in request) {
            return
        }
        const word = this.#words.get(from)
        const { leader, timeline: { now } } = this.#scene
        const isLed = word !== undefined && word.leader === leader && now < word.until
        if (isLed && from.calledAt > word.after && leader.door.paxos.isLeading) {
            fail('L5', `${from.id} canvasses although ${leader.id} leads and feeds it`)
        }
    }
}
