import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { Islander } from '../../src/publisher/islander.js'
import type { Paxos } from '../../src/paxos/paxos.js'
import type { apply, postpone } from '../../src/member/apply-input.js'

/** One place in the compiled engine that is written otherwise. */
export interface Patch {
    /** Below `build/src`. */
    readonly file: string
    readonly from: string
    readonly to: string
}

/** The engine, as it is explored. */
export interface Core {
    readonly Paxos: typeof Paxos
    readonly Islander: typeof Islander
    readonly apply: typeof apply
    readonly postpone: typeof postpone
}

const source = fileURLToPath(new URL('../../src/', import.meta.url))
const besides = [
    'publisher/islander.js', 'member/apply-input.js', 'base/monotonic.js', 'base/json-value.js',
    'base/json-size.js', 'base/errors.js', 'base/own-property.js', 'publisher/batch.js',
    'publisher/backlog.js', 'publisher/batch-backoff.js', 'publisher/sent-batch.js',
    'base/state-version.js', 'base/freeze.js', 'base/option-table.js'
]

/** What stands in for the engine's generator. */
const LOTS = './lots.js'

/** By what is imported: what stands in for it. */
const standIns: readonly (readonly [RegExp, string])[] = [
    [/'procession'/g, './queue.js'],
    [/'happenstance'/g, './calendar.js'],
    [/'\.\/seeded-random\.js'/g, LOTS],
    [/'(?:\.\.?\/)+(?:base\/)?object-brand\.js'/g, '../../src/base/object-brand.js']
]

/**
 * Private fields cannot be cloned from outside; fields with a name can. A name carries that of its
 * file, so that a class and the one it extends do not share what each has for itself.
 */
function open(file: string, text: string, stands: typeof standIns): string {
    const prefix = `_${basename(file, '.js').replaceAll('-', '')}_`
    return stands.reduce((opened, [specifier, standIn]) => {
        const url = new URL(standIn, import.meta.url)
        return opened.replaceAll(specifier, JSON.stringify(url.href))
    }, text.replaceAll(/#(?=[A-Za-z])/g, prefix))
}

function patched(file: string, text: string, patches: readonly Patch[]): string {
    return patches.filter((patch) => patch.file === file).reduce((result, { from, to }) => {
        const parts = result.split(from)
        assert(parts.length === 2, `${file} has ${parts.length - 1} places that say: ${from}`)
        return parts.join(to)
    }, text)
}

function write(directory: string, patches: readonly Patch[], drawsLots: boolean): void {
    const stands = standIns.filter(([, standIn]) => !drawsLots || standIn !== LOTS)
    const all = readdirSync(join(source, 'paxos'), { recursive: true, encoding: 'utf8' })
    const engine = all.filter((name) => name.endsWith('.js'))
    const files = [...besides, ...engine.map((name) => join('paxos', name))]
    for (const { file } of patches) {
        assert(files.includes(file), `${file} is no part of the engine`)
    }
    writeFileSync(join(directory, 'package.json'), '{ "type": "module" }')
    for (const file of files) {
        const text = readFileSync(join(source, file), 'utf8').replace(/^\/\/# source.*$/m, '')
        mkdirSync(dirname(join(directory, file)), { recursive: true })
        writeFileSync(join(directory, file), open(file, patched(file, text, patches), stands))
    }
}

/**
 * Loads a copy of the engine, as it was compiled, whose objects are open to a generic walk:
 * private fields are renamed, queues, calendar and lots are stood in for, and what marks an object
 * unseen is left unseen. Patches plant bugs.
 *
 * @param drawsLots Whether the generator is the engine's own.
 */
export async function load(patches: readonly Patch[], drawsLots: boolean = false): Promise<Core> {
    const directory = mkdtempSync(join(tmpdir(), 'kibitz-exploration-'))
    const at = (path: string): string => pathToFileURL(join(directory, path)).href
    try {
        write(directory, patches, drawsLots)
        const paxos = await import(at('paxos/paxos.js')) as Pick<Core, 'Paxos'>
        const islander = await import(at('publisher/islander.js')) as Pick<Core, 'Islander'>
        const replay = await import(at('member/apply-input.js')) as Pick<Core, 'apply' | 'postpone'>
        const { apply, postpone } = replay
        return { Paxos: paxos.Paxos, Islander: islander.Islander, apply, postpone }
    } finally {
        rmSync(directory, { recursive: true, force: true })
    }
}
