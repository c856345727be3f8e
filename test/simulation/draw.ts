import { Dice } from '../../src/testing/dice.js'
import {
    CUT_KINDS, DISK_KINDS, type Durable, type Fault, FAULT_KINDS, type FaultKind, type Options,
    type Plan, ROT_KINDS
} from './plan.js'
import { saturate } from './saturation.js'

/** Kinds that take members away for good, or for long. They come less often than the others. */
const GRAVE: ReadonlySet<FaultKind> = new Set([
    'crash', 'crashMidSend', 'amnesia', 'newcomer', 'twin', 'secondFounding', 'churn'
])

/** Kinds that break nothing. They come to some republics, whatever else comes to them. */
const OFFICES: readonly FaultKind[] = ['cede', 'leave']

/** Kinds that a republic seldom survives. */
const FATAL: ReadonlySet<FaultKind> = new Set(['massacre', 'majorityLost'])

/** Kinds that no member without a disk survives as itself, and kinds that need one. */
const DEADLY: ReadonlySet<FaultKind> = new Set([...GRAVE, ...FATAL])
const OF_DISKS: ReadonlySet<FaultKind> = new Set([...DISK_KINDS, ...ROT_KINDS])

/** What few republics have: seats of an even number, higher floors, logs that are soon trimmed. */
function drawRare(dice: Dice, parliamentSize: number): Pick<Options, 'history'> & Partial<Options> {
    return {
        history: dice.chance(0.06) ? dice.pick([200, 2000]) : 100_000,
        ...(dice.chance(0.03) ? { parliamentSize: parliamentSize + 1 } : {}),
        ...(dice.chance(0.03)
            ? { parliamentFloor: Math.min(dice.pick([2, 5]), parliamentSize) }
            : {})
    }
}

function drawOptions(dice: Dice, rare: Dice): Options {
    const ping = dice.pick([100, 250, 250, 250, 400])
    const parliamentSize = dice.pick([1, 3, 3, 3, 5, 5, 5, 5, 7])
    return {
        ping,
        timeout: ping * dice.pick([3, 4, 4, 4, 8]),
        parliamentSize,
        parliamentFloor: dice.chance(0.15) ? Math.min(3, parliamentSize) : 1,
        window: dice.pick([1, 2, 8, 8]),
        batch: dice.pick([1, 3, 64, 512]),
        ...drawRare(rare, parliamentSize)
    }
}

function drawPopulation(dice: Dice, parliamentSize: number): number {
    if (dice.chance(0.02)) {
        return 8 + dice.below(18)
    }
    return Math.max(1, parliamentSize + dice.pick([-1, 0, 0, 0, 0, 1, 2, 3]))
}

function drawFault(dice: Dice, kind: FaultKind, atMs: number, timeout: number): Fault {
    const isLong = dice.chance(0.2)
    const forMs = dice.between(0.1, 1) * timeout * (isLong ? 12 : 4)
    return { kind, atMs, forMs, force: dice.next(), seed: dice.below(2 ** 31) }
}

function drawFaults(dice: Dice, timeout: number, faultsMs: number, isFrail: boolean): Fault[] {
    const share = dice.pick([0.06, 0.15, 0.3, 0.6])
    // A member or two do not survive a death; that is tried, but not all the time.
    const isSpared = isFrail && dice.chance(0.8)
    const usual = FAULT_KINDS.filter((kind) =>
        !FATAL.has(kind) && !OFFICES.includes(kind) && !OF_DISKS.has(kind) &&
        kind !== 'move' && kind !== 'exile' && !(isSpared && GRAVE.has(kind)))
    const kinds = usual.filter(() => dice.chance(share))
    if (kinds.length === 0 || dice.chance(0.1)) {
        kinds.push(dice.pick(usual))
    }
    const gapMs = timeout * dice.pick([0.15, 0.5, 0.5, 1, 2])
    const graveGapMs = timeout * dice.pick([2, 4, 6, 10, 20])
    const faults: Fault[] = []
    let graveAt = dice.exponential(graveGapMs)
    for (let at = dice.exponential(gapMs); at < faultsMs; at += dice.exponential(gapMs)) {
        const kind = dice.pick(kinds)
        const isGrave = GRAVE.has(kind)
        if (!isGrave || at >= graveAt) {
            faults.push(drawFault(dice, kind, at, timeout))
        }
        if (isGrave && at >= graveAt) {
            graveAt = at + dice.exponential(graveGapMs)
        }
    }
    if (!isSpared && dice.chance(0.05)) {
        const at = dice.between(0.3, 1) * faultsMs
        faults.push(drawFault(dice, dice.pick([...FATAL]), at, timeout))
    }
    return faults
}

