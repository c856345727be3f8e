import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** The program `kibitz`. */
export const PROGRAM = fileURLToPath(new URL('../../../src/command/kibitz.js', import.meta.url))

/** The output and the exit code of a command. */
export interface Outcome {
    readonly code: number
    readonly out: string
    readonly said: string
}

/** Runs `kibitz` in a process of its own. */
export function runKibitz(
    args: readonly string[], options: { readonly env?: NodeJS.ProcessEnv } = {}
): Promise<Outcome> {
    return new Promise((resolve) => {
        execFile(process.execPath, [PROGRAM, ...args], options, (error, out, said) => {
            resolve({ code: typeof error?.code === 'number' ? error.code : 0, out, said })
        })
    })
}

/** Runs `kibitz journal` in a process of its own. */
export async function kibitz(...args: readonly string[]): Promise<Outcome> {
    return await runKibitz(['journal', ...args])
}
