import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { batches } from './batches.js'
import { chart } from './chart.js'
import { durable } from './durable.js'
import { againstFloor } from './floor.js'
import { growth } from './growth.js'
import { Household } from './household.js'
import { idle } from './idle.js'
import { inside, type Means } from './inside.js'
import { journals } from './journal.js'
import { locks } from './locks.js'
import { observation } from './metrics.js'
import { network } from './network.js'
import { offline } from './offline.js'
import { plannedStops } from './planned-stop.js'
import { reads } from './reads.js'
import { recoveries } from './recovery.js'
import { machine, render, type Section } from './report.js'
import { transfers } from './transfer.js'

const ROOT = new URL('../../../', import.meta.url)
const PICTURE = 'test/bench/growth.svg'

const USAGE = `bench [--only NAME,…] [--quick] [--rounds N] [--seconds S] [--folder DIR]
      [--json FILE] [--svg]

    --only      in-process, http, durable, batches, reads, idle, floor, growth, offline, journal,
                recovery, transfer, stop, metrics, locks; by default all
    --quick     less of everything: to see that it works, not to quote
    --rounds    how often each measurement is made; the median counts (5; quick 1)
    --seconds   how long one measurement takes (2; quick 0.3)
    --folder    where journals are kept, and the data of others (build): on a real disk
    --json      where all numbers go (build/bench.json)
    --svg       also draws ${PICTURE}, where growth is measured`

const NAMES = [
    'in-process', 'http', 'durable', 'batches', 'reads', 'idle', 'floor', 'growth', 'offline',
    'journal', 'recovery', 'transfer', 'stop', 'metrics', 'locks'
] as const

type Name = typeof NAMES[number]

/** What the benchmark is told to do. */
export interface Orders {
    readonly names: readonly Name[]
    readonly rounds: number
    readonly ms: number
    readonly isQuick: boolean
    /** Where journals are kept. */
    readonly folder: string
    readonly json: string
    readonly isDrawn: boolean
}

function isName(name: string): name is Name {
    return NAMES.some((known) => known === name)
}

/** Reads the arguments; `null` where they make no sense. */
export function readOrders(args: readonly string[]): Orders | null {
    const isQuick = args.includes('--quick')
    const given = new Map<string, string>()
    for (let at = 0; at < args.length; at++) {
        const option = args[at] ?? ''
        if (option === '--quick' || option === '--svg') {
            continue
        }
        const value = args[++at]
        if (!/^--(?:only|rounds|seconds|folder|json)$/.test(option) || value === undefined) {
            return null
        }
        given.set(option, value)
    }
    const names = (given.get('--only') ?? NAMES.join(',')).split(',')
    const rounds = Number(given.get('--rounds') ?? (isQuick ? 1 : 5))
    const seconds = Number(given.get('--seconds') ?? (isQuick ? 0.3 : 2))
    if (!names.every(isName) || !Number.isSafeInteger(rounds) || rounds < 1 || !(seconds > 0)) {
        return null
    }
    return {
        names, rounds, ms: seconds * 1000, isQuick,
        folder: given.get('--folder') ?? fileURLToPath(new URL('build', ROOT)),
        json: given.get('--json') ?? fileURLToPath(new URL('build/bench.json', ROOT)),
        isDrawn: args.includes('--svg')
    }
}

async function measure(name: Name, means: Means, isDrawn: boolean): Promise<Section> {
    switch (name) {
        case 'in-process':
            return await inside(means)
        case 'http':
            return await network(means)
        case 'durable':
            return await durable(means)
        case 'batches':
            return await batches(means)
        case 'reads':
            return await reads(means)
        case 'idle':
            return await idle(means)
        case 'floor':
            return await againstFloor(means)
        case 'offline':
            return await offline(means)
        case 'journal':
            return await journals(means)
        case 'recovery':
            return await recoveries(means)
        case 'transfer':
            return await transfers(means)
        case 'stop':
            return await plannedStops(means)
        case 'metrics':
            return await observation(means)
        case 'locks':
            return await locks(means)
        case 'growth': {
            const { section, panels } = await growth(means)
            if (isDrawn) {
                writeFileSync(new URL(PICTURE, ROOT), chart(panels))
            }
            return section
        }
        default:
            return name satisfies never
    }
}

/** Rejects when a signal asks the program to end; `stop` ends the waiting. */
function interruption(): { readonly wanted: Promise<never>; readonly stop: () => void } {
    const signals = ['SIGINT', 'SIGTERM'] as const
    let onSignal = (): void => {}
    const wanted = new Promise<never>((_, reject) => {
        onSignal = () => reject(new Error('It was interrupted; what is printed above counts.'))
    })
    wanted.catch(() => {})
    for (const signal of signals) {
        process.on(signal, onSignal)
    }
    return {
        wanted,
        stop: () => {
            for (const signal of signals) {
                process.off(signal, onSignal)
            }
        }
    }
}

/**
 * Measures what it is told to, one section after the other, and shows each as soon as it is done.
 *
 * @returns The exit code: 1 where it was interrupted or something failed, 2 where the orders make
 * no sense. No number makes it fail.
 */
export async function main(args: readonly string[]): Promise<number> {
    const orders = readOrders(args)
    if (orders === null) {
        console.error(USAGE)
        return 2
    }
    const { names, rounds, ms, isQuick, folder, json, isDrawn } = orders
    const on = machine()
    console.log(Object.entries(on).map(([name, value]) => `${name}: ${value}`).join('\n'))
    console.log('')
    mkdirSync(folder, { recursive: true })
    const sections: Section[] = []
    const { wanted, stop } = interruption()
    try {
        for (const name of names) {
            // Each section begins with nothing left of the one before it.
            await using household = new Household(folder)
            const progress = (what: string): void => console.error(`… ${name}: ${what}`)
            const means = { household, thoroughness: { rounds, ms, isQuick }, progress }
            const section = await Promise.race([measure(name, means, isDrawn), wanted])
            sections.push(section)
            console.log(render(section))
        }
    } catch (error) {
        console.error(error instanceof Error ? error.message : error)
        return 1
    } finally {
        stop()
    }
    mkdirSync(dirname(json), { recursive: true })
    writeFileSync(json, `${JSON.stringify({ machine: on, rounds, ms, sections }, null, 4)}\n`)
    console.error(`All numbers are in ${json}.`)
    return 0
}
