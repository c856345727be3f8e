import { type Finding, audit } from './log.js'
import type { Fault } from './faults.js'
import type { Manner } from './orders.js'
import { searchKeys, type Witnessed, witnessKeys } from './register.js'
import { Scene } from './scene.js'

/** How it went with one fault. */
export interface Passage {
    readonly fault: Fault
    /** Until it had shown, in milliseconds. */
    readonly befellMs: number
    /** From the mending to the first answer to something called for after it. */
    readonly servesMs: number
    /** From the mending until everybody has its seat again. */
    readonly wholeMs: number
    /** How many calls were answered while the fault lasted. */
    readonly answers: number
    /** How often another one came to lead, from the fault until all was well. */
    readonly reigns: number
}

/** How it went with all of them. */
export interface Journey {
    readonly passages: readonly Passage[]
    readonly findings: readonly string[]
    readonly calls: number
    readonly entries: number
}

/** All that is wrong with what was seen so far. */
export function judge(scene: Scene): string[] {
    const logs = new Map(scene.residents.map(({ name, observations }) => [name, observations]))
    const findings = audit({ logs, publishes: scene.records.publishes })
    const places = new Map([...logs.values()].flat()
        .filter(({ value }) => value !== null)
        .map(({ value, promise }) => [value, promise]))
    // Where the log has what nobody was told of, it says when that was written.
    const calls: Witnessed[] = scene.records.calls.map((call) => ({
        ...call,
        at: call.act.name === 'write' ? call.at ?? places.get(call.act.value) ?? null : call.at
    }))
    return [
        ...findings.map(({ wrong, text }: Finding) => `${wrong}: ${text}`),
        ...witnessKeys(calls).map(({ text }) => `not in the order of the log: ${text}`),
        ...searchKeys(calls).map(({ isDecided, text }) =>
            `${isDecided ? 'not linearizable' : 'not decided'}: ${text}`)
    ]
}

async function pass(scene: Scene, fault: Fault): Promise<Passage> {
    const { records, reigns } = scene
    const reignsBefore = reigns.length
    const answersBefore = records.answered
    const befellAt = performance.now()
    await fault.befall(scene)
    const befellMs = performance.now() - befellAt
    const answers = records.answered - answersBefore
    const callsBefore = records.calls.length
    const healedAt = performance.now()
    await scene.heal()
    await scene.until(() => records.calls.slice(callsBefore)
        .some(({ endedAt }) => endedAt !== Number.POSITIVE_INFINITY), 'an answer')
    const servesMs = performance.now() - healedAt
    await scene.until(() => scene.isWhole, 'everybody to have a seat')
    const wholeMs = performance.now() - healedAt
    await scene.settle()
    const count = reigns.length - reignsBefore
    return { fault, befellMs, servesMs, wholeMs, answers, reigns: count }
}

/** Says in a line how it went with a fault. */
export function describe({ fault, ...passage }: Passage): string {
    const { befellMs, servesMs, wholeMs, answers, reigns } = passage
    return `${fault.id.padEnd(4)}${fault.name.padEnd(62)} ${befellMs.toFixed(0).padStart(6)} ms, ` +
        `${String(answers).padStart(5)} answers; serves after ${servesMs.toFixed(0)} ms, ` +
        `whole after ${wholeMs.toFixed(0)} ms; ${reigns} successions`
}

/** The machines and the faults of one tour. */
export interface Itinerary {
    readonly machines: number
    readonly faults: readonly Fault[]
    readonly manner?: Manner
    /** Called after each fault. */
    readonly tell?: (passage: Passage) => void
    /** Whether to stop after a fault. */
    readonly isEnough?: () => boolean
    /** Ends it early, in the middle of a fault. */
    readonly signal?: AbortSignal
}

/**
 * Lets faults befall a republic of its own, one after another, each mended before the next, and
 * looks after each whether all that was seen can be true.
 */
export async function travel({
    machines, faults, manner = 'guild', tell = () => {}, isEnough = () => false, signal
}: Itinerary): Promise<Journey> {
    const scene = await Scene.make(machines, manner)
    const onAbort = (): void => scene.fail(new Error('It was interrupted.'))
    signal?.addEventListener('abort', onAbort)
    if (signal?.aborted === true) {
        onAbort()
    }
    try {
        const passages: Passage[] = []
        let findings: string[] = []
        for (const fault of faults) {
            scene.resume()
            const passage = await pass(scene, fault).catch((error) => {
                if (signal?.aborted === true) {
                    return null
                }
                throw error
            })
            if (passage === null) {
                break
            }
            passages.push(passage)
            tell(passage)
            findings = judge(scene)
            if (findings.length !== 0) {
                findings.push(`seen after: ${fault.name}`)
            }
            if (findings.length !== 0 || isEnough()) {
                break
            }
        }
        const { calls } = scene.records
        const entries = new Set(scene.residents.flatMap(({ observations }) =>
            observations.map(({ promise }) => promise)))
        return { passages, findings, calls: calls.length, entries: entries.size }
    } finally {
        signal?.removeEventListener('abort', onAbort)
        await scene.end()
    }
}
