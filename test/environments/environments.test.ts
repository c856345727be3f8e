import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { compile, install, root, run } from '../packaging/consumer.js'
import { writeEntries, writePrograms } from './programs.js'
import { installTools, runtime, toolFile } from './tools.js'

/** What `republic.mjs` has to find. */
const EXPECTED = {
    found: ['from c', 'from b', 'from a', 'over a socket', 'to a disk'],
    refusal: 'invalid-argument',
    hasGlobalRequire: false
}

/** Where the packed package is installed, and where bundles run without any package. */
const folder = mkdtempSync(join(tmpdir(), 'kibitz-environments-'))
const bundles = mkdtempSync(join(tmpdir(), 'kibitz-bundles-'))

/** The last line of a program that ends by itself, as JSON. */
async function outputOf(program: string, args: readonly string[], cwd: string): Promise<unknown> {
    const { code, text } = await run(program, args, cwd, { KIBITZ_LOG: 'none' })
    assert.equal(code, 0, text)
    return JSON.parse(text.trimEnd().split('\n').at(-1) ?? '')
}

/** Runs programs of the package in a runtime, unless the registry has none for this machine. */
async function inRuntime(
    path: string, programs: readonly string[], flags: readonly string[] = []
): Promise<void> {
    const program = runtime(path)
    if (program === null) {
        console.warn(`the registry offers no ${path} for this machine`)
        return
    }
    for (const main of programs) {
        assert.deepEqual(await outputOf(program, [...flags, main], folder), EXPECTED, main)
    }
    const same = await outputOf(program, [...flags, 'identity.cjs'], folder)
    assert.deepEqual(same, [true, true], 'import and require load one class')
}

/** The output of a program after esbuild has made one file of the program and its packages. */
async function outputOfBundle(main: string, format: 'esm' | 'cjs'): Promise<unknown> {
    const name = `${main}.bundle.${format === 'esm' ? 'mjs' : 'cjs'}`
    const machine = `${process.platform}-${process.arch}`
    const { code, text } = await run(toolFile(`@esbuild/${machine}/bin/esbuild`), [
        main, '--bundle', '--platform=node', `--format=${format}`,
        `--outfile=${join(bundles, name)}`
    ], folder)
    assert.equal(code, 0, text)
    return await outputOf(process.execPath, [name], bundles)
}

/** The environments, as the table in `src/environments.md` names them. */
const ENVIRONMENTS: Readonly<Record<string, () => Promise<void>>> = {
    'Node 20.19': () => inRuntime('node20/bin/node', ['main.mjs', 'main.cjs']),
    'Node 22': () => inRuntime('node22/bin/node', ['main.mjs', 'main.cjs']),
    'Node 24': () => inRuntime('node24/bin/node', ['main.mjs', 'main.cjs', 'typed.mts']),
    'Node 26': () => inRuntime('node26/bin/node', ['main.mjs', 'main.cjs', 'typed.mts']),
    Bun: () => inRuntime('@oven/bun-linux-x64/bin/bun', ['main.mjs', 'main.cjs', 'typed.mts']),
    Deno: () => inRuntime('@deno/linux-x64-glibc/deno', ['main.mjs', 'main.cjs', 'typed.mts'],
        ['run', '--allow-all', '--node-modules-dir=manual', '--quiet']),
    tsx: async () => {
        const tsx = toolFile('tsx/dist/cli.mjs')
        for (const main of ['typed.mts', 'main.cjs']) {
            assert.deepEqual(await outputOf(process.execPath, [tsx, main], folder), EXPECTED)
        }
    },
    esbuild: async () => {
        assert.deepEqual(await outputOfBundle('main.mjs', 'esm'), EXPECTED)
        assert.deepEqual(await outputOfBundle('main.mjs', 'cjs'), EXPECTED)
        assert.deepEqual(await outputOfBundle('main.cjs', 'cjs'), EXPECTED)
        for (const name of writeEntries(folder)) {
            assert.equal(await outputOfBundle(name, 'esm'), true, name)
        }
    },
    'TypeScript 7': async () => {
        const source = readFileSync(join(root, 'test/packaging/typed-service.ts'), 'utf8')
        for (const resolution of ['node16', 'bundler'] as const) {
            const compiler = toolFile('typescript/bin/tsc')
            const outcome = await compile(folder, 'typed', source, resolution, compiler)
            assert.deepEqual(outcome, { code: 0, text: '' })
        }
    },
    vitest: async () => {
        const args = [toolFile('vitest/vitest.mjs'), 'run', '--root', 'vitest']
        const { code, text } = await run(process.execPath, args, folder)
        assert.equal(code, 0, text)
        assert.match(text, /Tests +1 passed/)
    },
    jest: async () => {
        const args = [toolFile('jest/bin/jest.js'), '--rootDir', '.']
        const { code, text } = await run(process.execPath, args, join(folder, 'jest'))
        assert.equal(code, 0, text)
        assert.match(text, /Tests: +1 passed, 1 total/)
        assert.doesNotMatch(text, /did not exit/)
    },
    'node:worker_threads': async () => {
        assert.deepEqual(await outputOf(process.execPath, ['worker.mjs'], folder), EXPECTED)
    },
    'node:cluster': async () => {
        const result = await outputOf(process.execPath, ['cluster.mjs'], folder)
        assert.deepEqual((result as { addresses: number }).addresses, 3)
        const { found: [first = [], ...others] } = result as { found: string[][] }
        assert.deepEqual([...first].sort(), ['from worker-0', 'from worker-1', 'from worker-2'])
        assert.deepEqual(others, [first, first])
    }
}

describe('the packed package', () => {
    before(async () => {
        await installTools()
        const { home } = await install(folder)
        assert.ok(home)
        mkdirSync(bundles, { recursive: true })
        writePrograms(folder, EXPECTED)
    })
    after(() => {
        rmSync(folder, { recursive: true })
        rmSync(bundles, { recursive: true })
    })

    for (const [name, check] of Object.entries(ENVIRONMENTS)) {
        test(`works in ${name}`, check)
    }

    test('works in all environments of the table', () => {
        const table = readFileSync(join(root, 'src/environments.md'), 'utf8')
        const named = [...table.matchAll(/^\| ([^|]+) \|/gm)].map(([, name = '']) => name)
        assert.deepEqual(named.slice(2), Object.keys(ENVIRONMENTS))
    })
})
