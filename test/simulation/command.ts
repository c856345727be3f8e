import { draw } from './draw.js'
import { summary } from './report.js'
import { Tally } from './tally.js'
import { Trial } from './trial.js'
import type { Listener } from './world.js'

const USAGE = 'simulate --seed N [--trace] | --seeds A..B | --minutes M [--seed N] [--keep-going]'

interface Orders {
    readonly first: number
    readonly last: number
    readonly minutes: number
    readonly isTraced: boolean
    readonly keepsGoing: boolean
}

/** One seed that did not end well. */
export interface Failure {
    readonly seed: number
    readonly error: Error
}

function readOrders(args: readonly string[]): Orders | null {
    const option = (name: string): string | undefined => {
        const index = args.indexOf(`--${name}`)
        return index === -1 ? undefined : args[index + 1]
    }
    const seed = option('seed')
    const range = option('seeds')?.split('..')
    const minutes = option('minutes')
    const first = Number(range?.[0] ?? seed ?? 1)
    const last = minutes === undefined ? Number(range?.[1] ?? seed) : Number.MAX_SAFE_INTEGER
    const orders = {
        first,
        last,
        minutes: Number(minutes ?? Number.MAX_SAFE_INTEGER),
        isTraced: args.includes('--trace'),
        keepsGoing: args.includes('--keep-going')
    }
    return [first, last, orders.minutes].some((order) => Number.isNaN(order)) ? null : orders
}

/** Runs one seed into a tally; gives back why it failed, or `null`. */
export function tryOut(seed: number, total: Tally, listener: Listener | null): Failure | null {
    const trial = new Trial(draw(seed), listener)
    try {
        trial.run()
        return null
    } catch (error) {
        return { seed, error: error instanceof Error ? error : new Error(String(error)) }
    } finally {
        total.add(trial.tally)
    }
}

/** The one line that reproduces a failure. */
export function reproduction({ seed, error }: Failure): string {
    return `npm run simulate -- --seed ${seed} # ${error.message}`
}

/** Runs what it is told, shows how far it is, and says how it went. */
export function main(args: readonly string[]): number {
    const orders = readOrders(args)
    if (orders === null) {
        console.error(USAGE)
        return 2
    }
    const { first, last, minutes, isTraced, keepsGoing } = orders
    const listener: Listener | null = isTraced ? (line) => console.log(line()) : null
    const total = new Tally()
    const failures: Failure[] = []
    const begin = performance.now()
    let shownAt = begin
    let seed = first
    for (; seed <= last && performance.now() - begin < minutes * 60_000; seed++) {
        const failure = tryOut(seed, total, listener)
        if (failure !== null) {
            failures.push(failure)
            console.log(reproduction(failure))
            if (first === last) {
                console.log(failure.error.stack)
            }
            if (!keepsGoing) {
                break
            }
        }
        if (performance.now() - shownAt > 10_000) {
            shownAt = performance.now()
            console.error(`… seed ${seed}, ${failures.length} failed`)
        }
    }
    console.log(summary(total, failures, performance.now() - begin))
    return failures.length === 0 ? 0 : 1
}
