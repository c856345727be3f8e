import '../base/packages.js'
import { metrics, trace, type MeterProvider, type TracerProvider } from '@opentelemetry/api'
import { type OptionTable, flag, having, readOptions } from '../base/option-table.js'
import type { Kibitzer } from '../member/kibitzer.js'
import { metricsOf } from '../member/member-parts.js'
import { instrumentMetrics } from './meters.js'
import { instrumentTraces } from './spans.js'

/** The name of the instrumentation scope. */
const SCOPE = 'kibitz'

/** The part of a Kibitzer that the instrumentation uses. */
export type InstrumentedKibitzer = Pick<Kibitzer, 'id' | 'status' | 'destroyed' | 'paxos'>

/** The options of `instrument`. */
export interface InstrumentOptions {
    /** The source of the meter. @default the global provider */
    readonly meterProvider?: MeterProvider
    /** The source of the tracer. @default the global provider */
    readonly tracerProvider?: TracerProvider
    /** Whether the metrics are reported. @default true */
    readonly metrics?: boolean
    /** Whether spans are reported. @default true */
    readonly traces?: boolean
    /** Whether the engine's calls with entries are spans, besides the batches. @default false */
    readonly calls?: boolean
}

const INSTRUMENT_OPTIONS: OptionTable<InstrumentOptions> = {
    meterProvider: having('a provider of meters', 'getMeter'),
    tracerProvider: having('a provider of tracers', 'getTracer'),
    metrics: flag,
    traces: flag,
    calls: flag
}

/**
 * Reports the metrics and spans of a member to OpenTelemetry, until the returned undo is called.
 * Call `instrument` before `start` or `listen`, because counters count from the call on.
 *
 * @param member A Colleague or a Kibitzer.
 * @throws KibitzError `invalid-argument`.
 */
export function instrument(
    member: InstrumentedKibitzer | { readonly kibitzer: InstrumentedKibitzer },
    options?: InstrumentOptions | null
): () => void {
    const {
        meterProvider = metrics, tracerProvider = trace, calls = false, ...wanted
    } = readOptions('instrument', options, INSTRUMENT_OPTIONS)
    const isOwner = typeof member === 'object' && member !== null && 'kibitzer' in member
    const kibitzer = isOwner ? member.kibitzer : member
    metricsOf(kibitzer) // Rejects an object that is no Kibitzer.
    const undos: (() => void)[] = []
    if (wanted.metrics !== false) {
        undos.push(instrumentMetrics(kibitzer, meterProvider.getMeter(SCOPE)))
    }
    if (wanted.traces !== false) {
        undos.push(instrumentTraces(kibitzer, tracerProvider.getTracer(SCOPE), calls))
    }
    return () => {
        for (const undo of undos.splice(0)) {
            undo()
        }
    }
}
