import {
    AggregationTemporality, InMemoryMetricExporter, MeterProvider, PeriodicExportingMetricReader
} from '@opentelemetry/sdk-metrics'
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base'
import type { Kibitzer } from '../../src/index.js'
import { metricsOf } from '../../src/member/member-parts.js'
import { instrument } from '../../src/opentelemetry/opentelemetry.js'

/** What observes the members of a republic. */
export type Observed = 'fold' | 'metrics' | 'spans'

/** How often the metrics are collected, in milliseconds. */
const SCRAPE_MS = 1000

function runAll(undos: readonly (() => void)[]): void {
    for (const undo of undos) {
        undo()
    }
}

/** Observes the members. Returns the undo. */
export function observe(members: readonly Kibitzer[], observed: Observed | null): () => void {
    if (observed === null) {
        return () => {}
    }
    if (observed === 'fold') {
        const undos = members.map((member) => metricsOf(member).add(() => {}))
        return () => runAll(undos)
    }
    const reader = new PeriodicExportingMetricReader({
        exporter: new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE),
        exportIntervalMillis: SCRAPE_MS, exportTimeoutMillis: SCRAPE_MS
    })
    const meterProvider = new MeterProvider({ readers: [reader] })
    const tracerProvider = new BasicTracerProvider({
        spanProcessors: [new BatchSpanProcessor({
            export: (_spans, taken) => taken({ code: 0 }),
            shutdown: async () => {}
        })]
    })
    const undos = members.map((member) => instrument(member, {
        meterProvider, tracerProvider, traces: observed === 'spans'
    }))
    return () => {
        runAll(undos)
        void tracerProvider.shutdown()
        void meterProvider.shutdown()
    }
}
