import assert from 'node:assert/strict'
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { root, run } from '../packaging/consumer.js'

const lists = join(root, 'test/environments/tools')
const folder = join(root, 'build/environments')

/** The path of a file of an installed tool. */
export function toolFile(name: string): string {
    return join(folder, 'node_modules', name)
}

/**
 * Installs the runtimes and tools of `package.json`, in exact versions, into a folder of their own:
 * a package named `node` in the folder of the checkout would replace the Node of `npm test`. No
 * script of a package runs. A second call finds the first installation.
 */
export async function installTools(): Promise<void> {
    const lock = readFileSync(join(lists, 'package-lock.json'), 'utf8')
    const done = join(folder, 'package-lock.json')
    if (existsSync(done) && readFileSync(done, 'utf8') === lock) {
        return
    }
    rmSync(folder, { recursive: true, force: true })
    const installing = `${folder}-installing`
    rmSync(installing, { recursive: true, force: true })
    mkdirSync(installing, { recursive: true })
    for (const name of ['package.json', 'package-lock.json']) {
        cpSync(join(lists, name), join(installing, name))
    }
    const args = ['ci', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund']
    const { code, text } = await run('npm', args, installing)
    assert.equal(code, 0, `npm could not install the tools of ${lists}: ${text}`)
    renameSync(installing, folder)
}

/**
 * The program of a runtime, or `null` where the registry offers none for this machine. The lists
 * name runtimes for Linux on x64.
 */
export function runtime(path: string): string | null {
    const isOffered = process.platform === 'linux' && process.arch === 'x64'
    const program = toolFile(path)
    assert.ok(!isOffered || existsSync(program), `${program} is missing`)
    return isOffered ? program : null
}