/** Whether anybody hands over or leaves is drawn apart, so that all else is as it was before. */
function drawOffices(dice: Dice, timeout: number, faultsMs: number): Fault[] {
    const kinds = OFFICES.filter(() => dice.chance(0.3))
    const gapMs = timeout * dice.pick([1, 3, 6])
    const faults: Fault[] = []
    for (let at = dice.exponential(gapMs); at < faultsMs; at += dice.exponential(gapMs)) {
        if (kinds.length !== 0) {
            faults.push(drawFault(dice, dice.pick(kinds), at, timeout))
        }
    }
    return faults
}

/** Kinds behind which a republic may collapse, or has just collapsed. */
const COLLAPSES: ReadonlySet<FaultKind> = new Set([
    'crash', 'crashMidSend', 'amnesia', 'newcomer', 'massacre', 'majorityLost', 'pause',
    'partition', 'isolate', 'oneWay', 'star', 'chain', 'powerLoss', 'blackout'
])

/** About how many wishes of this sort a trial has at the most. */
const WISHES_MAX = 24

/**
 * In one trial of four, members ask to leave or to cede around faults of other kinds, so that the
 * wish meets a collapse: shortly before the fault, while an election is under way, and under a
 * leader that has just been elected. The wishes have dice of their own: all else stays as it was.
 */
function drawWishes(dice: Dice, faults: readonly Fault[], timeout: number): Fault[] {
    if (!dice.chance(0.25)) {
        return []
    }
    const share = dice.pick([0.1, 0.4])
    const met = faults.filter(({ kind }) => COLLAPSES.has(kind) && dice.chance(share))
    return met.slice(0, WISHES_MAX).map(({ atMs }) => {
        const at = Math.max(0, atMs + dice.between(-0.5, 2.5) * timeout)
        return drawFault(dice, dice.chance(0.7) ? 'leave' : 'cede', at, timeout)
    })
}

/** In one trial of five, members move. The moves have dice of their own: all else stays. */
function drawMoves(dice: Dice, { faultsMs, options: { timeout } }: Plan): Fault[] {
    if (!dice.chance(0.2)) {
        return []
    }
    const gapMs = timeout * dice.pick([1, 3, 8])
    const faults: Fault[] = []
    for (let at = dice.exponential(gapMs); at < faultsMs; at += dice.exponential(gapMs)) {
        faults.push(drawFault(dice, 'move', at, timeout))
    }
    return faults
}

/**
 * In some trials of members with disks, an operator asks the leader for exiles. The exiles have
 * dice of their own: all else stays.
 */
function drawExiles(dice: Dice, { durable, faultsMs, options: { timeout } }: Plan): Fault[] {
    if (durable === null || !dice.chance(0.35)) {
        return []
    }
    const gapMs = timeout * dice.pick([2, 6])
    const faults: Fault[] = []
    for (let at = dice.exponential(gapMs); at < faultsMs; at += dice.exponential(gapMs)) {
        faults.push(drawFault(dice, 'exile', at, timeout))
    }
    return faults
}

/** In most trials of members with disks, power fails between two sends. All else stays. */
function drawCuts(dice: Dice, { durable, faultsMs, options: { timeout } }: Plan): Fault[] {
    if (durable === null || !dice.chance(0.7)) {
        return []
    }
    const gapMs = timeout * dice.pick([1, 2, 5])
    const faults: Fault[] = []
    for (let at = dice.exponential(gapMs); at < faultsMs; at += dice.exponential(gapMs)) {
        faults.push(drawFault(dice, dice.pick([...CUT_KINDS]), at, timeout))
    }
    return faults
}

