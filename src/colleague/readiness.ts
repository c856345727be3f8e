import type { KibitzError } from '../base/errors.js'
import type { Kibitzer } from '../member/kibitzer.js'
import { readsOf } from '../member/member-parts.js'
import type { Status } from '../member/status.js'
import type { StateMachine } from './state-machine.js'

/**
 * Whether a member can serve the application's users, in one word:
 *
 * - `ready`: the member can serve
 * - `failed`: the member has stopped by itself
 * - `stopping`: the member leaves or stops, or was destroyed
 * - `exiled`: the republic has exiled the member
 * - `starting`: neither `start` nor `join` nor `bootstrap` has resolved yet
 * - `not-current`: the application has no state that follows the log, its state is older than three
 *   timeouts and eight pings (5 s by default), or more than 50,000 entries of the log wait
 * - `no-leader`: the member had no contact with a leader in good standing within three timeouts.
 */
export type ReadinessState =
    'ready' | 'failed' | 'stopping' | 'exiled' | 'starting' | 'not-current' | 'no-leader'

/** The part of a member's condition that decides on its readiness. */
export interface Condition {
    readonly hasFailed: boolean
    readonly isStopping: boolean
    /** Whether the member has come to its republic, with the state. */
    readonly hasStarted: boolean
    readonly role: Status['role']
    /** Number of entries that wait for the application, or for the slowest reader of the log. */
    readonly backlog: number
    /** Whether the application has a state that follows the log. */
    readonly isCurrent: boolean
    /**
     * The bound of the age of that state, in milliseconds: the state contains every entry that was
     * committed earlier. `null` if unknown, for example below a member of an earlier version.
     */
    readonly ageMs: number | null
    /** The time since the last contact with a leader, in milliseconds; `null` before the first. */
    readonly leaderContactMs: number | null
    /** The options `timeout` and `ping`, in milliseconds. */
    readonly timeout: number
    readonly ping: number
}

/** The parts of a Colleague that know its condition. */
export interface ReadinessParts {
    readonly failure: KibitzError | null
    readonly isStopping: boolean
    readonly settings: { readonly timeout: number; readonly ping: number }
    readonly kibitzer: Kibitzer
    readonly membership: { readonly hasStarted: boolean }
    readonly follower: { readonly stateMachine: Pick<StateMachine, 'isCurrent' | 'position'> }
}

/** The condition of a Colleague, as of now. */
export function conditionOf(parts: ReadinessParts): Condition {
    const status = parts.kibitzer.status()
    return {
        hasFailed: parts.failure !== null,
        isStopping: parts.isStopping,
        hasStarted: parts.membership.hasStarted,
        role: status.role,
        backlog: status.backlog,
        isCurrent: parts.follower.stateMachine.isCurrent,
        ageMs: readsOf(parts.kibitzer).ageOf(parts.follower.stateMachine),
        leaderContactMs: status.leaderSeenMs,
        timeout: parts.settings.timeout,
        ping: parts.settings.ping
    }
}

/** The time in which a member stays ready without contact with a leader, in timeouts. */
const CONTACT_TIMEOUTS = 3

/**
 * The age of the state of a ready member, in pings beyond the timeouts. The age at an idle member
 * grows by up to two pings at each step from the leader: majority, minority, constituents.
 */
const AGE_PINGS = 8

/** The number of entries of the log that may wait at a ready member. */
const BACKLOG_MAX = 50_000

/** The readiness of a member. If several states apply, the first state of the list counts. */
export function readinessOf(condition: Condition): ReadinessState {
    const { hasFailed, isStopping, hasStarted, role, timeout } = condition
    const { isCurrent, ageMs, backlog, leaderContactMs, ping } = condition
    const isOld = ageMs !== null && ageMs > timeout * CONTACT_TIMEOUTS + ping * AGE_PINGS
    const isCutOff = leaderContactMs === null || leaderContactMs > timeout * CONTACT_TIMEOUTS
    const states: readonly (readonly [ReadinessState, boolean])[] = [
        ['failed', hasFailed],
        ['stopping', isStopping],
        ['exiled', role === 'exile'],
        ['starting', role === 'stranger' || !hasStarted],
        ['not-current', !isCurrent || isOld || backlog > BACKLOG_MAX],
        ['no-leader', role === 'candidate' || isCutOff]
    ]
    return states.find(([, applies]) => applies)?.[0] ?? 'ready'
}
