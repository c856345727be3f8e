import { PrometheusExporter } from '@opentelemetry/exporter-prometheus'
import { MeterProvider } from '@opentelemetry/sdk-metrics'
import {
    BasicTracerProvider, BatchSpanProcessor, InMemorySpanExporter
} from '@opentelemetry/sdk-trace-base'
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
    const exporter = new PrometheusExporter({ preventServerStart: true })
    const meterProvider = new MeterProvider({ readers: [exporter] })
    const spans = new InMemorySpanExporter()
    const tracerProvider = new BasicTracerProvider({
        spanProcessors: [new BatchSpanProcessor(spans)]
    })
    const undos = members.map((member) => instrument(member, {
        meterProvider, tracerProvider, traces: observed === 'spans'
    }))
    const timer = setInterval(() => {
        spans.reset()
        void exporter.collect()
    }, SCRAPE_MS)
    return () => {
        clearInterval(timer)
        runAll(undos)
        void tracerProvider.shutdown()
        void meterProvider.shutdown()
    }
}
