import type { LeaderPeriod } from './leader-watch.js'

/** The number of periods without a leader to keep. */
const PERIODS_MAX = 2_000

/** A period of a leader with aligned instants. */
export interface AlignedPeriod {
    readonly period: LeaderPeriod
    readonly from: number
    readonly to: number
}

/** A period without a leader in good standing. Instants are aligned. */
export interface LeaderlessPeriod {
    readonly index: number
    readonly from: number
    readonly to: number
    /** The leader before. */
    readonly before: string
    /** The leader afterwards; `null` if the recordings end without a leader. */
    readonly after: string | null
    readonly last: AlignedPeriod
    readonly next: AlignedPeriod | null
}

/** Aligns the periods of leaders, and sorts these by their starts, then by the leaders. */
export function alignPeriods(
    periods: readonly LeaderPeriod[], aligned: (member: string, when: number) => number
): readonly AlignedPeriod[] {
    return periods
        .map((period) => ({
            period,
            from: aligned(period.member, period.from),
            to: aligned(period.member, period.to)
        }))
        .sort((one, other) => one.from - other.from
            || Number(one.period.member > other.period.member)
            - Number(one.period.member < other.period.member))
}

/**
 * The periods without a leader in good standing: between the last instant at which a majority
 * obeyed a leader, and the start of the next leader. Another leader in good standing ends a period,
 * so that a cession makes a period of a few milliseconds or none.
 *
 * @param end The last instant of all recordings.
 */
export function leaderlessPeriods(
    periods: readonly AlignedPeriod[], end: number, timeoutMs: number
): readonly LeaderlessPeriod[] {
    const found: LeaderlessPeriod[] = []
    let last: AlignedPeriod | null = null
    const note = (next: AlignedPeriod | null, to: number): void => {
        if (last !== null && to > last.to && found.length < PERIODS_MAX) {
            found.push({
                index: found.length, from: last.to, to, before: last.period.member,
                after: next?.period.member ?? null, last, next
            })
        }
    }
    for (const period of periods) {
        note(period, period.from)
        last = last === null || period.to > last.to ? period : last
    }
    if (last !== null && end - last.to > timeoutMs) {
        note(null, end)
    }
    return found
}
