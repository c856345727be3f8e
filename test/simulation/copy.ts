import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Patch } from '../exploration/copy.js'

const root = fileURLToPath(new URL('../../../', import.meta.url))

/** The simulator as it was compiled, with another engine. */
export class Copy implements Disposable {
    readonly #directory = mkdtempSync(join(tmpdir(), 'kibitz-simulation-'))

    /** Plants bugs. */
    constructor(patches: readonly Patch[]) {
        const build = join(this.#directory, 'build')
        for (const part of ['src', 'test/simulation', 'test/support', 'test/simulate.js']) {
            cpSync(join(root, 'build', part), join(build, part), { recursive: true })
        }
        writeFileSync(join(this.#directory, 'package.json'), '{ "type": "module" }')
        symlinkSync(join(root, 'node_modules'), join(this.#directory, 'node_modules'), 'junction')
        for (const { file, from, to } of patches) {
            const path = join(build, 'src', file)
            const parts = readFileSync(path, 'utf8').split(from)
            if (parts.length !== 2) {
                throw new Error(`${file} has ${parts.length - 1} places that say: ${from}`)
            }
            writeFileSync(path, parts.join(to))
        }
    }

    /** Its command. */
    get command(): string {
        return this.path('build/test/simulate.js')
    }

    /** A file in it. */
    path(name: string): string {
        return join(this.#directory, name)
    }

    [Symbol.dispose](): void {
        rmSync(this.#directory, { recursive: true, force: true })
    }
}
