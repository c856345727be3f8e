import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))

/** The last commit before the versions of a republic: a package of version 1. */
const COMMIT = 'c33caec98dbd6975662317b707364186e32e8eda'

/** A package of an earlier commit, built in a folder of its own. */
export interface OldPackage extends Disposable {
    /** The folder `dist`, as a url. */
    readonly dist: string
}

/** Runs a command, and fails with a sentence that names the step. */
function run(step: string, file: string, args: readonly string[], input?: Buffer): Buffer {
    const { status, stdout, stderr, error } = spawnSync(file, args, {
        cwd: ROOT, maxBuffer: 2 ** 28, ...(input && { input })
    })
    assert.ok(status === 0, `${step}: ${error?.message ?? String(stderr) + String(stdout)}`)
    return stdout
}

/** Packs the earlier commit from the history, and builds the package with our compiler. */
export function buildOldPackage(): OldPackage {
    const archive = run(
        'This test builds an earlier package from the git history, and the history lacks commit ' +
            `${COMMIT}. Fetch the whole history: git fetch --unshallow`,
        'git', ['archive', COMMIT, 'src', 'tsconfig.json', 'package.json']
    )
    const folder = mkdtempSync(join(tmpdir(), 'kibitz-old-'))
    run('The archive of the earlier commit is unpacked', 'tar', ['-x', '-C', folder], archive)
    symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
    const tsc = join(ROOT, 'node_modules/typescript/bin/tsc')
    const project = ['-p', join(folder, 'tsconfig.json')]
    run('The earlier package is built', process.execPath, [
        tsc, ...project, '--declaration', 'false', '--declarationMap', 'false',
        '--isolatedDeclarations', 'false', '--sourceMap', 'false', '--noCheck'
    ])
    return {
        dist: `${pathToFileURL(join(folder, 'dist')).href}/`,
        [Symbol.dispose]: () => rmSync(folder, { recursive: true })
    }
}
