import { cpSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Edit, planted } from './planter.js'

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
 * A copy of the compiled tree in a folder of its own. The edits change the sources alone: the
 * simulator that looks for a bug stays as it is.
 */
export class Copy {
    readonly directory: string

    /**
     * @param parent Where the folder is made. @default the system's folder for temporary files
     * @param tests The test files that the copy contains, below `test`. @default none
     */
    constructor(
        edits: readonly Edit[],
        parent: string = tmpdir(),
        tests: readonly string[] = []
    ) {
        const texts = planted(edits)
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
