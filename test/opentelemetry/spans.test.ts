import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import {
    BasicTracerProvider, InMemorySpanExporter, type ReadableSpan, SimpleSpanProcessor
} from '@opentelemetry/sdk-trace-base'
import { Kibitzer } from '../../src/index.js'
import { instrument, type InstrumentOptions } from '../../src/opentelemetry/opentelemetry.js'
import { Island } from '../support/island.js'
import '../support/silence.js'

describe('the spans of a member', () => {
    let exporter = new InMemorySpanExporter()
    let tracerProvider = new BasicTracerProvider()
    const undos: (() => void)[] = []

    beforeEach(() => {
        exporter = new InMemorySpanExporter()
        tracerProvider = new BasicTracerProvider({
            spanProcessors: [new SimpleSpanProcessor(exporter)]
        })
        context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
    })
    afterEach(() => {
        for (const undo of undos.splice(0)) {
            undo()
        }
        context.disable()
    })

    function watch(kibitzer: Kibitzer, options: InstrumentOptions = {}): void {
        undos.push(instrument(kibitzer, { tracerProvider, metrics: false, ...options }))
    }

    function founder(): Kibitzer {
        const kibitzer = new Kibitzer({ id: 'a', logger: false })
        undos.push(() => kibitzer.destroy())
        kibitzer.listen()
        kibitzer.bootstrap('orders', {})
        return kibitzer
    }

    function spansOf(name: string): readonly ReadableSpan[] {
        return exporter.getFinishedSpans().filter((span) => span.name === name)
    }

    function idsOf(spans: readonly ReadableSpan[]): readonly string[] {
        return spans.map((span) => span.spanContext().spanId)
    }

    function linkedBy({ links }: ReadableSpan): readonly string[] {
        return links.map((link) => link.context.spanId)
    }

    test('continue the span of the caller, and link to the batch', async () => {
        const kibitzer = founder()
        watch(kibitzer)
        const caller = tracerProvider.getTracer('test').startSpan('request')
        const { promise } = await context.with(trace.setSpan(context.active(), caller),
            () => kibitzer.publish({ order: 1 }))
        caller.end()
        const [publish] = spansOf('publish orders')
        const [batch] = spansOf('kibitz/enqueue')
        assert.ok(publish !== undefined && batch !== undefined)
        assert.equal(publish.parentSpanContext?.spanId, caller.spanContext().spanId)
        assert.equal(publish.spanContext().traceId, caller.spanContext().traceId)
        assert.equal(publish.kind, SpanKind.PRODUCER)
        assert.deepEqual(publish.attributes, {
            'messaging.system': 'kibitz', 'messaging.operation.name': 'publish',
            'messaging.operation.type': 'send', 'messaging.destination.name': 'orders',
            'messaging.client.id': 'a', 'messaging.batch.message_count': 1,
            'kibitz.promise': promise
        })
        assert.equal(batch.parentSpanContext, undefined)
        assert.deepEqual(linkedBy(publish), idsOf([batch]))
        assert.deepEqual(linkedBy(batch), idsOf([publish]))
        assert.equal(batch.attributes['rpc.method'], 'enqueue')
        assert.equal(batch.attributes['kibitz.peer'], 'a')
    })

    test('of several publishes in one batch link to the same batch', () => {
        using land = new Island()
        land.settle('a', 'b')
        const b = land.kibitzer('b')
        watch(b)
        b.publish('alone')
        land.level()
        b.publish('second')
        b.publishAll(['third', 'fourth'])
        b.barrier()
        land.level()
        return Promise.resolve().then(() => {
            const [one, two, ...others] = spansOf('kibitz/enqueue')
            assert.ok(one !== undefined && two !== undefined)
            assert.deepEqual(others, [])
            const publishes = spansOf('publish republic')
            assert.deepEqual(publishes.map((span) =>
                span.attributes['messaging.batch.message_count']), [1, 1, 2])
            const barriers = spansOf('barrier republic')
            assert.equal(barriers.length, 1)
            assert.deepEqual([...publishes, ...barriers].map(linkedBy),
                [one, two, two, two].map((span) => idsOf([span])))
            assert.deepEqual(linkedBy(two), idsOf([...publishes.slice(1), ...barriers]))
            assert.deepEqual([two.attributes['kibitz.peer'], two.attributes['kibitz.entries']],
                ['a', 4])
        })
    })

    test('link to each batch of a value that was sent again', () => {
        using land = new Island()
        land.settle('a', 'b')
        const b = land.kibitzer('b')
        watch(b)
        let lost = 1
        land.fate = ({ call }) => (call.method === 'enqueue' && lost-- > 0 ? 'lost' : null)
        b.publish('again')
        land.level()
        return Promise.resolve().then(() => {
            const [publish] = spansOf('publish republic')
            const batches = spansOf('kibitz/enqueue')
            assert.equal(batches[0]?.status.code, SpanStatusCode.ERROR)
            assert.ok(publish !== undefined)
            // The batch, and the batch again.
            assert.deepEqual([...linkedBy(publish)].sort(), [...idsOf(batches)].sort())
            assert.equal(batches.length, 2)
        })
    })

    test('end with the reason of a rejection', async () => {
        const kibitzer = new Kibitzer({ id: 'a', logger: false })
        kibitzer.listen()
        watch(kibitzer)
        const publish = kibitzer.publish('never')
        kibitzer.destroy()
        await assert.rejects(publish)
        await new Promise((resolve) => setImmediate(resolve))
        const [span] = spansOf('publish')
        assert.equal(span?.status.code, SpanStatusCode.ERROR)
        assert.match(span?.status.message ?? '', /destroyed|ended/)
        assert.equal(span?.events[0]?.name, 'exception')
    })

    test('include the calls with entries if wanted, and none of another member', () => {
        using land = new Island()
        land.settle('a', 'b', 'c')
        watch(land.kibitzer('a'), { calls: true })
        land.kibitzer('a').publish(1)
        land.kibitzer('b').publish(2)
        land.level()
        const calls = exporter.getFinishedSpans().filter(({ name }) => name.startsWith('kibitz/'))
        assert.ok(calls.length >= 3)
        for (const { attributes } of calls) {
            assert.equal(attributes['kibitz.member'], 'a')
            assert.ok(Number(attributes['kibitz.entries']) > 0)
        }
        assert.ok(spansOf('kibitz/register').length > 0)
    })

    test('end with the undo', () => {
        const kibitzer = new Kibitzer({ id: 'a', logger: false })
        undos.push(() => kibitzer.destroy())
        kibitzer.listen()
        const undo = instrument(kibitzer, { tracerProvider, metrics: false })
        kibitzer.publish('waits')
        assert.equal(exporter.getFinishedSpans().length, 0)
        undo()
        assert.equal(exporter.getFinishedSpans().length, 1)
        kibitzer.publish('unseen')
        assert.equal(exporter.getFinishedSpans().length, 1)
    })
})
