import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync } from 'node:fs'
import { join, relative } from 'node:path'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import type { Copy } from '../planted/copy.js'
import { withoutCoverage } from '../support/environment.js'

/** The command of the simulator as it is. */
export const SIMULATE: string = fileURLToPath(new URL('run.js', import.meta.url))

const TESTS = fileURLToPath(new URL('../', import.meta.url))

/** The command of the simulator in a copy of the tree. */
export function commandOf({ directory }: Copy): string {
    const command = join(directory, 'test', relative(TESTS, SIMULATE))
    cpSync(SIMULATE, command)
    return command
}

// Deadline: a command that has not ended by then is killed, and its test fails.
const DEADLINE_MS = 300_000

/** What a command came to. */
export interface Said {
    readonly code: number | null
    readonly stdout: string
    readonly stderr: string
}

/** A command that runs. */
export type Running = ChildProcessByStdio<null, Readable, Readable>

/** Runs the command, without counting what of it is covered: that slows every step down. */
export function begin(command: string, args: readonly string[]): Running {
    const env = withoutCoverage()
    return spawn(process.execPath, [command, ...args], {
        env, stdio: ['ignore', 'pipe', 'pipe'], timeout: DEADLINE_MS
    })
}

/** Waits until a command has ended. A signal is sent after the first line of the command. */
export async function end(
    running: Running,
    signal: NodeJS.Signals | null = null
): Promise<Said> {
    let stdout = ''
    let stderr = ''
    running.stdout.setEncoding('utf8').on('data', (text: string) => {
        if (signal !== null && stdout === '') {
            running.kill(signal)
        }
        stdout += text
    })
    running.stderr.setEncoding('utf8').on('data', (text: string) => {
        stderr += text
    })
    const [code] = await once(running, 'close') as [number | null]
    return { code, stdout, stderr }
}

/** Runs a command to its end. */
export function say(command: string, line: string): Promise<Said> {
    return end(begin(command, line.split(' ')))
}
