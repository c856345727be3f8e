import type {
    Attributes, BatchObservableResult, Histogram, Meter, Observable, ObservableCounter,
    ObservableGauge
} from '@opentelemetry/api'
import { FLUSHES, type FlushMessage } from '../member/channels.js'
import type { Kibitzer } from '../member/kibitzer.js'
import { metricsOf } from '../member/member-parts.js'
import type { Status } from '../member/status.js'
import { DURATION_BOUNDS_MS } from '../metrics/distribution.js'
import type { MeasuredState } from '../metrics/measure.js'
import type { DistributionMetric, MetricName, MetricPoint } from '../metrics/metric.js'
import { LIVE_METRICS, METRICS } from '../metrics/recorded-metrics.js'

/** The part of a Kibitzer that the metrics use. */
type Measured = Pick<Kibitzer, 'id' | 'status' | 'destroyed' | 'paxos'>

const SECOND_MS = 1000

/**
 * The shortest time between two values of one histogram, in milliseconds of the member's clock. A
 * record costs the SDK microseconds, so under load the histograms get a sample; the counters count
 * everything.
 */
const SAMPLE_MS = 5

/** The attributes that every value of a member has. */
function memberAttributes({ id, paxos: { republic } }: Pick<Kibitzer, 'id' | 'paxos'>): Attributes {
    return {
        'kibitz.member': id,
        ...(republic === null ? {} : { 'kibitz.republic': String(republic) })
    }
}

function alone(value: number): readonly MetricPoint[] {
    return [{ value, attributes: {} }]
}

/** The values of the metrics that no recorded input shows, from the status of the member. */
const LIVE_VALUES: Readonly<Record<string, (status: Status) => readonly MetricPoint[]>> = {
    'kibitz.rejections': ({ rejected }) => Object.entries(rejected).map(([code, value]) => {
        return { value, attributes: { 'kibitz.code': code } }
    }),
    'kibitz.peer.refusals': ({ refused }) => Object.entries(refused).flatMap(([peer, counts]) =>
        Object.entries(counts).map(([status, value]) => {
            return { value, attributes: { 'kibitz.peer': peer, 'kibitz.status': status } }
        })),
    'kibitz.reader.backlog': ({ backlog }) => alone(backlog),
    'kibitz.journal.unflushed': ({ journal }) =>
        (journal === null ? [] : alone(journal.last - journal.stable)),
    'kibitz.journal.size': ({ journal }) =>
        (journal === null ? [] : alone(journal.size + journal.snapshotSize))
}

/** A histogram that gets a sample of the values of a distribution. */
class SampledHistogram {
    readonly #metric: DistributionMetric
    readonly #histogram: Histogram
    /** The number and the sum of the values before the last input. */
    #count = 0
    #sum = 0
    #sampledAt = Number.NEGATIVE_INFINITY

    constructor(metric: DistributionMetric, meter: Meter) {
        const { name, unit, description, bounds } = metric
        const advice = { explicitBucketBoundaries: [...bounds] }
        this.#metric = metric
        this.#histogram = meter.createHistogram(name, { unit, description, advice })
    }

