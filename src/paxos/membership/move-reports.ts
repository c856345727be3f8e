import { isEqualJson } from '../../base/json-equal.js'
import { jsonSize } from '../../base/json-value.js'
import type { Core } from '../core.js'
import type { Request } from '../messages/messages.js'
import { timeOfEcho } from '../replication/age.js'
import type { MoveReport, Relocation } from '../messages/moves.js'
import type { Pace } from '../replication/silence.js'
import { namesOf } from '../standing.js'
import { areSmall } from './admission.js'
import type { Change } from './government.js'
import { republicVersion } from './versions.js'

// The reports of moves on their way to the leader, by the rules in `moves.ts`. A member reports its
// move with its own requests and answers. Each member passes the reports of peers on with its
// answers, like the wishes to naturalize and to leave. The leader writes one government for each
// move.

/** The limit on the reported properties in one answer, in bytes of JSON. One report always fits. */
const REPORTS_SIZE_MAX = 64 * 1024

/** The number of timeouts for which a call of a moved member is a sign of life, at least. */
const CALL_TIMEOUTS = 4

const NOTHING: readonly MoveReport[] = []

/** The first version of a republic that knows moves. */
const MOVES_SINCE = 2

/** Whether the republic has a version that knows moves. */
export function knowsMoves({ government }: Core): boolean {
    return republicVersion(government) >= MOVES_SINCE
}

/** How long a call of a moved member is a sign of life, in milliseconds. */
export function lifeOfCall({ patience, timeout }: Pick<Pace, 'patience' | 'timeout'>): number {
    return Math.max(patience, CALL_TIMEOUTS * timeout)
}

/** Takes the report of a peer that has moved, from the peer itself or from another member. */
export function takeReport(core: Core, report: MoveReport): void {
    const { citizenship, moves } = core
    const { immigrated, number } = report
    const logged = citizenship.recordOf(immigrated)?.moved ?? 0
    const isOwn = immigrated === citizenship.immigrated
    const isNew = number > Math.max(logged, moves.numberOf(immigrated))
    if (isOwn || !isNew || !citizenship.isKnown(immigrated)) {
        return
    }
    moves.report(report)
    // The requests before the report went to another address, so they are no evidence of silence.
    moves.countCall(immigrated, core.now)
    core.isReshapeDue = true
}

/** Takes the report of a sender, and counts that a peer has reached the member. */
export function onCall(core: Core, { from: { immigrated }, moved, echo }: Request): void {
    const { citizenship, moves, now } = core
    if (moves.own !== null && !moves.own.isReached) {
        moves.own = { ...moves.own, isReached: true }
        endReports(core)
    }
    if (moved !== undefined && citizenship.isKnown(immigrated)) {
        const { number, properties } = moved
        takeReport(core, { immigrated, number, properties })
        if (hasHeard(core, echo)) {
            moves.countCall(immigrated, now)
        }
    }
}

/**
 * Whether a request echoes a recent answer of the member: the sender hears the member. A sender
 * that hears no answer can take no part, whatever its address.
 */
function hasHeard(core: Core, echo: number | undefined): boolean {
    if (echo === undefined) {
        return false
    }
    const agoMs = core.now - timeOfEcho(core, echo)
    return agoMs >= 0 && agoMs < CALL_TIMEOUTS * core.settings.timeout
}

/** Whether the member has moved, and the log does not hold the move yet. */
export function isMoving({ moves: { own }, citizenship }: Core): boolean {
    const { exiled, immigrated } = citizenship
    return own !== null && !exiled && own.number > (citizenship.recordOf(immigrated)?.moved ?? 0)
}

/** Ends the reports of the member's own move. No leader asks for the sign of life of a leader. */
function endReports(core: Core): void {
    const { moves, role } = core
    if (!isMoving(core) && (moves.own?.isReached === true || role.name === 'elected')) {
        moves.own = null
    }
}

/** A line of the table in `enact.ts`. Drops the reports that the log holds. */
export function settleMoves(core: Core, { body: { move } }: Change): void {
    const { moves, citizenship, now, settings } = core
    if (moves.isEmpty) {
        return
    }
    moves.retain((immigrated) => citizenship.isKnown(immigrated), now - lifeOfCall(settings))
    if (move !== undefined) {
        moves.confirm(move)
        renumber(core, move)
    }
    endReports(core)
}

/**
 * A process may have ended before its move was on disk. The next process then gives the number of
 * the lost move to another move. If the log holds the lost move, the member takes a higher number.
 */
function renumber({ moves, citizenship }: Core, { immigrated, number, properties }: MoveReport):
    void {
    const { own } = moves
    const isLost = own !== null && own.number <= number && !isEqualJson(own.properties, properties)
    if (isLost && immigrated === citizenship.immigrated) {
        moves.own = { ...own, number: number + 1 }
    }
}

/** The moves that the log does not hold yet, the member's own move first. */
function openMoves(core: Core): readonly MoveReport[] {
    const { moves, citizenship: { immigrated } } = core
    if (moves.isEmpty) {
        return NOTHING
    }
    const { own } = moves
    const reports = [...moves.reports()]
    return own !== null && isMoving(core)
        ? [{ immigrated, number: own.number, properties: own.properties }, ...reports]
        : reports
}

/** The reports in an answer of the member. The rest follows once the log holds some of them. */
export function reportsToPassOn(core: Core): readonly MoveReport[] {
    let size = 0
    return openMoves(core).filter(({ properties }, index) => {
        size += jsonSize(properties)
        return index === 0 || size <= REPORTS_SIZE_MAX
    })
}

/** The moves that the leader may write, oldest first: the properties of all citizens stay small. */
export function movesToWrite(core: Core): readonly Relocation[] {
    const open = knowsMoves(core) ? openMoves(core) : NOTHING
    return open.flatMap(({ immigrated, number, properties }) => {
        const [id] = namesOf(core, [immigrated])
        const mayMove = id !== undefined && fits(core, id, properties)
        return mayMove ? [{ id, immigrated, number, properties }] : []
    })
}

/** Whether the properties of all citizens stay below their limit if one citizen moves. */
export function fits({ government }: Core, id: string, properties: unknown): boolean {
    const others = Object.entries(government.properties).filter(([other]) => other !== id)
    return areSmall([...others.map(([, each]) => each), properties])
}
