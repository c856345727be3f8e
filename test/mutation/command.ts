import { spawn } from 'node:child_process'
import {
    appendFileSync, cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync,
    writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { SIMULATE } from '../simulation/shell.js'
import { compiledTexts, fileOf } from '../support/compiled.js'
import { type Mutant, mutantsOf, mutated, spread } from './operators.js'

const USAGE = `mutate [--count N] [--seed N] [--seeds N] [--only TEXT] [--out FILE]

Changes the compiled engine in one place at a time, and lets the tests look for each change. A run
that was interrupted goes on where it ended.

  --count N    how many mutants of all that there are; 160 if left out
  --seed N     another seed chooses other mutants; 0 if left out
  --seeds N    how many seeds of the simulator each mutant must pass to survive; 30 if left out; if
               N is 0, neither the simulator nor the conformance tests look for a mutant
  --only TEXT  only mutants whose description contains TEXT
  --out FILE   a line for each mutant is appended to FILE, and no mutant of FILE is tried again;
               build/mutants.txt if left out`

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))

/** No stage takes longer without a mutant. */
const STAGE_MS = 600_000

/** A stage that takes so many times as long as without a mutant never ends. */
const SLOWNESS = 5

/** And so much longer, in milliseconds: another process may want the core. */
const GRACE_MS = 30_000

/** A mutant that one in ten runs of a property does not find rarely is found by all of them. */
const ENV = { KIBITZ_RUNS: '0.1', ...process.env }

/** What looks for a mutant: its name, and the arguments of a Node process. */
export interface Stage {
    readonly name: string
    readonly args: readonly string[]
}

/** How a mutant ended. `survived`: no stage saw it. */
export interface Fate {
    readonly mutant: Mutant
    readonly killedBy: string
}

/** What a mutant is, on one line. No two mutants of a file have the same line. */
export function describeMutant({ file, line, column, operator, from, to }: Mutant): string {
    const short = (text: string): string => text.replaceAll(/\s+/g, ' ').slice(0, 70)
    return `${file}:${line}:${column} ${operator}: ${short(from)} → ${short(to)}`
}

/** The compiled tests whose path below `test` is chosen. */
function tests(root: string, isChosen: (path: string) => boolean): string[] {
    const folder = join(root, 'build', 'test')
    return readdirSync(folder, { recursive: true, encoding: 'utf8' })
        .filter((path) => path.endsWith('.test.js') && isChosen(path.split(sep).join('/')))
        .map((path) => join(folder, path))
}

function together(name: string, root: string, files: readonly string[]): Stage {
    const source = files.map((file) => `await import(${JSON.stringify(file)})`).join('\n')
    const reporter = join(root, 'build', 'test', 'mutation', 'bail.js')
    const report = ['--test-reporter', reporter, '--test-reporter-destination', 'stdout']
    return { name, args: [...report, '--input-type=module', '--eval', source] }
}

/** The stages, the quickest first: the tests that bear the name of the file come before others. */
export function stagesOf(root: string, seeds: number, file: string): readonly Stage[] {
    const simulate = join(root, relative(ROOT, SIMULATE))
    const simulation = (last: number): Stage => {
        const args = ['--max-semi-space-size=64', simulate, '--seeds', `1..${last}`, '--jobs', '1']
        return { name: `${last} seeds`, args }
    }
    const room = (name: string) => (path: string): boolean => /^(\w+)[./]/.exec(path)?.[1] === name
    const unit = tests(root, room('paxos'))
    const own = unit.filter((path) => basename(path).startsWith(`${basename(file, '.js')}.`))
    return [
        ...(own.length === 0 ? [] : [together('unit', root, own)]),
        together('unit', root, unit),
        together('scenario', root, tests(root, room('scenario'))),
        ...(seeds === 0 ? [] : [
            simulation(seeds), together('conformance', root, tests(root, room('conformance')))
        ])
    ]
}

/** How long a stage took, in milliseconds, if it passed; `null` if it failed. */
function attempt(root: string, { args }: Stage, limitMs: number): Promise<number | null> {
    return new Promise((resolve) => {
        const since = performance.now()
        const child = spawn(process.execPath, args, {
            cwd: root, env: ENV, stdio: 'ignore', timeout: Math.ceil(limitMs), killSignal: 'SIGKILL'
        })
        child.on('exit', (code) => resolve(code === 0 ? performance.now() - since : null))
    })
}

/** A copy of the compiled tree, in which one file at a time is changed. */
function copyTree(): string {
    const root = mkdtempSync(join(tmpdir(), 'kibitz-mutation-'))
    cpSync(join(ROOT, 'build'), join(root, 'build'), { recursive: true })
    for (const name of ['node_modules', 'test', 'src', 'package.json', 'README.md', 'dist']) {
        symlinkSync(join(ROOT, name), join(root, name))
    }
    return root
}