    /** Takes the state before the first input: earlier values are no news. */
    begin(state: MeasuredState): void {
        const { count, sum } = state[this.#metric.field]
        this.#count = count
        this.#sum = sum
    }

    /** Takes the state after an input. */
    note(state: MeasuredState, when: number, attributes: Attributes): void {
        const { count, sum } = state[this.#metric.field]
        const more = count - this.#count
        if (more === 0) {
            return
        }
        if (more > 0 && when >= this.#sampledAt + SAMPLE_MS) {
            this.#sampledAt = when
            // Several batches in one input are rare; then each counts with their mean.
            const mean = (sum - this.#sum) / more * this.#metric.scale
            for (let value = 0; value < more; value++) {
                this.#histogram.record(mean, attributes)
            }
        }
        this.#count = count
        this.#sum = sum
    }
}

/** An observed metric with its values. */
interface Observed {
    readonly metric: MetricName
    readonly instrument: ObservableCounter | ObservableGauge
    readonly read: (moment: ReturnType<typeof readMoment>) => readonly MetricPoint[]
}

function readMoment(kibitzer: Measured): {
    readonly moment: ReturnType<ReturnType<typeof metricsOf>['moment']>
    readonly status: Status
} {
    return { moment: metricsOf(kibitzer).moment(), status: kibitzer.status() }
}

function observable(
    meter: Meter, { name, kind, unit, description }: MetricName
): Observed['instrument'] {
    return kind === 'counter'
        ? meter.createObservableCounter(name, { unit, description })
        : meter.createObservableGauge(name, { unit, description })
}

function observedOf(meter: Meter): readonly Observed[] {
    const recorded = METRICS.flatMap((metric) => (metric.kind === 'histogram' ? [] : [{
        metric,
        instrument: observable(meter, metric),
        read: ({ moment }: ReturnType<typeof readMoment>) => metric.read(moment)
    }]))
    const live = LIVE_METRICS.flatMap((metric) => {
        const read = LIVE_VALUES[metric.name]
        return read === undefined ? [] : [{
            metric,
            instrument: observable(meter, metric),
            read: ({ status }: ReturnType<typeof readMoment>) => read(status)
        }]
    })
    return [...recorded, ...live]
}

/** Records a sample of the growth of each distribution. Returns the undo. */
function recordDistributions(kibitzer: Measured, meter: Meter): () => void {
    const histograms = METRICS.flatMap((metric) =>
        (metric.kind === 'histogram' ? [new SampledHistogram(metric, meter)] : []))
    const metrics = metricsOf(kibitzer)
    let attributes = memberAttributes(kibitzer)
    let governments = 0
    const undo = metrics.add((state) => {
        if (state.governments !== governments) {
            governments = state.governments
            attributes = memberAttributes(kibitzer)
        }
        const when = state.when ?? 0
        for (const histogram of histograms) {
            histogram.note(state, when, attributes)
        }
    })
    const { state } = metrics.moment()
    for (const histogram of histograms) {
        histogram.begin(state)
    }
    return undo
}

/** Records the duration of each flush. Returns the undo. */
function recordFlushes(kibitzer: Measured, meter: Meter): () => void {
    const histogram = meter.createHistogram('kibitz.flush.duration', {
        unit: 's',
        description: 'Time of a flush of the journal to stable storage.',
        advice: { explicitBucketBoundaries: DURATION_BOUNDS_MS.map((ms) => ms / SECOND_MS) }
    })
    const take = (message: unknown): void => {
        const { member, republic, durationMs } = message as FlushMessage
        if (member === kibitzer.id && republic === kibitzer.paxos.republic) {
            histogram.record(durationMs / SECOND_MS, memberAttributes(kibitzer))
        }
    }
    FLUSHES.subscribe(take)
    return () => void FLUSHES.unsubscribe(take)
}

/** The limit of the values without an observation that are still reported. */
const SILENT_MAX = 4096

/**
 * The gauges that had a value at an earlier scrape, by name and attributes. The SDK repeats the
 * last value of a gauge that is not observed any more, so a former leader would show a lag forever.
 * Such a gauge gets the value NaN instead.
 */
class FormerGauges {
    readonly #known = new Map<string, readonly [Observed['instrument'], Attributes]>()
    readonly #seen = new Set<string>()

    note(name: string, instrument: Observed['instrument'], attributes: Attributes): void {
        const key = JSON.stringify([name, attributes])
        this.#seen.add(key)
        if (!this.#known.has(key) && this.#known.size < SILENT_MAX) {
            this.#known.set(key, [instrument, attributes])
        }
    }

    /** Observes NaN for each gauge without a value since the last call. */
    observeSilent(result: BatchObservableResult): void {
        for (const [key, [instrument, attributes]] of this.#known) {
            if (!this.#seen.has(key)) {
                result.observe(instrument, Number.NaN, attributes)
            }
        }
        this.#seen.clear()
    }
}

/** Reports the metrics of a member to a meter. Returns the undo. */
export function instrumentMetrics(kibitzer: Measured, meter: Meter): () => void {
    const all = observedOf(meter)
    const former = new FormerGauges()
    const observe = (result: BatchObservableResult): void => {
        const now = kibitzer.destroyed ? null : readMoment(kibitzer)
        const shared = memberAttributes(kibitzer)
        for (const { metric: { name, kind }, instrument, read } of all) {
            for (const { value, attributes } of now === null ? [] : read(now)) {
                const whole = { ...shared, ...attributes }
                result.observe(instrument, value, whole)
                if (kind === 'gauge') {
                    former.note(name, instrument, whole)
                }
            }
        }
        former.observeSilent(result)
    }
    const instruments: Observable[] = all.map(({ instrument }) => instrument)
    meter.addBatchObservableCallback(observe, instruments)
    const undos = [recordDistributions(kibitzer, meter), recordFlushes(kibitzer, meter)]
    return () => {
        meter.removeBatchObservableCallback(observe, instruments)
        for (const undo of undos) {
            undo()
        }
    }
}
