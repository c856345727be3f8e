import { monitorEventLoopDelay } from 'node:perf_hooks'
import {
    type Order, type Page, type Pod, type PodHealth, PROBE_MS, type Report, type Sight
} from './words.js'

/** The time between two requests of a client, in milliseconds. */
const REQUEST_MS = 20

/** After this time a client gives a request up. */
const GIVE_UP_MS = 8_000

let order: Order = { order: 0, pods: [], unable: [], poison: false, isMeasuredAnew: false }
let sights: readonly Sight[] = []
const faults: string[] = []
/** The longest log that a pod has shown. */
const log: string[] = []
/** The place after the last acknowledged value. */
let kept = 0
let acknowledged = 0
let reads = 0
let poison: number | null = null
let longestMs = 0
const stalls = monitorEventLoopDelay({ resolution: 10 })
stalls.enable()
/** The beginning of each write that waits. */
const waiting = new Map<number, number>()

function pause(ms: number): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, ms))
}

async function ask(url: string, init: RequestInit = {}): Promise<[number, unknown]> {
    try {
        const response = await fetch(url, { ...init, signal: AbortSignal.timeout(GIVE_UP_MS) })
        const text = await response.text()
        return [response.status, text === '' ? null : JSON.parse(text)]
    } catch {
        return [0, null]
    }
}

function isUnable({ id }: Pod, since: Order): boolean {
    return since.unable.includes(id) && order.unable.includes(id)
}

/** Takes values that a pod has shown, from a place on: every pod shows the same log. */
function take(id: string, from: number, values: readonly string[]): void {
    for (const [index, value] of values.entries()) {
        const known = log[from + index]
        if (known === undefined && from + index === log.length) {
            log.push(value)
        } else if (known !== undefined && known !== value) {
            faults.push(`${id} has ${value} at ${from + index}, another pod had ${known}`)
        }
    }
}

async function read(pod: Pod): Promise<void> {
    const since = order
    const needed = kept
    const from = Math.max(0, log.length - 50)
    const [status, body] = await ask(`http://127.0.0.1:${pod.clientPort}/${from}`)
    if (status !== 200) {
        return
    }
    reads++
    const { folder, barrier, length, values } = body as Page
    take(pod.id, from, values)
    if (length < needed) {
        faults.push(`${pod.id} has shown ${length} values behind ${barrier} (${folder}) after ` +
            `${needed} were acknowledged`)
    }
    if (isUnable(pod, since)) {
        faults.push(`${pod.id} has answered a reader, but cannot serve`)
    }
}

/** Reads from every pod in turn, whatever the probes say: an answer must be right everywhere. */
async function readOn(): Promise<void> {
    for (let turn = 0; ; turn++) {
        const pod = order.pods[turn % Math.max(1, order.pods.length)]
        if (pod !== undefined) {
            await read(pod)
        }
        await pause(REQUEST_MS)
    }
}

/** A pod that is ready, another one with each try. */
function readyPod(turn: number): Pod | undefined {
    const ready = order.pods.filter(({ id }) =>
        sights.some((sight) => sight.id === id && sight.isReady))
    return ready[turn % Math.max(1, ready.length)]
}

/** Writes values at ready pods, each until a pod has acknowledged the value. */
async function writeOn(writer: number): Promise<void> {
    for (let count = 0, tries = writer; ; count++) {
        waiting.set(writer, performance.now())
        for (let isKept = false; !isKept; tries++) {
            isKept = await write(`${writer}.${count}.${tries}`, readyPod(tries))
            await pause(REQUEST_MS)
        }
        longestMs = Math.max(longestMs, waitOf(writer))
        waiting.delete(writer)
    }
}

function waitOf(writer: number): number {
    return performance.now() - (waiting.get(writer) ?? performance.now())
}

async function write(value: string, pod: Pod | undefined): Promise<boolean> {
    if (pod === undefined) {
        return false
    }
    const since = order
    const init = { method: 'POST', body: JSON.stringify(value) }
    const [status, place] = await ask(`http://127.0.0.1:${pod.clientPort}/`, init)
    if (status !== 200) {
        return false
    }
    acknowledged++
    kept = Math.max(kept, Number(place) + 1)
    take(pod.id, Number(place), [value])
    if (isUnable(pod, since)) {
        faults.push(`${pod.id} has answered a writer, but cannot serve`)
    }
    return true
}

/** What a load balancer and an operator see of a pod. */
async function probe({ id, port }: Pod): Promise<Sight> {
    const base = `http://127.0.0.1:${port}`
    const [[status], [known, health]] =
        await Promise.all([ask(`${base}/readyz`), ask(`${base}/health`)])
    return { id, isReady: status === 200, health: known === 200 ? health as PodHealth : null }
}

async function probeOn(): Promise<void> {
    for (let rounds = 1; ; rounds++) {
        const since = order
        const seen = await Promise.all(since.pods.map(probe))
        sights = seen
        for (const { id, isReady } of seen) {
            if (isReady && since === order && order.unable.includes(id)) {
                faults.push(`${id} says that it is ready, but cannot serve`)
            }
        }
        const longest = Math.max(longestMs, ...[...waiting.keys()].map(waitOf))
        const report: Report = {
            sights, faults, acknowledged, reads, longestMs: longest, poison, rounds,
            stalledMs: stalls.max / 1e6, order: since.order
        }
        process.send?.(report)
        await pause(PROBE_MS)
    }
}

async function sendPoison(): Promise<void> {
    const init = { method: 'POST', body: JSON.stringify({ amount: 'NaN' }) }
    const pod = readyPod(0)
    poison = pod === undefined
        ? null
        : (await ask(`http://127.0.0.1:${pod.clientPort}/`, init))[0]
}

process.on('message', (message) => {
    order = message as Order
    if (order.isMeasuredAnew) {
        longestMs = 0
        stalls.reset()
        for (const writer of waiting.keys()) {
            waiting.set(writer, performance.now())
        }
    }
    if (order.poison) {
        void sendPoison()
    }
})
process.once('disconnect', () => process.exit())

await Promise.all([probeOn(), readOn(), writeOn(0), writeOn(1), writeOn(2)])
