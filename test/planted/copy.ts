import assert from 'node:assert/strict'
import {
    cpSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** One place in the compiled engine that is written otherwise. */
export interface Patch {
    /** Below `src` of the compiled tree. */
    readonly file: string
    readonly from: string
    readonly to: string
}

const BUILD = fileURLToPath(new URL('../../', import.meta.url))
const MODULES = fileURLToPath(new URL('../../../node_modules', import.meta.url))

/** What a trial is made of: the engine, the simulator, and what that borrows from other tests. */
const PARTS = [
    'src', join('test', 'simulation'), join('test', 'support'), join('test', 'paxos')
]

/** Neither tests nor maps are needed to run a seed. */
function isNeeded(path: string): boolean {
    return statSync(path).isDirectory() || (path.endsWith('.js') && !path.endsWith('.test.js'))
}

/**
 * Writes a text otherwise in one place.
 *
 * @throws Where there is not exactly one such place: a patch that has come off plants nothing.
 */
function rewrite(text: string, { file, from, to }: Patch): string {
    const parts = text.split(from)
    assert(parts.length === 2, `${file} has ${parts.length - 1} places that say: ${from}`)
    return parts.join(to)
}

/** What the patched files say, by their name; fails where a patch does not fit. */
export function rewritten(patches: readonly Patch[]): ReadonlyMap<string, string> {
    const texts = new Map<string, string>()
    for (const patch of patches) {
        const { file } = patch
        const text = texts.get(file) ?? readFileSync(join(BUILD, 'src', file), 'utf8')
        texts.set(file, rewrite(text, patch))
    }
    return texts
}

/**
 * A copy of the compiled tree in a folder of its own. Patches reach the engine alone: whoever
 * looks for a bug is the simulator as it is.
 */
export class Copy {
    readonly directory: string

    /**
     * @param parent Where the folder is made. @default where the system keeps such
     * @param tests The test files that the copy contains, below `test`. @default none
     */
    constructor(
        patches: readonly Patch[],
        parent: string = tmpdir(),
        tests: readonly string[] = []
    ) {
        const texts = rewritten(patches)
        this.directory = mkdtempSync(join(parent, 'kibitz-planted-'))
        try {
            for (const part of PARTS) {
                const options = { recursive: true, filter: isNeeded }
                cpSync(join(BUILD, part), join(this.directory, part), options)
            }
            for (const test of tests) {
                const path = join('test', test)
                cpSync(join(BUILD, path), join(this.directory, path))
            }
            for (const [file, text] of texts) {
                writeFileSync(join(this.directory, 'src', file), text)
            }
            writeFileSync(join(this.directory, 'package.json'), '{ "type": "module" }')
            symlinkSync(MODULES, join(this.directory, 'node_modules'), 'junction')
        } catch (error) {
            this.remove()
            throw error
        }
    }

    /** Leaves nothing behind. */
    remove(): void {
        rmSync(this.directory, { recursive: true, force: true })
    }
}
