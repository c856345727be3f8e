import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../packaging/consumer.js'

/** The same program with `require` in place of `import`. */
function commonJs(text: string): string {
    const names: string[] = []
    const converted = text
        .replace(/^import (\{[^}]+\}) from '([^']+)'$/gm, "const $1 = require('$2')")
        .replace(/^export async function (\w+)/gm, (_, name: string) => {
            names.push(name)
            return `async function ${name}`
        })
    return `${converted}\nmodule.exports = { ${names.join(', ')} }\n`
}

/** The imports of a program that runs the republic and prints the result. */
const PARTS = ["{ mkdtempSync } from 'node:fs'", "{ tmpdir } from 'node:os'",
    "{ join } from 'node:path'"]

const PRINT = 'run(mkdtempSync(join(tmpdir(), "kibitz-environment-"))).then((result) => {'
    + ' console.log(JSON.stringify(result)) })\n'

const MAIN = [...PARTS, "{ run } from './republic.mjs'"].map((part) => `import ${part}\n`).join('')
    + PRINT

/** Types that a runtime removes before the program runs. */
const TYPED = `${MAIN}import { type Health, Kibitzer } from 'kibitz'
export type Found = Health | null
export const isClass: boolean = typeof (Kibitzer as unknown) === 'function'
`

/** One class behind `import` and `require`, in one process. */
const IDENTITY = `
const required = require('kibitz')
const { FileJournal } = require('kibitz/journal')
import('kibitz').then(async (imported) => {
    const journal = await import('kibitz/journal')
    console.log(JSON.stringify([
        imported.Kibitzer === required.Kibitzer, journal.FileJournal === FileJournal
    ]))
})
`

const WORKER = `
import { Worker } from 'node:worker_threads'
new Worker(new URL('./main.mjs', import.meta.url)).once('error', (error) => { throw error })
`

const JEST = `
const { mkdtempSync } = require('node:fs')
const { tmpdir } = require('node:os')
const { join } = require('node:path')
const { run } = require('./republic.cjs')
test('runs a republic', async () => {
    const result = await run(mkdtempSync(join(tmpdir(), 'kibitz-environment-')))
    expect(result).toEqual(require('./expected.json'))
})
`

const VITEST = `
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { run } from './republic.mjs'
import expected from './expected.json'
test('runs a republic', async () => {
    expect(await run(mkdtempSync(join(tmpdir(), 'kibitz-environment-')))).toEqual(expected)
})
`

/** Writes all programs beside an installed package. */
export function writePrograms(folder: string, expected: unknown): void {
    const [republic, cluster] = ['republic', 'cluster'].map((name) =>
        readFileSync(join(root, `test/environments/programs/${name}.mjs`), 'utf8'))
    const required = commonJs(MAIN).replace('./republic.mjs', './republic.cjs')
    const files = {
        'package.json': '{ "private": true }', 'expected.json': JSON.stringify(expected),
        'republic.mjs': republic ?? '', 'cluster.mjs': cluster ?? '',
        'republic.cjs': commonJs(republic ?? ''), 'main.mjs': MAIN, 'main.cjs': required,
        'typed.mts': TYPED, 'identity.cjs': IDENTITY, 'worker.mjs': WORKER,
        'jest/republic.test.js': JEST, 'jest/republic.cjs': commonJs(republic ?? ''),
        'jest/package.json': '{ "private": true }', 'jest/expected.json': JSON.stringify(expected),
        'vitest/republic.test.js': VITEST, 'vitest/republic.mjs': republic ?? '',
        'vitest/package.json': '{ "private": true }',
        'vitest/expected.json': JSON.stringify(expected)
    }
    for (const [path, text] of Object.entries(files)) {
        mkdirSync(join(folder, path, '..'), { recursive: true })
        writeFileSync(join(folder, path), text)
    }
}

/** Writes a program for each entry of the package, and returns the names of the programs. */
export function writeEntries(folder: string): string[] {
    const manifest: unknown = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
    const { exports } = manifest as { exports: Readonly<Record<string, unknown>> }
    const entries = Object.keys(exports).filter((path) => !path.endsWith('.json'))
    return entries.map((path, index) => {
        const name = `entry-${index}.mjs`
        const loading = `import * as entry from 'kibitz${path.slice(1)}'\n`
        writeFileSync(join(folder, name), `${loading}console.log(Object.keys(entry).length > 0)\n`)
        return name
    })
}
