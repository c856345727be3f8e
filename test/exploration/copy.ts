import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join, posix } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import ts from 'typescript'
import type { Islander } from '../../src/publisher/islander.js'
import type { Paxos } from '../../src/paxos/paxos.js'
import type { apply } from '../../src/member/apply-input.js'
import type { scheduleRetry } from '../../src/publisher/retry.js'
import { type Change, changed } from '../planted/planter.js'
import { compiledTexts, fileOf, type Texts } from '../support/compiled.js'

/** The engine, as it is explored. */
export interface Core {
    readonly Paxos: typeof Paxos
    readonly Islander: typeof Islander
    readonly apply: typeof apply
    readonly scheduleRetry: typeof scheduleRetry
}

/** The files that declare the parts of a core. */
const PAXOS = fileOf('Paxos')
const ISLANDER = fileOf('Islander')
const APPLY = fileOf('apply')
const RETRY = fileOf('scheduleRetry')

const source = fileURLToPath(new URL('../../src/', import.meta.url))

/** The file that marks objects. Marks are private fields that stay unseen. */
const MARKS = fileOf('makeBrand')

/** The file of the engine's generator. */
const RANDOM = fileOf('SeededRandom')

/** By the package or the file that is imported: the module that stands in. */
const STAND_INS: ReadonlyMap<string, string> = new Map([
    ['procession', './queue.js'],
    ['happenstance', './calendar.js'],
    [RANDOM, './lots.js']
].map(([specifier = '', path = '']) => [specifier, new URL(path, import.meta.url).href]))

/** The imports of a file: the text between the quotes, and the file below `src` if there is one. */
function importsOf(file: string, text: string): readonly (ts.FileReference & { target: string })[] {
    return ts.preProcessFile(text, true, true).importedFiles.map((found) => {
        const isRelative = found.fileName.startsWith('.')
        const target = isRelative ? posix.join(posix.dirname(file), found.fileName) : found.fileName
        return { ...found, target }
    })
}

/** The files of the engine: all that the parts of a core import, and what these files import. */
export function filesOfCore(texts: Texts = compiledTexts()): ReadonlySet<string> {
    const files = new Set<string>()
    const add = (file: string): void => {
        const text = texts.get(file)
        if (text !== undefined && file !== MARKS && !files.has(file)) {
            files.add(file)
            for (const { target } of importsOf(file, text)) {
                add(target)
            }
        }
    }
    add(PAXOS)
    add(ISLANDER)
    add(APPLY)
    add(RETRY)
    return files
}

/**
 * Private fields cannot be cloned from outside; fields with a name can. A name begins with the name
 * of the file, so that a class and its base class do not share a field.
 */
function open(file: string, text: string, drawsLots: boolean): string {
    const imports = [...importsOf(file, text)].reverse()
    const redirected = imports.reduce((opened, { target, fileName, pos }) => {
        const isOwn = target === RANDOM && drawsLots
        const url = target === MARKS ? pathToFileURL(join(source, MARKS)).href
            : isOwn ? undefined : STAND_INS.get(target)
        const end = pos + fileName.length + 2
        return url === undefined ? opened
            : `${opened.slice(0, pos)}${JSON.stringify(url)}${opened.slice(end)}`
    }, text)
    const prefix = `_${basename(file, '.js').replaceAll('-', '')}_`
    return redirected.replaceAll(/#(?=[A-Za-z])/g, prefix)
}

function write(directory: string, changes: readonly Change[], drawsLots: boolean): void {
    const texts = new Map([...compiledTexts(), ...changed(changes)])
    const files = filesOfCore(texts)
    for (const { file } of changes) {
        if (!files.has(file)) {
            throw new Error(`${file} is no part of the engine`)
        }
    }
    writeFileSync(join(directory, 'package.json'), '{ "type": "module" }')
    for (const file of files) {
        const text = (texts.get(file) ?? '').replace(/^\/\/# source.*$/m, '')
        mkdirSync(dirname(join(directory, file)), { recursive: true })
        writeFileSync(join(directory, file), open(file, text, drawsLots))
    }
}

/**
 * Loads a copy of the engine, as it was compiled, whose objects are open to a generic walk:
 * private fields are renamed, queues, calendar and lots are stood in for, and what marks an object
 * unseen is left unseen. Changes plant bugs.
 *
 * @param drawsLots Whether the generator is the engine's own.
 */
export async function load(changes: readonly Change[], drawsLots: boolean = false): Promise<Core> {
    const directory = mkdtempSync(join(tmpdir(), 'kibitz-exploration-'))
    const at = (path: string): string => pathToFileURL(join(directory, path)).href
    try {
        write(directory, changes, drawsLots)
        const paxos = await import(at(PAXOS)) as Pick<Core, 'Paxos'>
        const islander = await import(at(ISLANDER)) as Pick<Core, 'Islander'>
        const { apply } = await import(at(APPLY)) as Pick<Core, 'apply'>
        const { scheduleRetry } = await import(at(RETRY)) as Pick<Core, 'scheduleRetry'>
        return { Paxos: paxos.Paxos, Islander: islander.Islander, apply, scheduleRetry }
    } finally {
        rmSync(directory, { recursive: true, force: true })
    }
}
