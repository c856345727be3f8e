import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { endWithTests } from '../support/children.js'
import { withoutCoverage } from '../support/environment.js'

/** Starts a program of the week, which ends with this process. */
export function start(program: string, args: readonly string[]): ChildProcess {
    const path = fileURLToPath(new URL(program, import.meta.url))
    const env = { ...withoutCoverage(), KIBITZ_LOG: 'none' }
    return endWithTests(fork(path, args, { env, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] }))
}
