import {
    type AlignedPeriod, alignPeriods, leaderlessPeriods, type LeaderlessPeriod
} from '../replay/leaderless-periods.js'
import type { RecordedRepublic } from './recorded-republic.js'

/** The periods of all leaders, by their aligned starts. */
export function leaderPeriods(republic: RecordedRepublic): readonly AlignedPeriod[] {
    return alignPeriods(republic.leaderWatch.periods,
        (member, when) => republic.aligned(member, when))
}

/** The last instant of all recordings, aligned. */
export function endOf(republic: RecordedRepublic): number {
    return republic.history.lanes.reduce((latest, { member, to }) =>
        Math.max(latest, republic.aligned(member, to)), Number.NEGATIVE_INFINITY)
}

/** The periods without a leader in good standing. */
export function gapsOf(republic: RecordedRepublic): readonly LeaderlessPeriod[] {
    return leaderlessPeriods(leaderPeriods(republic), endOf(republic),
        republic.leaderWatch.timeoutMs)
}
