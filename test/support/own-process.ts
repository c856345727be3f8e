import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../../', import.meta.url))

/** How a process has ended. */
export interface Ending {
    /** Its exit code; `null` where it had to be killed. */
    readonly status: number | null
    readonly stdout: string
    readonly stderr: string
}

/** How long a process may take until it is killed, which is to say that it hangs. */
const DEADLINE_MS = 30_000

const PREAMBLE = `
import { Colleague, Kibitzer } from './build/src/index.js'
import { at, Island } from './build/test/support/island.js'
`

/** Runs a module in a process of its own, with `Kibitzer`, `Island` and `at` at its hands. */
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
