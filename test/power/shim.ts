import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const SOURCE = fileURLToPath(new URL('../../../test/power/shim.c', import.meta.url))

// Deadline: a compiler that has not ended by then is killed, and the test fails.
const DEADLINE_MS = 60_000

/** Why there is no shim here; `null` where there can be one. */
export function whyNot(): string | null {
    if (process.platform !== 'linux') {
        return `NO LOSS OF POWER WAS TRIED: that takes Linux, and this is ${process.platform}.`
    }
    const { status } = spawnSync('cc', ['-fsyntax-only', '-x', 'c', '-'], {
        input: '#include <dlfcn.h>\n', stdio: ['pipe', 'ignore', 'ignore'], timeout: DEADLINE_MS
    })
    return status === 0
        ? null
        : 'NO LOSS OF POWER WAS TRIED: there is no cc here, or no headers of libc ' +
            '(apt-get install gcc libc6-dev).'
}

/** Compiles the shim into a folder; yields where it is. */
export function compile(folder: string): string {
    const path = join(folder, 'shim.so')
    const flags = ['-O2', '-Wall', '-Wextra', '-shared', '-fPIC', '-o', path, SOURCE]
    const { status, stderr } = spawnSync('cc', [...flags, '-ldl', '-lpthread'], {
        encoding: 'utf8', timeout: DEADLINE_MS
    })
    if (status !== 0) {
        throw new Error(`The shim was not compiled: ${stderr}`)
    }
    return path
}
