import type { Contact, Inspection } from '../paxos/inspect.js'
import type { IslanderHealth } from '../publisher/islander-types.js'
import type { Distribution } from './distribution.js'
import type { MeasuredMember, MeasuredState } from './measure.js'

/** One value of a metric, with the attributes that tell it from the others. */
export interface MetricPoint {
    readonly value: number
    readonly attributes: Readonly<Record<string, string>>
}

/** One value, with the name and the unit of its metric. */
export interface NamedPoint extends MetricPoint {
    readonly name: string
    readonly unit: string
}

/** The measured state and the member, at one instant. */
export interface MetricMoment {
    readonly state: MeasuredState
    readonly member: Pick<MeasuredMember, 'id' | 'government' | 'published'>
    readonly inspection: Inspection
    readonly contact: Contact
    readonly health: IslanderHealth
    /** The instant, in milliseconds since the epoch. */
    readonly at: number
}

/** The name, kind, unit and meaning of a metric, by the semantic conventions of OpenTelemetry. */
export interface MetricName {
    readonly name: string
    /** `counter`: only grows while the process runs. `gauge`: a value as of the instant. */
    readonly kind: 'counter' | 'gauge' | 'histogram'
    /** The unit in UCUM: `s`, `By`, or an annotation such as `{entry}`. */
    readonly unit: string
    readonly description: string
}

/** A counter or a gauge that the recorded inputs show. */
export interface ValueMetric extends MetricName {
    readonly kind: 'counter' | 'gauge'
    /** The values at a moment; none if the moment has no value. */
    read(moment: MetricMoment): readonly MetricPoint[]
}

/** A histogram that the recorded inputs show. */
export interface DistributionMetric extends MetricName {
    readonly kind: 'histogram'
    /** The upper bounds of the buckets, in the unit of the metric. */
    readonly bounds: readonly number[]
    /** The distribution in the measured state. */
    readonly field: 'batches' | 'proposals' | 'latency'
    /** The factor from the values of the distribution to the unit of the metric. */
    readonly scale: number
    read(moment: Pick<MetricMoment, 'state'>): Distribution
}

/** A metric that the recorded inputs show, so the metric has a past. */
export type Metric = ValueMetric | DistributionMetric

/** A moment of a member. */
export function momentOf(
    state: MeasuredState, member: MeasuredMember, at: number
): MetricMoment {
    return {
        state, member, at,
        inspection: member.inspect(), contact: member.contact(), health: member.health()
    }
}
