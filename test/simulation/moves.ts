import type { Fault, Options, Plan } from './plan.js'

/** Makes a plan simpler in some respect; gives it back as it is where it is that simple. */
export type Move = (plan: Plan) => Plan

/** Below it a fault is not shortened any more. */
const FOR_MS_MIN = 50

function set(part: Partial<Plan>): Move {
    return (plan) => ({ ...plan, ...part })
}

function setOptions(part: Partial<Options>): Move {
    return (plan) => ({ ...plan, options: { ...plan.options, ...part } })
}

/** Nothing that only looks on, and nothing that is out of the ordinary from beginning to end. */
const SWITCHES: readonly Move[] = [
    (plan) => ({
        ...plan,
        isWired: false,
        isRecorded: false,
        isBornInFaults: false,
        isRefused: true,
        callLimitMs: plan.options.timeout,
        healing: 'all'
    }),
    set({ durable: null }),
    (plan) => (plan.durable === null ? plan
        : { ...plan, durable: { ...plan.durable, snapshotMs: Number.POSITIVE_INFINITY } }),
    set({ isWired: false }),
    set({ isRecorded: false }),
    set({ isBornInFaults: false }),
    set({ isRefused: true }),
    (plan) => ({ ...plan, callLimitMs: plan.options.timeout }),
    set({ healing: 'all' })
]

/** Fewer publishes, or none; fewer callers, and no barriers. */
const PUBLISHING: readonly Move[] = [
    set({ saturation: null }),
    (plan) => (plan.saturation === null ? plan : {
        ...plan, saturation: { ...plan.saturation, barrierMs: Number.POSITIVE_INFINITY }
    }),
    (plan) => (plan.saturation === null || plan.saturation.callers < 2 ? plan : {
        ...plan,
        saturation: { ...plan.saturation, callers: Math.ceil(plan.saturation.callers / 2) }
    }),
    set({ publishMs: Number.POSITIVE_INFINITY }),
    ...[16, 4, 2].map((factor): Move => (plan) => {
        const publishMs = factor * plan.publishMs
        return publishMs < plan.faultsMs ? { ...plan, publishMs } : plan
    })
]

/** A plan with so many hosts at the most, the last of which has a member. */
function populate(plan: Plan, most: number): Plan {
    let population = Math.min(most, plan.population)
    while (plan.vacant.includes(population - 1)) {
        population--
    }
    return { ...plan, population, vacant: plan.vacant.filter((host) => host < population) }
}

/** Fewer members: the last ones go. */
const POPULATION: readonly Move[] = [
    ...[1, 2, 3, 5].map((size): Move => (plan) => populate(plan, size)),
    (plan) => populate(plan, Math.ceil(plan.population / 2)),
    (plan) => populate(plan, Math.max(1, plan.population - 1))
]

/** A plan without the member of a host. */
export function omit(plan: Plan, host: number): Plan {
    const isThere = host < plan.population && !plan.vacant.includes(host)
    const vacant = [...plan.vacant, host].sort((one, other) => one - other)
    return isThere ? populate({ ...plan, vacant }, plan.population) : plan
}

/** Fewer seats, none of which is kept for the dead. */
const SEATS: readonly Move[] = [
    setOptions({ parliamentFloor: 1 }),
    ...[1, 3, 5].map((size): Move => (plan) => setOptions({
        parliamentSize: Math.min(size, plan.options.parliamentSize),
        parliamentFloor: Math.min(size, plan.options.parliamentFloor)
    })(plan))
]

/** What an engine does unless it is told otherwise. */
const SETTINGS: readonly Move[] = [
    setOptions({ window: 8, batch: 512, history: 100_000 }), setOptions({ history: 100_000 }),
    setOptions({ window: 8 }), setOptions({ batch: 512 })
]

/** Messages that come as they were sent. */
const CLIMATE: readonly Move[] = [
    set({ climate: { latencyMs: 1, jitterMs: 0, isOrdered: true } }),
    (plan) => ({ ...plan, climate: { ...plan.climate, latencyMs: 1 } }),
    (plan) => ({ ...plan, climate: { ...plan.climate, jitterMs: 0 } }),
    (plan) => ({ ...plan, climate: { ...plan.climate, isOrdered: true } })
]

/** All is mended as soon as the last fault has begun, or half of it is over, or all of it. */
const SPAN: readonly Move[] = [0, 0.5, 1].map((part) => (plan) => {
    const ends = plan.faults.map(({ atMs, forMs }) => atMs + part * forMs)
    const faultsMs = Math.ceil(Math.max(0, ...ends)) + 1
    return faultsMs < plan.faultsMs ? { ...plan, faultsMs } : plan
})

function toCents(value: number): number {
    return Math.round(value * 100) / 100
}

function roundFault(fault: Fault): Fault {
    const { atMs, forMs, force } = fault
    return { ...fault, atMs: Math.round(atMs), forMs: Math.round(forMs), force: toCents(force) }
}

function roundRest(plan: Plan): Plan {
    const { capacity, publishMs, faultsMs, climate: { latencyMs, jitterMs, isOrdered } } = plan
    return {
        ...plan,
        capacity: Math.ceil(capacity),
        publishMs: Number.isFinite(publishMs) ? Math.round(publishMs) : publishMs,
        faultsMs: Math.ceil(faultsMs),
        climate: { latencyMs: toCents(latencyMs), jitterMs: toCents(jitterMs), isOrdered }
    }
}

/** Changes one fault, if it is still there. */
function change(index: number, how: (fault: Fault) => Fault): Move {
    return (plan) => {
        const fault = plan.faults[index]
        return fault === undefined
            ? plan
            : { ...plan, faults: plan.faults.with(index, how(fault)) }
    }
}

/** Lets a fault last less long. */
function shorten(part: number): (fault: Fault) => Fault {
    return (fault) => {
        const forMs = Math.round(fault.forMs / part)
        return forMs < FOR_MS_MIN ? fault : { ...fault, forMs }
    }
}

/** Numbers that people can read. */
function rounding({ faults }: Plan): Move[] {
    const roundFaults: Move = (plan) => ({ ...plan, faults: plan.faults.map(roundFault) })
    return [
        (plan) => roundRest(roundFaults(plan)), roundRest, roundFaults,
        ...faults.map((_, index) => change(index, roundFault))
    ]
}

/** What makes every further run shorter. */
export const COARSE: readonly Move[] = [...SWITCHES, ...PUBLISHING, ...POPULATION, ...SEATS]

/** What is easier once there are few faults. */
export function fine(plan: Plan): readonly Move[] {
    const durations = plan.faults.flatMap((_, index) =>
        [8, 2].map((part) => change(index, shorten(part))))
    return [...SPAN, ...COARSE, ...SETTINGS, ...CLIMATE, ...durations, ...rounding(plan)]
}
