import { type Output, Progress } from '../simulation/progress.js'
import { hunt, type Onlooker, type Seeds } from './hunt.js'
import type { Plant } from './plants.js'
import { breakOff, judge, lineOf, tableOf, type Verdict } from './verdict.js'

const USAGE = `plant [--only NAME] [--seeds N]

Plants bugs into copies of the engine, one by one, and lets the simulator look for each.

  --only NAME  only the bugs whose name contains NAME
  --seeds N    seeds 1 to N are tried for each bug; those of a CI run if left out: 3000`

/** How many seeds a CI run tries. */
const CI_SEEDS = 3000

/** The exit code after an interrupt. */
const INTERRUPTED = 130

interface Orders {
    readonly plants: readonly Plant[]
    readonly seeds: Seeds
}

function readOrders(args: readonly string[], plants: readonly Plant[]): Orders | null {
    let only = ''
    let last = CI_SEEDS
    for (let index = 0; index < args.length; index += 2) {
        const value = args[index + 1]
        if (args[index] === '--only' && value !== undefined) {
            only = value
        } else if (args[index] === '--seeds' && value !== undefined) {
            last = Number(value)
        } else {
            return null
        }
    }
    const chosen = plants.filter(({ name }) => name.includes(only))
    return Number.isInteger(last) && last > 0 && chosen.length !== 0
        ? { plants: chosen, seeds: { first: 1, last } }
        : null
}

async function look(plant: Plant, seeds: Seeds, onlooker: Onlooker): Promise<Verdict> {
    try {
        return judge(plant, await hunt(plant.edits, seeds, onlooker))
    } catch (error) {
        return breakOff(plant, error)
    }
}

/** Searches for one bug after another, until an interrupt. */
async function lookForAll(
    { plants, seeds }: Orders,
    output: Output,
    signal: AbortSignal
): Promise<Verdict[]> {
    output.write(`Looks for ${plants.length} bugs, by ${seeds.last} seeds each at the most.\n`)
    const progress = new Progress(output)
    const verdicts: Verdict[] = []
    for (const plant of plants) {
        const show = (tried: number): void => {
            const share = (verdicts.length + tried / seeds.last) / plants.length
            progress.show(share, () =>
                `bug ${verdicts.length + 1} of ${plants.length}, seed ${tried}: ${plant.name}`)
        }
        show(0)
        const verdict = await look(plant, seeds, { tried: ({ tried }) => show(tried), signal })
        if (signal.aborted) {
            break
        }
        verdicts.push(verdict)
        progress.clear()
        output.write(`${lineOf(verdict)}\n`)
    }
    progress.clear()
    return verdicts
}

/**
 * Looks for the bugs that it is told, shows how far it is, and says what became of each.
 *
 * @returns The exit code: 1 where a bug was not found, 2 where the orders make no sense.
 */
export async function main(
    args: readonly string[],
    plants: readonly Plant[],
    output: Output,
    say: (text: string) => void
): Promise<number> {
    const orders = readOrders(args, plants)
    if (orders === null) {
        output.write(`${USAGE}\n\nThe bugs:\n${plants.map(({ name }) => `  ${name}\n`).join('')}`)
        return 2
    }
    const ending = new AbortController()
    const end = (): void => ending.abort()
    process.once('SIGINT', end).once('SIGTERM', end)
    const verdicts = await lookForAll(orders, output, ending.signal)
    process.off('SIGINT', end).off('SIGTERM', end)
    if (verdicts.length !== 0) {
        say(tableOf(verdicts))
    }
    if (ending.signal.aborted) {
        return INTERRUPTED
    }
    const found = verdicts.filter(({ fault }) => fault === null)
    say(`${found.length} of ${verdicts.length} planted bugs were found.`)
    return found.length === verdicts.length ? 0 : 1
}
