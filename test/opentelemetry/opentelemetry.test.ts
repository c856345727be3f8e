import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { Kibitzer } from '../../src/index.js'
import { FileJournal } from '../../src/journal/file-journal.js'
import { instrument } from '../../src/opentelemetry/opentelemetry.js'
import { LIVE_METRICS, METRICS } from '../../src/replay/index.js'
import { MemoryNetwork } from '../../src/transport/memory.js'
import { isRefusal } from '../support/refusal.js'
import { ScrapedProvider, type ScrapedValue, valuesIn } from './scraped.js'
import '../support/silence.js'

const DASHBOARD = fileURLToPath(
    new URL('../../../src/opentelemetry/grafana.json', import.meta.url))

/** The names that a Prometheus server stores for a metric. */
function storedNames({ name, kind }: { readonly name: string, readonly kind: string }): string[] {
    const stored = name.replaceAll('.', '_')
    return kind === 'histogram'
        ? ['bucket', 'count', 'sum'].map((suffix) => `${stored}_${suffix}`)
        : [kind === 'counter' ? `${stored}_total` : stored]
}

async function end(kibitzer: Kibitzer): Promise<void> {
    if (kibitzer.destroyed) {
        return
    }
    const ended = new Promise((resolve) => {
        kibitzer.destruction.wait(resolve)
    })
    kibitzer.destroy()
    await ended
}

