import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** What spin says of the model. */
export interface Verdict {
    /** Every state was seen, and none violates anything. */
    readonly holds: boolean
    /** The way to a violation was found. */
    readonly isViolated: boolean
    readonly states: number
    readonly seconds: number
    /** All that was said. */
    readonly text: string
}

/** A model in Promela, in the folder `test/model`. */
export interface Model {
    readonly name: string
    readonly file: string
    /** The safeguards of the protocol that the model can do without. */
    readonly safeguards: readonly string[]
    /** A run with all safeguards and without further definitions sees more states than this. */
    readonly statesMin: number
    /** The definitions of each further run with all safeguards. These runs take minutes. */
    readonly further: readonly (readonly string[])[]
}

/** All models. */
export const MODELS: readonly Model[] = [{
    name: 'ballots and governments',
    file: 'republic.pml',
    safeguards: [
        'UNIQUE_BALLOT', 'ADOPTION', 'EMPTY_RULE', 'AHEAD_RULE', 'DOUBLE_QUORUM', 'OLD_QUORUM',
        'INCARNATION'
    ],
    statesMin: 1_000_000,
    further: []
}, {
    name: 'withdrawal and consent',
    file: 'departure.pml',
    safeguards: [
        'PROOF', 'FREE_CHOICE', 'DRAFT_BALLOT', 'LOST_DRAFT', 'NEW_PARLIAMENT', 'CONSENT',
        'CONSENT_BALLOT', 'RETIREMENT'
    ],
    statesMin: 1_000_000,
    further: [['TRIES_2=2'], ['TRIES_0=1', 'LEAVER_TRIES=1']]
}, {
    name: 'the disk of a leader',
    file: 'own-disk.pml',
    safeguards: [
        'OWN_VOTE', 'NEW_ELECTION', 'ANSWER_WAIT', 'PROMISE_WAIT', 'BALLOT_RECORD', 'STATEMENT',
        'MARK_WAIT'
    ],
    statesMin: 400_000,
    further: [['CRASHES=3']]
}]

/** The definitions with which a model runs without a safeguard. */
export function without(safeguard: string): readonly string[] {
    return [`NO_${safeguard}`]
}

const FOLDER = fileURLToPath(new URL('../../../test/model/', import.meta.url))

/** Deeper than any way through the model, and more memory than it takes. */
const DEPTH_MAX = 100_000
const MEBIBYTES_MAX = 4000

// Deadline: a run that has not ended by then is killed, and fails.
const DEADLINE_MS = 600_000

function run(command: string, args: readonly string[], cwd: string): string {
    const { status, stdout, stderr, error } = spawnSync(command, args, {
        cwd, encoding: 'utf8', timeout: DEADLINE_MS
    })
    if (status !== 0) {
        throw new Error(`${command} ${args.join(' ')}: ${error?.message ?? stderr}${stdout}`)
    }
    return stdout
}

function succeeds(command: string, args: readonly string[]): boolean {
    return spawnSync(command, args, { stdio: 'ignore', timeout: DEADLINE_MS }).status === 0
}

/** Whether there is a spin, and a compiler for what it writes. */
export function isInstalled(): boolean {
    return succeeds('spin', ['-V']) && succeeds('gcc', ['--version'])
}

/** Whether this process may install what is missing. */
export function isInstallable(): boolean {
    return process.getuid?.() === 0 && succeeds('apt-get', ['--version'])
}

/** Installs spin from Debian; whether it is there then. */
export function install(): boolean {
    const packages = ['install', '-y', '--no-install-recommends', 'spin', 'gcc', 'libc6-dev', 'cpp']
    if (!succeeds('apt-get', packages)) {
        // The list of packages may be missing, or too old.
        succeeds('apt-get', ['update'])
        succeeds('apt-get', packages)
    }
    return isInstalled()
}

/** Goes through every state of a model with these definitions. */
export function verify({ file }: Model, definitions: readonly string[]): Verdict {
    const directory = mkdtempSync(join(tmpdir(), 'kibitz-model-'))
    try {
        const begin = performance.now()
        const defined = definitions.map((definition) => `-D${definition}`)
        run('spin', ['-a', ...defined, join(FOLDER, file)], directory)
        const flags = ['-O2', '-w', '-DSAFETY', '-DCOLLAPSE', `-DMEMLIM=${MEBIBYTES_MAX}`]
        run('gcc', [...flags, '-o', 'pan', 'pan.c'], directory)
        const text = run(join(directory, 'pan'), [`-m${DEPTH_MAX}`], directory)
        const errors = Number(/errors: (\d+)/.exec(text)?.[1] ?? Number.NaN)
        const isWhole = !/Search not completed|max search depth too small|out of memory/.test(text)
        return {
            holds: errors === 0 && isWhole,
            isViolated: errors > 0 && /assertion violated/.test(text),
            states: Number(/(\d+) states, stored/.exec(text)?.[1] ?? 0),
            seconds: (performance.now() - begin) / 1000,
            text
        }
    } finally {
        rmSync(directory, { recursive: true, force: true })
    }
}
