import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { TrialRecordings } from './trial-recordings.js'

/** A failed seed, for people. */
export interface FailedSeed {
    readonly seed: number
    readonly kind: string
    /** The message of the error of the trial. */
    readonly message: string
    readonly reproduce: string
    /** The events of the run, one line each. */
    readonly lines: readonly string[]
    readonly recordings: TrialRecordings
    /** The file that has called `trial`; `null` if unknown. */
    readonly caller: string | null
}

/** The file that has called a function of this folder; `null` if unknown. */
export function callerFile(): string | null {
    let own: string | null = null
    for (const line of (new Error('caller').stack ?? '').split('\n').slice(1)) {
        const [, place] = /(?:\(|at (?:async )?)([^()\s]+):\d+:\d+\)?$/.exec(line) ?? []
        const path = place?.startsWith('file://') === true ? fileURLToPath(place) : place
        if (path === undefined || path.startsWith('node:')) {
            continue
        }
        own ??= dirname(path)
        if (dirname(path) !== own) {
            return path
        }
    }
    return null
}

/** A test that runs the trial of a file again, with one plan. */
function testFile({ seed, kind, reproduce, message }: FailedSeed, path: string): string {
    const comment = message.split('\n').map((line) => `// ${line}`).join('\n')
    return `${comment}
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

test('seed ${seed}: ${kind}', () => {
    const file = fileURLToPath(new URL(${JSON.stringify(path)}, import.meta.url))
    const flags = process.execArgv.filter((flag) => !flag.startsWith('--test'))
    const { NODE_TEST_CONTEXT, ...env } = process.env
    const { status, stdout, stderr } = spawnSync(process.execPath, [...flags, file], {
        env: { ...env, KIBITZ_TRIAL: ${JSON.stringify(reproduce)} }, encoding: 'utf8'
    })
    assert.equal(status, 0, \`\${stdout}\\n\${stderr}\`)
})
`
}

/** A path as a relative URL. */
function urlOf(from: string, to: string): string {
    const path = relative(from, to).split('\\').map(encodeURIComponent).join('/')
    return path.replaceAll('%2F', '/')
}

/**
 * Writes a folder `seed-N`: the recordings for the inspector (`journals`), the message and the
 * events (`events.txt`), and a test that repeats the run. Replaces a former folder.
 *
 * @returns The folder.
 */
export async function writeFailure(folder: string, failed: FailedSeed): Promise<string> {
    const place = resolve(folder, `seed-${failed.seed}`)
    rmSync(place, { recursive: true, force: true })
    mkdirSync(place, { recursive: true })
    const events = [failed.message, '', ...failed.lines, '']
    writeFileSync(join(place, 'events.txt'), events.join('\n'))
    if (failed.caller !== null) {
        const file = join(place, `seed-${failed.seed}.test.mjs`)
        writeFileSync(file, testFile(failed, urlOf(place, failed.caller)))
    }
    await failed.recordings.write(place)
    return place
}
