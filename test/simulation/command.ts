import { closeSync, openSync, writeFileSync } from 'node:fs'
import { UsageError } from '../../src/command/usage-error.js'
import { Campaign } from './campaign.js'
import { loadCase } from './case.js'
import { draw } from './draw.js'
import { Interrupt } from './interrupt.js'
import { HELP, type OneOrders, readOrders, type SeedsOrders } from './orders.js'
import { attempt, finish, reproduction } from './outcome.js'
import type { Plan } from './plan.js'
import { Progress } from './progress.js'
import { digest, summary } from './report.js'
import { shrink } from './shrink.js'
import { EVENTS_MAX, report, type Selection, Story } from './story.js'
import { Trial } from './trial.js'

export { tryOut } from './outcome.js'

/** Exit codes. */
export const WELL = 0
export const BROKEN = 1
export const MISUSED = 2
export const INTERRUPTED = 130

/** Whether a file can be written is found out before the work, not after it. */
function demandWritable(file: string): void {
    try {
        closeSync(openSync(file, 'a'))
    } catch (error) {
        throw new UsageError(`${file} cannot be written: ${String(error)}`)
    }
}

/** Runs a plan, and hands the selected events to a function. */
function narrate(plan: Plan, selection: Selection, tell: (line: string) => void) {
    const story = new Story(selection, tell)
    const trial = new Trial(plan, (line) => story.add(line()))
    story.world = trial.world
    const outcome = finish(plan.seed, trial)
    story.end()
    return { ...outcome, world: trial.world }
}

/** Runs a failing plan once more, and prints its report. */
async function explain(plan: Plan): Promise<void> {
    const events: string[] = []
    const last: Selection = { members: [], fromMs: 0, last: EVENTS_MAX, isWide: false }
    const { failure, world } = narrate(plan, last, (line) => events.push(line))
    if (failure === null) {
        throw new Error('The same plan failed once and ended well once.')
    }
    // The search for functions needs the parser, and a run that ends well does not.
    const { placesFor } = await import('./places.js')
    console.log(report(failure, placesFor(failure), world, events))
}

/** Runs one plan, and prints its events, its report or its summary. */
async function runOne({ source, trace }: OneOrders): Promise<number> {
    const plan = 'seed' in source ? draw(source.seed) : loadCase(source.file).plan
    const begin = performance.now()
    const { tally, failure } = trace === null
        ? attempt(plan)
        : narrate(plan, trace, (line) => console.log(line))
    const tookMs = performance.now() - begin
    if (failure === null) {
        console.log(summary({ tally, failures: [], tookMs, jobs: 1 }))
        return WELL
    }
    console.log('seed' in source
        ? reproduction(failure)
        : `npm run simulate -- --plan ${source.file} # ${failure.message}`)
    await explain(plan)
    return BROKEN
}

/** How far a campaign is. */
function tell(campaign: Campaign): string {
    const { tally, failures, tookMs } = campaign.result()
    const { first, last } = campaign.orders
    const count = last - first + 1
    const whole = count > Number.MAX_SAFE_INTEGER / 2 ? '' : `/${count}`
    const minutes = tookMs / campaign.share * (1 - campaign.share) / 60_000
    return `${tally.trials}${whole}, ${failures.length} failed, ` +
        `${(tally.virtualMs / tookMs).toFixed(0)}:1, ${Math.ceil(minutes)} min left`
}

async function runSeeds(orders: SeedsOrders): Promise<number> {
    if (orders.json !== null) {
        demandWritable(orders.json)
    }
    const progress = new Progress(process.stderr)
    const campaign = new Campaign(orders, {
        failed: (failure) => {
            progress.clear()
            console.log(reproduction(failure))
        },
        done: (running) => progress.show(running.share, () => tell(running))
    })
    using interrupt = new Interrupt(() => campaign.stop(), () => campaign.abandon())
    await campaign.run()
    progress.clear()
    const result = campaign.result()
    console.log(summary(result))
    if (orders.json !== null) {
        const { first, last } = orders
        const told = { first, last, isInterrupted: interrupt.isAsked, ...digest(result) }
        writeFileSync(orders.json, `${JSON.stringify(told, null, 4)}\n`)
    }
    if (result.failures.length !== 0) {
        return BROKEN
    }
    return interrupt.isAsked ? INTERRUPTED : WELL
}

async function obey(args: readonly string[]): Promise<number> {
    const orders = readOrders(args)
    switch (orders.task) {
        case 'help':
            console.log(HELP)
            return WELL
        case 'one':
            return await runOne(orders)
        case 'seeds':
            return await runSeeds(orders)
        case 'shrink':
            return (await shrink(orders)) ? INTERRUPTED : WELL
        default:
            return orders satisfies never
    }
}

/**
 * Does what it is told, shows how far it is, and says how it went.
 *
 * @returns The exit code.
 */
export async function main(args: readonly string[]): Promise<number> {
    try {
        return await obey(args)
    } catch (error) {
        if (error instanceof UsageError) {
            console.error(`${error.message}\nnpm run simulate -- --help says more.`)
            return MISUSED
        }
        throw error
    }
}
