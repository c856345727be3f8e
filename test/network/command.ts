import { parseArgs } from 'node:util'
import { UsageError } from '../../src/command/usage-error.js'
import { Dice } from '../../src/testing/dice.js'
import { Interrupt } from '../simulation/interrupt.js'
import { ALL_FAULTS, type Fault } from './faults.js'
import type { Manner } from './orders.js'
import { isReady } from './requirements.js'
import { describe, type Passage, travel } from './tour.js'

/** Exit codes. */
export const WELL = 0
export const BROKEN = 1
export const MISUSED = 2
export const INTERRUPTED = 130

const MACHINES_MIN = 3
const MACHINES_MAX = 5
const MINUTES_MAX = 100_000

const HELP = `\
npm run network -- OPTIONS

Lets faults befall republics of real processes on real networks, one after another and under
load; mends each, waits until everybody is back, and looks whether all that members saw and
clients were told can be true. Takes root on Linux; nothing of it is left behind.

  --minutes M    go on, with a new republic after each round of faults, for M minutes
                 (default: one round)
  --only TEXT    only the faults whose name contains TEXT
  --machines N   ${MACHINES_MIN} to ${MACHINES_MAX} machines (default: ${MACHINES_MAX})
  --plain        services with a Kibitzer inside, over TCP (default: with a Colleague,
                 over HTTP)
  --seed N       the order of the faults (default: 1)
  --list         say which faults there are
  --help         say this
  Ctrl-C ends it, takes everything away and sums up.

Exit code: 0 all is well, 1 something is not, 2 wrong usage, 130 interrupted.
`

/** What is asked for. */
export interface Orders {
    readonly faults: readonly Fault[]
    readonly machines: number
    /** For how long, in minutes; 0 is one round. */
    readonly minutes: number
    readonly seed: number
    readonly manner: Manner
    readonly isList: boolean
}

function readNumber(name: string, text: string, least: number, most: number): number {
    const number = Number(text)
    if (!(text.trim() !== '' && number >= least && number <= most)) {
        throw new UsageError(`--${name} takes a number from ${least} to ${most}, not ${text}.`)
    }
    return number
}

/** Reads arguments; `null` where help is asked for. */
export function readOrders(args: readonly string[]): Orders | null {
    try {
        const { values } = parseArgs({
            args: [...args],
            options: {
                minutes: { type: 'string', default: '0' },
                only: { type: 'string', default: '' },
                machines: { type: 'string', default: String(MACHINES_MAX) },
                seed: { type: 'string', default: '1' },
                plain: { type: 'boolean', default: false },
                list: { type: 'boolean', default: false },
                help: { type: 'boolean', short: 'h', default: false }
            }
        })
        if (values.help) {
            return null
        }
        const machines = readNumber('machines', values.machines, MACHINES_MIN, MACHINES_MAX)
        if (!Number.isInteger(machines) || machines % 2 === 0) {
            throw new UsageError('A parliament has an odd number of seats: 3 or 5 machines.')
        }
        const faults = ALL_FAULTS.filter(({ name, machinesMin = MACHINES_MIN }) =>
            name.includes(values.only) && machines >= machinesMin)
        if (faults.length === 0) {
            const wanted = `No fault of ${machines} machines is called ${values.only}`
            throw new UsageError(`${wanted}; --list says what there is.`)
        }
        return {
            faults,
            machines,
            minutes: readNumber('minutes', values.minutes, 0, MINUTES_MAX),
            seed: readNumber('seed', values.seed, 0, Number.MAX_SAFE_INTEGER),
            manner: values.plain ? 'plain' : 'guild',
            isList: values.list
        }
    } catch (error) {
        throw error instanceof UsageError ? error : new UsageError(String(error))
    }
}

function middle(numbers: readonly number[]): number {
    const sorted = numbers.toSorted((one, other) => one - other)
    return sorted[sorted.length >> 1] ?? 0
}

/** How long things took, for each fault: the median, and the worst. */
export function table(passages: readonly Passage[]): string {
    const faults = new Map<Fault, Passage[]>()
    for (const passage of passages) {
        const own = faults.get(passage.fault) ?? []
        own.push(passage)
        faults.set(passage.fault, own)
    }
    const column = (numbers: readonly number[]): string =>
        `${middle(numbers).toFixed(0).padStart(8)}${Math.max(...numbers).toFixed(0).padStart(8)}`
    const lines = [...faults].map(([{ id, name }, own]) =>
        `${id.padEnd(4)}${name.padEnd(62)}${String(own.length).padStart(5)}` +
        column(own.map(({ servesMs }) => servesMs)) + column(own.map(({ wholeMs }) => wholeMs)))
    const head = `${' '.repeat(66)}times  serves   worst   whole   worst (ms after mending)`
    return [head, ...lines].join('\n')
}

async function run({ faults, machines, minutes, seed, manner }: Orders): Promise<number> {
    const beganAt = performance.now()
    const elapsed = (): number => (performance.now() - beganAt) / 60_000
    const passages: Passage[] = []
    const abortion = new AbortController()
    using interrupt = new Interrupt(() => abortion.abort(), () => process.exit(INTERRUPTED))
    let calls = 0
    let entries = 0
    const dice = new Dice(seed, 'network')
    for (let isOver = false; !isOver;) {
        try {
            const journey = await travel({
                machines,
                manner,
                faults: minutes === 0 ? faults : dice.shuffle(faults),
                signal: abortion.signal,
                isEnough: () => minutes !== 0 && elapsed() >= minutes,
                tell: (passage) => {
                    passages.push(passage)
                    console.log(`${elapsed().toFixed(1).padStart(6)} min  ${describe(passage)}`)
                }
            })
            calls += journey.calls
            entries += journey.entries
            if (journey.findings.length !== 0) {
                console.log(journey.findings.join('\n'))
                return BROKEN
            }
        } catch (error) {
            console.log(error instanceof Error ? error.stack : error)
            return BROKEN
        }
        isOver = interrupt.isAsked || elapsed() >= minutes
    }
    console.log(`${table(passages)}\n${calls} calls, ${entries} entries, nothing wrong`)
    return interrupt.isAsked ? INTERRUPTED : WELL
}

/**
 * Does what it is told, a line for each fault, and sums up.
 *
 * @returns The exit code.
 */
export async function main(args: readonly string[]): Promise<number> {
    try {
        const orders = readOrders(args)
        if (orders === null) {
            console.log(HELP)
            return WELL
        }
        if (orders.isList) {
            console.log(orders.faults.map(({ id, name }) => `${id.padEnd(4)}${name}`).join('\n'))
            return WELL
        }
        return isReady() ? await run(orders) : MISUSED
    } catch (error) {
        if (error instanceof UsageError) {
            console.error(`${error.message}\nnpm run network -- --help says more.`)
            return MISUSED
        }
        throw error
    }
}
