import { DURATION_BOUNDS_MS, ENTRY_BOUNDS } from './distribution.js'
import type {
    DistributionMetric, Metric, MetricMoment, MetricName, MetricPoint, NamedPoint, ValueMetric
} from './metric.js'

/** The roles of a member. Exactly one has the value 1. */
const ROLES = ['leader', 'citizen', 'candidate', 'stranger', 'exile'] as const

/** The milliseconds of a second. */
const SECOND_MS = 1000

function one(value: number): readonly MetricPoint[] {
    return [{ value, attributes: {} }]
}

function each(
    values: Readonly<Record<string, number>>, attribute: string
): readonly MetricPoint[] {
    return Object.entries(values).map(([name, value]) => {
        return { value, attributes: { [attribute]: name } }
    })
}

/** The seconds since an instant; no value without an instant. */
function since(instant: number | null, at: number): readonly MetricPoint[] {
    return instant === null ? [] : one(Math.max(0, at - instant) / SECOND_MS)
}

/** The seconds since the last contact with a leader: at a leader, with a quorum. */
function contactAge(moment: MetricMoment, isLeader: boolean): readonly MetricPoint[] {
    const { inspection, contact: { leaderSeenMs }, state: { when }, at } = moment
    if ((inspection.role === 'leader') !== isLeader || leaderSeenMs === null) {
        return []
    }
    return one((leaderSeenMs + Math.max(0, at - (when ?? at))) / SECOND_MS)
}

function gauge(
    name: string, unit: string, description: string, read: ValueMetric['read']
): ValueMetric {
    return { name, kind: 'gauge', unit, description, read }
}

function counter(
    name: string, unit: string, description: string, read: ValueMetric['read']
): ValueMetric {
    return { name, kind: 'counter', unit, description, read }
}

function histogram(
    name: string, unit: string, description: string,
    { bounds, scale, field }: Pick<DistributionMetric, 'bounds' | 'scale' | 'field'>
): DistributionMetric {
    const read: DistributionMetric['read'] = ({ state }) => state[field]
    return { name, kind: 'histogram', unit, description, bounds, scale, field, read }
}

