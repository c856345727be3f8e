import type { HistoryLane } from '../replay/history-lane.js'
import type {
    GapAnswer, GovernmentAnswer, LaneAnswer, OverviewAnswer, RoleAnswer, SilenceAnswer
} from './answers.js'
import { gapsOf } from './gaps.js'
import { changeOf } from './government-change.js'
import type { RecordedRepublic } from './recorded-republic.js'

/** The number of governments, of roles and of silences of a member that the overview names. */
const PARTS_MAX = 2_000

/** The number of members without a recording that the overview names. */
const MISSING_MAX = 100

/** Keeps the last parts of a list, and counts the omitted ones. */
class Limit {
    omitted: number = 0

    last<T>(all: readonly T[]): readonly T[] {
        this.omitted += Math.max(0, all.length - PARTS_MAX)
        return all.slice(-PARTS_MAX)
    }
}

function rolesOf(republic: RecordedRepublic, { member, roles, last }: HistoryLane):
RoleAnswer[] {
    const times = republic.times(member)
    return roles.map(({ number, role, government }, index) => ({
        member, number, role, government,
        from: times.at(number),
        to: times.at(roles[index + 1]?.number ?? last)
    }))
}

/** A member is silent if it has no input for a timeout: a live member has timers and calls. */
function silencesOf(republic: RecordedRepublic, { member, starts }: HistoryLane): SilenceAnswer[] {
    const times = republic.times(member)
    const restarts = new Set(starts)
    return times.pauses(republic.leaderWatch.timeoutMs).map((number) => ({
        number, from: times.at(number), to: times.at(number + 1),
        isRestart: restarts.has(number + 1)
    }))
}

function laneOf(republic: RecordedRepublic, lane: HistoryLane, limit: Limit): LaneAnswer {
    const { member, first, last, starts, diskWaits } = lane
    const times = republic.times(member)
    const isEmpty = last < first
    const unread = republic.unreadThrough(member)
    return {
        member, first, last, offset: times.offset,
        from: isEmpty ? 0 : times.at(first),
        to: isEmpty ? 0 : times.at(last),
        unsettled: republic.unsettled(member),
        damage: republic.damageOf(member),
        ...(unread === null ? {} : { unread }),
        roles: limit.last(rolesOf(republic, lane)),
        silences: limit.last(silencesOf(republic, lane)),
        diskWaits: limit.last(diskWaits).map(({ from, to }) =>
            ({ number: to, from: times.at(from), to: times.at(to) })),
        starts: limit.last(starts).map((number) => [times.at(number), number] as const)
    }
}

/** The governments with the first input that enacted each. */
function governmentsOf(republic: RecordedRepublic): GovernmentAnswer[] {
    const { governments } = republic.history
    return governments.flatMap((each, index) => {
        const { promise, government, enacted } = each
        const places = enacted.map(({ member, number }) =>
            ({ member, number, at: republic.at({ member, number }) }))
        const [first, ...others] = places
        if (first === undefined) {
            return []
        }
        const { member, number, at } = others.reduce((best, place) =>
            (place.at < best.at ? place : best), first)
        const { majority, minority, constituents } = government
        return [{
            promise, at, leader: majority[0] ?? '', majority, minority, constituents,
            change: changeOf(each, governments[index - 1] ?? null), place: { member, number }
        }]
    })
}

/** All members over the whole time. */
export function overviewOf(republic: RecordedRepublic): OverviewAnswer {
    const { history } = republic
    const limit = new Limit()
    const lanes = history.lanes.map((lane) => laneOf(republic, lane, limit))
    const from = lanes.reduce((least, lane) =>
        (lane.last < lane.first ? least : Math.min(least, lane.from)), Number.POSITIVE_INFINITY)
    const { progress } = republic
    const to = lanes.reduce((latest, { unread = latest }) => Math.max(latest, unread), republic.end)
    const [name] = history.governments.map(({ government }) => government.republic)
    const gaps = gapsOf(republic).map(({ index, from: begin, to, before, after }): GapAnswer =>
        ({ index, from: begin, to, before, after }))
    return {
        state: 'ready', republic: String(name ?? ''), from, to, lanes,
        governments: limit.last(governmentsOf(republic)), gaps,
        isRedacted: republic.isRedacted, omitted: limit.omitted,
        missing: republic.missing.slice(0, MISSING_MAX),
        ...(progress === null ? {} : { reading: progress })
    }
}
