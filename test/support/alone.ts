import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../../', import.meta.url))

/** Takes all values of a cursor. */
export function drain<T>(shifter: { shift(): T | null }): T[] {
    const values: T[] = []
    for (let value = shifter.shift(); value !== null; value = shifter.shift()) {
        values.push(value)
    }
    return values
}

/** The standard output of a module in a child process, which may fail. */
export function said(source: string): string {
    const args = ['--input-type=module', '--eval', source]
    return spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' }).stdout
}
