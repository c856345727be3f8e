import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { withoutCoverage } from '../../support/environment.js'

const PROGRAM = fileURLToPath(new URL('../../../src/command/kibitz.js', import.meta.url))

/** The end of the command. */
export interface Ran {
    readonly code: number | null
    readonly out: string
    readonly err: string
}

/** Runs `kibitz status` with arguments, in a process of its own. */
export async function run(...args: readonly string[]): Promise<Ran> {
    const child = spawn(process.execPath, [PROGRAM, 'status', ...args], { env: withoutCoverage() })
    const [out, err, [code]] = await Promise.all([
        text(child.stdout), text(child.stderr), once(child, 'close') as Promise<[number | null]>
    ])
    return { code, out, err }
}
