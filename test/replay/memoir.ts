import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gunzipSync, gzipSync } from 'node:zlib'
import { freeze } from '../../src/base/freeze.js'
import type { Played } from '../../src/index.js'
import type { PaxosOptions } from '../../src/paxos/options.js'
import { islandTapes, type Tape, trialTapes } from '../state/tapes.js'
import { CORE, type Core, Twin } from '../support/twin.js'

const PATH = fileURLToPath(new URL('../../../test/replay/memoir.jsonl.gz', import.meta.url))

/** How many inputs a mark stands for. */
const STRIDE = 64

/** How many inputs of one process are kept at most: most happens early. */
const INPUTS_MAX = 900

/** Trials of the simulator that see elections, growth, exile, leaving, ceding and recoveries. */
const SEEDS = [31, 45, 104]

/** Runs of an island that publish in every way. */
const RUN = /^(?:immigration|the exile|lost calls, lost answers and crashes, seed 4)/

/** The inputs of one process, and the outputs when the chapter was written. */
export interface Chapter extends Tape {
    /** Digests of the outputs so far, after every `STRIDE` inputs and at the end. */
    readonly marks: readonly string[]
    /** What it was in the midst, as a snapshot would have it. */
    readonly half: string
}

/** Old inputs, and which version of the replay led to what they led to. */
export interface Memoir {
    readonly version: number
    readonly chapters: readonly Chapter[]
}

/** What a process puts out, in one number that goes on. What only describes it does not count. */
function* digest(twin: Twin, played: readonly Played[]): Generator<string> {
    const hash = createHash('sha256')
    for (const [index, input] of played.entries()) {
        const { outcome, log, communiques, dispatches } = twin.play(input)
        const { government, scheduler } = twin.paxos
        const all = [outcome, log, communiques, dispatches, government, scheduler.next()]
        hash.update(JSON.stringify(all))
        if ((index + 1) % STRIDE === 0 || index === played.length - 1) {
            yield hash.copy().digest('base64').slice(0, 12)
        }
    }
}

/** Where the second half of a chapter begins. */
function middle({ played }: Pick<Tape, 'played'>): number {
    return Math.floor(played.length / 2)
}

/** A twin that has played the first half. */
function midway(tape: Tape): Twin {
    const twin = Twin.fresh(tape.id, tape.options)
    for (const input of tape.played.slice(0, middle(tape))) {
        twin.play(input)
    }
    return twin
}

/** The digests of the inputs today. */
export function marksOf({ id, options, played }: Tape, core: Core = CORE): readonly string[] {
    return [...digest(Twin.fresh(id, options, core), played)]
}

/** The outputs of the second half, of the same twin and of a twin that continues from a state. */
export function halves(chapter: Chapter): readonly [readonly string[], readonly string[]] {
    const rest = chapter.played.slice(middle(chapter))
    return [[...digest(midway(chapter), rest)], [...digest(Twin.restore(chapter.half), rest)]]
}

/** What a process took in, and then it came back from that with more patience. */
function recovered({ options, played }: Tape): readonly Played[] {
    const kept = played.slice(0, INPUTS_MAX)
    const { when } = kept.at(-1) ?? { when: 0 }
    const body = { options: { ...options, patience: 60_000 } }
    return [...kept, freeze<Played>({ module: 'kibitz', method: 'revive', when, body })]
}

/** Plays it anew: what the engine says today, of what happens today. */
export function compose(version: number): Memoir {
    const tapes = [
        ...islandTapes().filter(({ name }) => RUN.test(name)),
        ...SEEDS.flatMap((seed) => trialTapes(seed))
    ]
    const chapters = tapes.filter(({ played }) => played.length > STRIDE).map((tape) => {
        const kept = { ...tape, played: recovered(tape) }
        return { ...kept, marks: marksOf(kept), half: midway(kept).written }
    })
    return { version, chapters }
}

/** The first inputs that lead to other outputs now; `null` if there are none. */
export function difference({ chapters }: Memoir, core: Core = CORE): string | null {
    for (const chapter of chapters) {
        const marks = marksOf(chapter, core)
        const index = chapter.marks.findIndex((mark, at) => mark !== marks[at])
        if (index !== -1) {
            return `${chapter.name}, inputs ${index * STRIDE + 1} to ${(index + 1) * STRIDE}`
        }
    }
    return null
}

/**
 * What is to be done about a memoir: nothing, or to write another one.
 *
 * @throws Error that tells the author of the change which steps to take.
 */
export function judge(
    memoir: Memoir | null, version: number, isRewriting: boolean, core: Core = CORE
): 'keep' | 'rewrite' {
    const how = 'KIBITZ_REWRITE=1 node --test build/test/replay/version.test.js'
    if (memoir === null || memoir.version < version) {
        if (!isRewriting) {
            throw new Error(`There is no memoir of version ${version} of the replay: ${how}`)
        }
        return 'rewrite'
    }
    const found = difference(memoir, core)
    if (found !== null || memoir.version > version) {
        throw new Error(`Of old inputs follows something else now (${found ?? 'the version'}): no `
            + `member may take a journal of before for its past. Raise REPLAY_VERSION `
            + `(src/member/apply-input.ts) above ${memoir.version}, and then: ${how}`)
    }
    return 'keep'
}

/** The memoir; `null` if there is none. */
export function readMemoir(): Memoir | null {
    if (!existsSync(PATH)) {
        return null
    }
    const lines = gunzipSync(readFileSync(PATH)).toString().split('\n')
    const { version, heads } = JSON.parse(lines.shift() ?? '') as {
        version: number
        heads: readonly (Omit<Chapter, 'played' | 'options'> & {
            readonly options: PaxosOptions
            readonly count: number
        })[]
    }
    const chapters = heads.map(({ count, ...head }) => {
        const played = lines.splice(0, count).map((line) => freeze(JSON.parse(line) as Played))
        return { ...head, played }
    })
    return { version, chapters }
}

/** Writes the memoir. */
export function writeMemoir({ version, chapters }: Memoir): void {
    const heads = chapters.map(({ played, ...head }) => ({ ...head, count: played.length }))
    const inputs = chapters.flatMap(({ played }) => played.map((one) => JSON.stringify(one)))
    const text = [JSON.stringify({ version, heads }), ...inputs].join('\n')
    writeFileSync(PATH, gzipSync(text, { level: 9 }))
}
