import type { GapAnswer } from './answers.js'
import type { RecordedRepublic } from './recorded-republic.js'
import type { LeaderPeriod } from './leader-watch.js'

/** The number of gaps that are shown. */
const GAPS_MAX = 2_000

/** A period of a leader with aligned instants. */
export interface AlignedPeriod {
    readonly period: LeaderPeriod
    readonly from: number
    readonly to: number
}

/** The periods of all leaders, by their aligned starts. */
export function leaderPeriods(republic: RecordedRepublic): readonly AlignedPeriod[] {
    const { leaderWatch: { periods } } = republic
    return periods
        .map((period) => ({
            period,
            from: republic.aligned(period.member, period.from),
            to: republic.aligned(period.member, period.to)
        }))
        .sort((one, other) => one.from - other.from)
}

/** The last instant of all recordings, aligned. */
export function endOf(republic: RecordedRepublic): number {
    return republic.history.lanes.reduce((latest, { member, to }) =>
        Math.max(latest, republic.aligned(member, to)), Number.NEGATIVE_INFINITY)
}

/** A gap with the periods on both sides. */
export interface LeaderGap extends GapAnswer {
    readonly last: AlignedPeriod | null
    readonly next: AlignedPeriod | null
}

/**
 * The periods without a leader in good standing: between the last instant at which a majority
 * obeyed a leader, and the start of the next leader. Another leader in good standing ends a gap, so
 * that a cession makes a gap of a few milliseconds or none.
 */
export function gapsOf(republic: RecordedRepublic): readonly LeaderGap[] {
    const gaps: LeaderGap[] = []
    let last: AlignedPeriod | null = null
    const note = (next: AlignedPeriod | null, to: number): void => {
        if (last !== null && to > last.to && gaps.length < GAPS_MAX) {
            gaps.push({
                index: gaps.length, from: last.to, to, before: last.period.member,
                after: next?.period.member ?? null, last, next
            })
        }
    }
    for (const period of leaderPeriods(republic)) {
        note(period, period.from)
        last = last === null || period.to > last.to ? period : last
    }
    const end = endOf(republic)
    if (last !== null && end - last.to > republic.leaderWatch.timeoutMs) {
        note(null, end)
    }
    return gaps
}