/** Makes a trial one of members that write down their inputs, and lets their power fail. */
function endure(plan: Plan, dice: Dice): Plan {
    const { timeout, batch, window } = plan.options
    const { latencyMs, jitterMs } = plan.climate
    const flushMs = dice.pick([0.5, 2, 5, 10])
    const durable: Durable = {
        patienceMs: timeout * dice.pick([3, 8, 20, 60]),
        flushMs,
        snapshotMs: timeout * dice.pick([1, 4, Number.POSITIVE_INFINITY]),
        isAjar: false
    }
    const runs = timeout / (4 * (latencyMs + jitterMs + flushMs) + 2)
    const capacity = Math.min(plan.capacity, runs * batch * Math.min(window, 2) / 3)
    const isSafe = dice.chance(0.5)
    const faults = plan.faults.filter(({ kind }) => !isSafe || !DEADLY.has(kind))
    const gapMs = timeout * dice.pick([0.5, 1, 2, 4])
    for (let at = dice.exponential(gapMs); at < plan.faultsMs; at += dice.exponential(gapMs)) {
        const isRot = !isSafe && dice.chance(0.1)
        faults.push(drawFault(dice, dice.pick(isRot ? ROT_KINDS : DISK_KINDS), at, timeout))
    }
    return {
        ...plan,
        isRecorded: false,
        capacity,
        publishMs: Math.max(plan.publishMs, 4 * plan.population * timeout / capacity),
        faults: faults.sort((one, other) => one.atMs - other.atMs),
        durable
    }
}

/**
 * Draws a trial. Each seed has its own mix of faults: what is rare in all may be common in one.
 *
 * @param isDurable Whether every trial is one of members with journals, not only one in five.
 */
export function draw(seed: number, isDurable: boolean = false): Plan {
    const plan = drawVolatile(seed)
    const dice = new Dice(seed, 'durable')
    // Those whose recordings are compared stay as they are.
    const isDrawn = dice.chance(0.2) && !plan.isRecorded
    const drawn = isDrawn || isDurable ? endure(plan, dice) : plan
    const wishes = drawWishes(new Dice(seed, 'wishes'), drawn.faults, plan.options.timeout)
    const moves = drawMoves(new Dice(seed, 'moves'), drawn)
    const exiles = drawExiles(new Dice(seed, 'exiles'), drawn)
    const cuts = drawCuts(new Dice(seed, 'cuts'), drawn)
    const faults = [...drawn.faults, ...wishes, ...moves, ...exiles, ...cuts]
    faults.sort((one, other) => one.atMs - other.atMs)
    return saturate({ ...drawn, faults }, new Dice(seed, 'saturation'))
}

/** One half of the trials is of the first version, one quarter of the last, one quarter of both. */
function drawEarlier(dice: Dice): number | null {
    const isFirst = dice.chance(0.5)
    const isLast = dice.chance(0.5)
    const earlier = dice.pick([0.3, 0.6])
    return isFirst ? null : isLast ? 0 : earlier
}

/** Draws a trial whose members forget all when they end. */
function drawVolatile(seed: number): Plan {
    const dice = new Dice(seed, 'plan')
    const options = drawOptions(dice, new Dice(seed, 'rare'))
    const { ping, timeout, parliamentSize } = options
    // Where an entry is a run and a run is a round trip, nobody gets far over slow links.
    const isNarrow = options.window * options.batch < 12
    const latencyMs = Math.min(isNarrow ? 1 : ping, dice.pick([0.2, 1, 1, 5, ping / 25]))
    const jitterMs = latencyMs * dice.pick([0.01, 0.5, 2])
    const faultsMs = timeout * dice.between(6, 30)
    const population = drawPopulation(dice, parliamentSize)
    const isFrail = Math.min(population, parliamentSize) < 3
    // A run a round trip, or a few; an entry waits for its batch, and the batch for its receipts.
    const runs = timeout / (4 * (latencyMs + jitterMs) + 2)
    const capacity = Math.min(10_000, runs * options.batch * Math.min(options.window, 2)) / 3
    const publishMs = timeout * dice.pick([0.05, 0.2, 0.5, 0.5, 2])
    return {
        seed,
        options,
        population,
        vacant: [],
        climate: { latencyMs, jitterMs, isOrdered: dice.chance(0.6) },
        callLimitMs: timeout * dice.pick([0.5, 1, 1, 3, Number.POSITIVE_INFINITY]),
        isRefused: dice.chance(0.5),
        isWired: seed % 20 === 7,
        isRecorded: seed % 20 === 13,
        capacity,
        publishMs: Math.max(publishMs, 4 * population * timeout / capacity),
        saturation: null,
        isBornInFaults: dice.chance(0.1),
        faultsMs,
        faults: [
            ...drawFaults(new Dice(seed, 'faults'), timeout, faultsMs, isFrail),
            ...drawOffices(new Dice(seed, 'offices'), timeout, faultsMs)
        ].sort((one, other) => one.atMs - other.atMs),
        healing: dice.chance(0.6) ? 'all' : 'core',
        earlier: drawEarlier(new Dice(seed, 'versions of lives')),
        durable: null
    }
}
