import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { UsageError } from '../../src/command/usage-error.js'
import { CORPUS, loadCase, writeCase } from './case.js'
import { draw } from './draw.js'
import { Interrupt } from './interrupt.js'
import type { ShrinkOrders, Source } from './orders.js'
import { isAlike, attempt } from './outcome.js'
import type { Plan } from './plan.js'
import { Progress } from './progress.js'
import { FAULTS_MAX, Shrinker } from './shrinker.js'

/** How big a plan is, in words. */
function size({ faults, population, vacant, faultsMs, publishMs }: Plan): string {
    const publishing = Number.isFinite(publishMs) ? `every ${publishMs.toFixed(0)} ms` : 'never'
    const members = population - vacant.length
    return `faults ${faults.length}, members ${members}, publishing ${publishing}, ` +
        `${faultsMs.toFixed(0)} ms`
}

/** The plan of a seed, or of a case and what is known of its cause. */
function read(source: Source): { readonly plan: Plan, readonly cause: string } {
    return 'seed' in source ? { plan: draw(source.seed), cause: '' } : loadCase(source.file)
}

function nameOf(source: Source): string {
    return 'seed' in source ? `Seed ${source.seed}` : source.file
}

/** Where the case of a source is written where nothing else is said. */
function targetOf(source: Source): string {
    return 'seed' in source ? join(CORPUS, `seed-${source.seed}.json`) : source.file
}

/**
 * Looks for the least that fails as a seed or a case does, and writes it as a case. Ctrl-C ends
 * the search; what was found by then is written.
 *
 * @returns Whether it was interrupted.
 */
export async function shrink({ source, to }: ShrinkOrders): Promise<boolean> {
    using interrupt = new Interrupt()
    const { plan, cause } = read(source)
    const { failure } = attempt(plan)
    if (failure === null) {
        throw new UsageError(`${nameOf(source)} ends well, there is nothing to shrink.`)
    }
    console.log(`${nameOf(source)}: ${size(plan)}; ${failure.message}`)
    const shrinker = new Shrinker(plan, failure, (candidate) => attempt(candidate).failure)
    const progress = new Progress(process.stderr)
    const faults = Math.max(1, plan.faults.length)
    for (const _ of shrinker.steps()) {
        const { best, runs } = shrinker
        progress.show(1 - best.faults.length / faults, () => `${runs} runs, ${size(best)}`)
        await interrupt.breathe()
        if (interrupt.isAsked) {
            break
        }
    }
    progress.clear()
    const target = to ?? targetOf(source)
    const { property, message } = shrinker.failure
    mkdirSync(dirname(target), { recursive: true })
    writeFileSync(target, writeCase({ cause, property, message, plan: shrinker.best }))
    // What was written is what fails, not only what was in memory.
    const again = attempt(loadCase(target).plan).failure
    if (again === null || !isAlike(again, failure)) {
        throw new Error(`${target} does not fail as ${nameOf(source)} does.`)
    }
    const { length } = shrinker.best.faults
    const path = relative(process.cwd(), target)
    console.log(`${shrinker.runs} runs later: ${size(shrinker.best)}; ${message}`)
    if (length > FAULTS_MAX) {
        console.log(`More than ${FAULTS_MAX} faults are needed.`)
    }
    console.log(`npm run simulate -- --plan ${path} # and its cause belongs into it`)
    return interrupt.isAsked
}
