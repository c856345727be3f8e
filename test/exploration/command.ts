import { changeOf } from '../planted/planter.js'
import { load } from './copy.js'
import { Disks } from './disks.js'
import { Explorer, type Progress } from './explorer.js'
import { plants } from './plants.js'
import { Society } from './society.js'
import type { Budget } from './state.js'

const USAGE = `explore [--states N] [--publishers ab] [--crashes N] [--losses N] [--duplicates N]
        [--firings N] [--leavers bc] [--version N] [--restarts N] [--disks] [--plant N]
        [--quiet]

Goes through every state that three members can reach within a budget, nearest first. The republic
is of version 2, if --version names no other. With --disks, the members have journals and may
restart. Without
--states it goes on until there is nothing left, or memory; Ctrl-C ends it with a report.`

/** What the issue asks for. */
const BUDGET: Budget = {
    publishers: 'ab', crashes: 1, losses: 2, duplicates: 1, firings: 4, leavers: '', restarts: 0
}

/** How many states are gone on from before anything else has its turn. */
const SLICE = 2000
const SHOW_MS = 5000

interface Orders {
    readonly budget: Budget
    readonly states: number
    readonly plant: number | null
    /** The version of the republic. */
    readonly version: number
    readonly hasDisks: boolean
    readonly isQuiet: boolean
}

function readOrders(args: readonly string[]): Orders | null {
    const given = (name: string): string | undefined => {
        const index = args.indexOf(`--${name}`)
        return index === -1 ? undefined : args[index + 1] ?? ''
    }
    const count = (name: string, otherwise: number): number => Number(given(name) ?? otherwise)
    const plant = given('plant')
    const planted = plant === undefined ? null : plants[Number(plant)] ?? null
    const version = count('version', 2)
    const hasDisks = args.includes('--disks') || planted?.hasDisks === true
    const {
        publishers, crashes, losses, duplicates, firings, leavers, restarts
    } = planted?.budget ?? BUDGET
    const budget = {
        publishers: given('publishers') ?? publishers,
        crashes: count('crashes', crashes),
        losses: count('losses', losses),
        duplicates: count('duplicates', duplicates),
        firings: count('firings', firings),
        leavers: given('leavers') ?? leavers,
        restarts: count('restarts', restarts)
    }
    const states = count('states', Number.MAX_SAFE_INTEGER)
    // The budgets lie side by side in one word, four bits each; crashes leave somebody.
    const isUsable = /^[abc]*$/.test(budget.publishers) && budget.publishers.length < 8 &&
        /^[abc]{0,3}$/.test(budget.leavers) &&
        [budget.crashes, budget.losses, budget.duplicates, budget.firings]
            .every((each) => each >= 0 && each < 16) && budget.crashes < 3 && states > 0 &&
        budget.restarts >= 0 && (hasDisks || budget.restarts === 0) &&
        [1, 2].includes(version) && !args.includes('--help')
    const isKnown = plant === undefined || planted !== null
    return isUsable && isKnown
        ? {
            budget, states, version, hasDisks, plant: planted === null ? null : Number(plant),
            isQuiet: args.includes('--quiet')
        }
        : null
}

/** One line that says how far an exploration has come. */
export function tell(progress: Progress, seconds: number): string {
    const { states, transitions, depth, isClosed, lives, outcomes } = progress
    const megabytes = Math.round(process.memoryUsage().rss / 2 ** 20)
    return `${states} states, ${transitions} transitions, depth ${depth}` +
        `${isClosed ? ', closed' : ''}; ${lives} situations of a member, ${outcomes} steps ` +
        `worked out; ${seconds.toFixed(0)} s, ` +
        `${Math.round(states / Math.max(seconds, 0.001))} states/s, ${megabytes} MiB`
}

/** Lets signals have their turn. */
function breathe(): Promise<void> {
    return new Promise((resolve) => {
        setImmediate(resolve)
    })
}

/**
 * Explores as it is told and shows how far it is.
 *
 * @returns The exit code: 1 where a violation was found, 2 where the orders make no sense.
 */
export async function main(args: readonly string[]): Promise<number> {
    const orders = readOrders(args)
    if (orders === null) {
        console.error(USAGE)
        return 2
    }
    const { budget, states, version, hasDisks, plant, isQuiet } = orders
    const edits = plant === null ? [] : plants[plant]?.edits ?? []
    const core = await load(edits.map((edit) => changeOf(edit)))
    const society = new Society(core, version, hasDisks)
    const explorer = new Explorer(hasDisks ? new Disks(society) : society, budget)
    let isStopped = false
    process.once('SIGINT', () => {
        isStopped = true
    })
    const begin = performance.now()
    let shownAt = begin
    const seconds = (): number => (performance.now() - begin) / 1000
    while (!isStopped && !explorer.isDone && explorer.states < states) {
        explorer.expand(SLICE)
        if (!isQuiet && performance.now() - shownAt >= SHOW_MS) {
            shownAt = performance.now()
            console.error(tell(explorer.progress(), seconds()))
        }
        await breathe()
    }
    console.log(`${JSON.stringify(budget)}: ${tell(explorer.progress(), seconds())}`)
    if (explorer.finding !== null) {
        console.log([`VIOLATION ${explorer.finding.message}`, ...explorer.finding.trail].join('\n'))
        return 1
    }
    return 0
}