async function fateOf(
    mutant: Mutant,
    root: string,
    stages: readonly Stage[],
    tookMs: ReadonlyMap<string, number>
): Promise<Fate> {
    const path = join(root, 'build', 'src', mutant.file)
    const text = readFileSync(path, 'utf8')
    writeFileSync(path, mutated(text, mutant))
    try {
        for (const stage of stages) {
            const limitMs = GRACE_MS + SLOWNESS * (tookMs.get(stage.name) ?? STAGE_MS)
            if (await attempt(root, stage, limitMs) === null) {
                return { mutant, killedBy: stage.name }
            }
        }
        return { mutant, killedBy: 'survived' }
    } finally {
        writeFileSync(path, text)
    }
}

interface Orders {
    readonly count: number
    readonly seed: number
    readonly seeds: number
    readonly only: string
    readonly out: string
}

function readOrders(args: readonly string[]): Orders | null {
    const orders = new Map<string, string>()
    for (let index = 0; index < args.length; index += 2) {
        const [name, value] = [args[index] ?? '', args[index + 1]]
        const isKnown = ['--count', '--seed', '--seeds', '--only', '--out'].includes(name)
        if (!isKnown || value === undefined) {
            return null
        }
        orders.set(name, value)
    }
    const numbers = [['--count', 160], ['--seed', 0], ['--seeds', 30]] as const
    const [count = 0, seed = 0, seeds = 0] = numbers.map(([name, usual]) => {
        return Number(orders.get(name) ?? usual)
    })
    const isSound = [count, seed, seeds].every((each) => Number.isSafeInteger(each) && each >= 0)
    return !isSound || count === 0 ? null : {
        count, seed, seeds,
        only: orders.get('--only') ?? '',
        out: orders.get('--out') ?? join(ROOT, 'build', 'mutants.txt')
    }
}

/** What an earlier run found: the descriptions of its mutants, and what killed each. */
function known(out: string): Map<string, string> {
    const lines = existsSync(out) ? readFileSync(out, 'utf8').trimEnd().split('\n') : []
    return new Map(lines.map((line) => {
        const [killedBy = '', description = ''] = line.split('\t')
        return [description, killedBy]
    }))
}

/** How long each stage takes without a mutant, by its name; `null` for a stage that fails. */
async function calibrate(root: string, seeds: number): Promise<Map<string, number | null>> {
    const tookMs = new Map<string, number | null>()
    for (const stage of stagesOf(root, seeds, 'log/log.js')) {
        tookMs.set(stage.name, await attempt(root, stage, STAGE_MS))
    }
    return tookMs
}

/** Every mutant of the compiled engine: of all files in the room of the class `Paxos`. */
export function allMutants(): readonly Mutant[] {
    const room = `${dirname(fileOf('Paxos'))}/`
    return [...compiledTexts()].filter(([file]) => file.startsWith(room))
        .flatMap(([file, text]) => mutantsOf(file, text))
}

async function tryAll(
    mutants: readonly Mutant[],
    { seeds, out }: Orders,
    tell: (line: string) => void
): Promise<boolean> {
    const root = copyTree()
    try {
        const tookMs = new Map<string, number>()
        for (const [name, took] of await calibrate(root, seeds)) {
            if (took === null) {
                tell(`${name} fails without any mutant. No mutant was tried.`)
                return false
            }
            tookMs.set(name, took)
            tell(`${name} takes ${(took / 1000).toFixed(0)} s`)
        }
        for (const [index, mutant] of mutants.entries()) {
            const stages = stagesOf(root, seeds, mutant.file)
            const { killedBy } = await fateOf(mutant, root, stages, tookMs)
            tell(`${index + 1} of ${mutants.length}  ${killedBy}  ${describeMutant(mutant)}`)
            appendFileSync(out, `${killedBy}\t${describeMutant(mutant)}\n`)
        }
        return true
    } finally {
        rmSync(root, { recursive: true })
    }
}

/**
 * Looks for one mutant after another.
 *
 * @returns The exit code: 0 if every mutant has a fate, 1 if a stage fails anyway, 2 if the
 * arguments make no sense.
 */
export async function main(
    args: readonly string[],
    tell: (line: string) => void
): Promise<number> {
    const orders = readOrders(args)
    if (orders === null) {
        tell(USAGE)
        return 2
    }
    const chosen = spread(allMutants(), orders.count, orders.seed)
        .filter((mutant) => describeMutant(mutant).includes(orders.only))
    const before = known(orders.out)
    const mutants = chosen.filter((mutant) => !before.has(describeMutant(mutant)))
    tell(`${chosen.length} mutants, ${chosen.length - mutants.length} of them in ${orders.out}.`)
    if (mutants.length !== 0 && !(await tryAll(mutants, orders, tell))) {
        return 1
    }
    const fates = known(orders.out)
    const survivors = chosen.map(describeMutant).filter((each) => fates.get(each) === 'survived')
    tell(`${chosen.length} mutants, ${survivors.length} survived.`)
    for (const survivor of survivors) {
        tell(survivor)
    }
    return 0
}
