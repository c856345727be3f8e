import {
    type AlignedPeriod, alignPeriods, leaderlessPeriods, type LeaderlessPeriod
} from '../replay/leaderless-periods.js'
import type { RecordedRepublic } from './recorded-republic.js'

/** The periods of all leaders, by their aligned starts. */
export function leaderPeriods(republic: RecordedRepublic): readonly AlignedPeriod[] {
    return alignPeriods(republic.leaderWatch.periods,
        (member, when) => republic.aligned(member, when))
}

/** The periods without a leader in good standing. */
export function gapsOf(republic: RecordedRepublic): readonly LeaderlessPeriod[] {
    return leaderlessPeriods(leaderPeriods(republic), republic.end,
        republic.leaderWatch.timeoutMs)
}
