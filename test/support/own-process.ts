import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../../', import.meta.url))

/** How a process has ended. */
export interface Ending {
    /** The exit code; `null` if a signal killed the process. */
    readonly status: number | null
    readonly stdout: string
    readonly stderr: string
}

/** After this time the process counts as hung and is killed. */
const DEADLINE_MS = 30_000

const PREAMBLE = `
import { Colleague, Kibitzer } from './build/src/index.js'
import { at, Island } from './build/test/support/island.js'
`

/** Runs a module in a child process, with `Colleague`, `Kibitzer`, `Island` and `at`. */
export function alone(source: string, flags: readonly string[] = []): Ending {
    const program = `${PREAMBLE}${source}`
    const args = [...flags, '--no-warnings', '--input-type=module', '--eval', program]
    const { status, stdout, stderr } = spawnSync(process.execPath, args, {
        cwd: root,
        encoding: 'utf8',
        timeout: DEADLINE_MS,
        killSignal: 'SIGKILL'
    })
    return { status, stdout, stderr }
}