/** The metrics that the recorded inputs show. A live member has the same metrics. */
export const METRICS: readonly Metric[] = Object.freeze([
    gauge('kibitz.member.role', '1', 'Whether the member has this role: 1 for exactly one role.',
        ({ inspection: { role } }) => ROLES.map((name) => {
            return { value: name === role ? 1 : 0, attributes: { 'kibitz.role': name } }
        })),
    gauge('kibitz.member.led', '1', 'Whether the member knows a leader in good standing.',
        ({ contact: { isLed } }) => one(isLed ? 1 : 0)),
    counter('kibitz.member.starts', '{start}', 'Starts of the process of the member.',
        ({ state }) => one(state.starts)),
    counter('kibitz.member.inputs', '{input}', 'Inputs of the member.',
        ({ state }) => one(state.inputs)),
    gauge('kibitz.government.age', 's', 'Time since the government in force took effect.',
        ({ state, at }) => since(state.governedAt, at)),
    gauge('kibitz.government.voters', '{member}', 'Voters of the government in force.',
        ({ member: { government: { majority, minority } } }) =>
            one(majority.length + minority.length)),
    counter('kibitz.governments', '{government}', 'Governments that have taken effect.',
        ({ state }) => one(state.governments)),
    counter('kibitz.collapses', '{collapse}', 'Governments that an election has made.',
        ({ state }) => one(state.collapses)),
    gauge('kibitz.quorum.age', 's', 'At the leader: time since a majority last answered.',
        (moment) => contactAge(moment, true)),
    gauge('kibitz.leader.age', 's', 'At other members: time since the last contact with a leader.',
        (moment) => contactAge(moment, false)),
    gauge('kibitz.peer.lag.entries', '{entry}',
        'At the leader: committed entries that a voter is not known to hold.',
        ({ inspection: { lag } }) => each(lag, 'kibitz.peer')),
    gauge('kibitz.peer.lag.size', 'By', 'At the leader: about the size of these entries.',
        ({ inspection: { lagSize } }) => each(lagSize, 'kibitz.peer')),
    counter('kibitz.peer.failures', '{call}', 'Calls to a peer that brought no answer.',
        ({ state }) => each(state.failures, 'kibitz.peer')),
    counter('kibitz.log.entries', '{entry}', 'Entries that the log of the member has gained.',
        ({ state }) => one(state.entries)),
    gauge('kibitz.leader.backlog', '{entry}', 'Proposals that the leader has not written yet.',
        ({ inspection: { waiting } }) => one(waiting)),
    histogram('kibitz.leader.batch.size', '{entry}', 'Entries of a batch that the leader took.',
        { bounds: ENTRY_BOUNDS, scale: 1, field: 'proposals' }),
    counter('kibitz.leader.rejections', '{batch}',
        'Batches that the member turned away: it did not lead, or lacked an earlier batch.',
        ({ state }) => one(state.unwritten)),
    counter('kibitz.publisher.publishes', '{entry}', 'Values that the member has published.',
        ({ member }) => one(member.published)),
    gauge('kibitz.publisher.backlog', '{entry}', 'Published values that are not in the log yet.',
        ({ health: { waiting, pending } }) => [
            { value: waiting, attributes: { 'kibitz.state': 'sent' } },
            { value: pending, attributes: { 'kibitz.state': 'waiting' } }
        ]),
    histogram('kibitz.publisher.batch.size', '{entry}', 'Entries of a batch sent to the leader.',
        { bounds: ENTRY_BOUNDS, scale: 1, field: 'batches' }),
    counter('kibitz.publisher.resubmissions', '{entry}', 'Values that were sent again.',
        ({ state }) => one(state.resubmissions)),
    counter('kibitz.publisher.refusals', '{batch}', 'Refused batches, by status.',
        ({ state }) => each(state.refusals, 'kibitz.status')),
    histogram('kibitz.publisher.latency', 's',
        'Time from a publish to its entry in the log, one publish at a time.', {
            bounds: DURATION_BOUNDS_MS.map((ms) => ms / SECOND_MS), scale: 1 / SECOND_MS,
            field: 'latency'
        }),
    gauge('kibitz.snapshot.age', 's', 'Time since the last snapshot.',
        ({ state, at }) => since(state.snapshotAt, at))
])

/** The metrics that no recorded input shows. Only a live member has these metrics. */
export const LIVE_METRICS: readonly MetricName[] = Object.freeze([
    {
        name: 'kibitz.rejections', kind: 'counter', unit: '{message}',
        description: 'Calls and answers that the guard has rejected before an input, by code.'
    },
    {
        name: 'kibitz.peer.refusals', kind: 'counter', unit: '{call}',
        description: 'Refused calls to a peer, by status.'
    },
    {
        name: 'kibitz.flush.duration', kind: 'histogram', unit: 's',
        description: 'Time of a flush of the journal to stable storage.'
    },
    {
        name: 'kibitz.reader.backlog', kind: 'gauge', unit: '{entry}',
        description: 'Entries that the slowest reader of the log has not taken.'
    },
    {
        name: 'kibitz.journal.unflushed', kind: 'gauge', unit: '{record}',
        description: 'Records of the journal that are not flushed.'
    },
    {
        name: 'kibitz.journal.size', kind: 'gauge', unit: 'By',
        description: 'The size of the journal on disk.'
    }
])

/** The values of all metrics at a moment. A histogram has its count and its sum. */
export function readAll(moment: MetricMoment): readonly NamedPoint[] {
    return METRICS.flatMap((metric) => {
        const { name, unit } = metric
        if (metric.kind !== 'histogram') {
            return metric.read(moment).map((point) => ({ name, unit, ...point }))
        }
        const { count, sum } = metric.read(moment)
        return [
            { name: `${name}.count`, unit: '1', value: count, attributes: {} },
            { name: `${name}.sum`, unit, value: sum * metric.scale, attributes: {} }
        ]
    })
}