describe('the metrics of a republic', () => {
    const base = mkdtempSync(join(tmpdir(), 'opentelemetry-'))
    const network = new MemoryNetwork()
    const scraped = new ScrapedProvider()
    const members: Kibitzer[] = []
    const undos: (() => void)[] = []
    let values: readonly ScrapedValue[] = []

    function scrapedOf(name: string, labels: Readonly<Record<string, string>>): number | undefined {
        const found = values.filter((value) => value.name === name
            && Object.entries(labels).every(([key, text]) => value.labels[key] === text))
        assert.ok(found.length <= 1, `${name}: ${found.length}`)
        return found[0]?.value
    }

    before(async () => {
        for (const id of ['a', 'b', 'c']) {
            const kibitzer = new Kibitzer({
                id, journal: new FileJournal(join(base, id)), logger: false
            })
            const options = { meterProvider: scraped.provider, traces: false }
            // A Colleague is recognized by its Kibitzer.
            undos.push(instrument(id === 'a' ? { kibitzer } : kibitzer, options))
            await kibitzer.recover()
            network.attach(kibitzer)
            kibitzer.listen()
            members.push(kibitzer)
        }
        const [a, b, c] = members as [Kibitzer, Kibitzer, Kibitzer]
        a.bootstrap('orders', { memory: 'a' })
        for (const newcomer of [b, c]) {
            await newcomer.join('orders', { memory: 'a' }, { memory: newcomer.id })
            newcomer.naturalize()
            await newcomer.publish(`${newcomer.id} is here`)
        }
        while (a.status().government.majority.length + a.status().government.minority.length < 3) {
            await a.barrier()
        }
        await a.publishAll([1, 2, 3])
        await b.publish('one more')
        const { promise } = await a.publish('the last')
        await a.snapshot(promise, 'the state')
        await a.request('nonsense')
        values = valuesIn(await scraped.text())
    })
    after(async () => {
        for (const undo of undos) {
            undo()
        }
        await Promise.all(members.map(end))
        await scraped.end()
        rmSync(base, { recursive: true })
    })

    test('are the values that each member knows', () => {
        const [a] = members
        assert.ok(a !== undefined)
        const own = { kibitz_member: 'a', kibitz_republic: 'orders' }
        assert.equal(scrapedOf('kibitz_member_role', { ...own, kibitz_role: 'leader' }), 1)
        assert.equal(scrapedOf('kibitz_member_role', { ...own, kibitz_role: 'citizen' }), 0)
        const other = { kibitz_member: 'b', kibitz_role: 'citizen' }
        assert.equal(scrapedOf('kibitz_member_role', other), 1)
        assert.equal(scrapedOf('kibitz_government_voters', own), 3)
        assert.equal(scrapedOf('kibitz_publisher_publishes_total', own), a.islander.tickets)
        assert.equal(scrapedOf('kibitz_publisher_publishes_total', { kibitz_member: 'b' }), 2)
        assert.equal(scrapedOf('kibitz_member_starts_total', own), 1)
        assert.equal(scrapedOf('kibitz_collapses_total', own), 0)
        assert.ok((scrapedOf('kibitz_quorum_age', own) ?? 99) < 10)
        assert.equal(scrapedOf('kibitz_quorum_age', { kibitz_member: 'b' }), undefined)
        assert.ok((scrapedOf('kibitz_leader_age', { kibitz_member: 'b' }) ?? 99) < 10)
        const peer = { ...own, kibitz_peer: 'c' }
        assert.ok((scrapedOf('kibitz_peer_lag_entries', peer) ?? 99) < 10)
        assert.ok((scrapedOf('kibitz_snapshot_age', own) ?? 99) < 60)
        const sum = scrapedOf('kibitz_publisher_batch_size_sum', own) ?? 0
        assert.ok(sum >= 1 && sum <= a.islander.tickets, String(sum))
        assert.ok((scrapedOf('kibitz_publisher_latency_count', own) ?? 0) >= 1)
        const { rejected, journal } = a.status()
        for (const [code, count] of Object.entries(rejected)) {
            assert.equal(scrapedOf('kibitz_rejections_total', { ...own, kibitz_code: code }), count)
        }
        assert.ok(Object.keys(rejected).length > 0)
        assert.ok((scrapedOf('kibitz_flush_duration_count', own) ?? 0) > 3)
        assert.ok((scrapedOf('kibitz_flush_duration_sum', own) ?? 0) > 0)
        assert.ok((scrapedOf('kibitz_journal_size', own) ?? 0) > (journal?.snapshotSize ?? 1e9) / 2)
    })

    test('have the units of the semantic conventions', async () => {
        const text = await scraped.text()
        for (const { name, description } of METRICS) {
            const stored = name.replaceAll('.', '_')
            const isHere = text.includes(`# HELP ${stored}`)
            assert.equal(isHere && text.includes(description), isHere, name)
        }
        assert.match(text, /^# UNIT kibitz_government_age s$/m)
    })

    test('have exactly the metrics of the tables', () => {
        const known = new Set([...METRICS, ...LIVE_METRICS].flatMap(storedNames))
        const found = new Set(values.map(({ name }) => name).filter((name) =>
            name.startsWith('kibitz')))
        assert.deepEqual([...found].filter((name) => !known.has(name)), [])
        // A republic without faults has no failures and no refusals.
        assert.deepEqual([...known].filter((name) => !found.has(name)).sort(), [
            'kibitz_peer_failures_total', 'kibitz_peer_refusals_total',
            'kibitz_publisher_refusals_total'
        ].filter((name) => !found.has(name)))
    })

    test('have a dashboard that names existing metrics and labels alone', () => {
        const known = new Set([...METRICS, ...LIVE_METRICS].flatMap(storedNames))
        const text = readFileSync(DASHBOARD, 'utf8')
        const { panels } = JSON.parse(text) as {
            readonly panels: readonly { readonly targets?: readonly { readonly expr: string }[] }[]
        }
        const expressions = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr))
        assert.ok(expressions.length >= 15)
        const named = new Set(expressions.flatMap((expr) =>
            expr.replace(/\{[^}]*\}|by \([^)]*\)/g, '').match(/kibitz_[a-z_]+/g) ?? []))
        assert.deepEqual([...named].filter((name) => !known.has(name)), [])
        const missing = [...METRICS, ...LIVE_METRICS].filter((metric) =>
            !storedNames(metric).some((name) => named.has(name))).map(({ name }) => name)
        assert.deepEqual(missing, ['kibitz.member.inputs'])
        const labels = new Set(values.flatMap((value) => Object.keys(value.labels)))
        for (const expr of expressions) {
            for (const label of expr.match(/(?<=[({, ])kibitz_[a-z]+(?=[=,)])/g) ?? []) {
                const isKnown = labels.has(label) || known.has(label)
                    || label === 'kibitz_status'
                assert.ok(isKnown, `${label} in ${expr}`)
            }
        }
    })

    test('end with the undo, and with the member', async (context) => {
        const other = new ScrapedProvider()
        context.after(() => other.end())
        const kibitzer = new Kibitzer({ id: 'x', logger: false })
        context.after(() => end(kibitzer))
        const undo = instrument(kibitzer, { meterProvider: other.provider, traces: false })
        kibitzer.listen()
        kibitzer.bootstrap('r', {})
        const inputs = async (): Promise<number | undefined> => valuesIn(await other.text())
            .find(({ name }) => name === 'kibitz_member_inputs_total')?.value
        const first = await inputs() ?? 0
        await kibitzer.publish(1)
        const second = await inputs() ?? 0
        assert.ok(first > 0 && second > first)
        const undoLast = instrument(kibitzer, { meterProvider: other.provider, traces: false })
        undo()
        undo()
        undoLast()
        await kibitzer.publish(2)
        assert.equal(await inputs(), second)
    })

    test('of a later instrument count later values alone', async (context) => {
        const [early, late] = [new ScrapedProvider(), new ScrapedProvider()]
        const kibitzer = new Kibitzer({ id: 'z', logger: false })
        context.after(() => Promise.all([end(kibitzer), early.end(), late.end()]))
        instrument(kibitzer, { meterProvider: early.provider, traces: false })
        kibitzer.listen()
        kibitzer.bootstrap('r', {})
        await kibitzer.publishAll([1, 2, 3, 4, 5])
        instrument(kibitzer, { meterProvider: late.provider, traces: false })
        await kibitzer.publishAll([6, 7])
        const sum = valuesIn(await late.text())
            .find(({ name }) => name === 'kibitz_publisher_batch_size_sum')
        assert.equal(sum?.value, 2)
    })

    test('of a gauge without a value are NaN', async (context) => {
        const other = new ScrapedProvider()
        context.after(() => other.end())
        const kibitzer = new Kibitzer({ id: 'y', logger: false })
        context.after(() => end(kibitzer))
        instrument(kibitzer, { meterProvider: other.provider, traces: false })
        kibitzer.listen()
        kibitzer.bootstrap('r', {})
        const led = async (): Promise<number | undefined> => valuesIn(await other.text())
            .find(({ name }) => name === 'kibitz_member_led')?.value
        assert.equal(await led(), 1)
        await end(kibitzer)
        assert.equal(await led(), Number.NaN)
    })
})

test('instrument refuses what is no member, and unknown options', (context) => {
    const kibitzer = new Kibitzer({ id: 'a', logger: false })
    context.after(() => end(kibitzer))
    const wrong = { colour: true } as object
    assert.throws(() => instrument(kibitzer, wrong), isRefusal('invalid-argument'))
    const nothing = {} as Kibitzer
    assert.throws(() => instrument(nothing), isRefusal('invalid-argument'))
})
