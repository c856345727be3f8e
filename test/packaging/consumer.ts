import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { withoutCoverage } from '../support/environment.js'

/** The result of a child process. */
export interface Outcome {
    readonly code: number
    /** Standard output and standard error. */
    readonly text: string
}

/** Where the checkout stands. */
export const root: string = fileURLToPath(new URL('../../../', import.meta.url))

/** Child processes do not run the build under coverage, so coverage is off. */
const environment = { ...withoutCoverage(), NO_COLOR: '1' }

/** Runs a program and waits for its end. */
export function run(
    file: string, args: readonly string[], cwd: string, env: NodeJS.ProcessEnv = {}
): Promise<Outcome> {
    const options = { cwd, env: { ...environment, ...env }, maxBuffer: 64 * 1024 * 1024 }
    return new Promise((resolve) => {
        execFile(file, args, options, (error, stdout, stderr) => {
            const code = typeof error?.code === 'number' ? error.code : error === null ? 0 : 1
            resolve({ code, text: `${stdout}${stderr}` })
        })
    })
}

/** Runs the program of one of the checkout's own development dependencies. */
export function runTool(path: string, args: readonly string[], cwd: string): Promise<Outcome> {
    return run(process.execPath, [join(root, 'node_modules', path), ...args], cwd)
}

/** All files below a folder, by their paths in it with forward slashes. */
export function filesIn(folder: string): string[] {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
        .sort()
}

/** The run-time dependencies of a package.json. */
function namesIn(text: string): string[] {
    const manifest: unknown = JSON.parse(text)
    const isManifest = typeof manifest === 'object' && manifest !== null
    const dependencies = isManifest && 'dependencies' in manifest ? manifest.dependencies : {}
    return Object.keys(dependencies ?? {})
}

/**
 * Packs the checkout as it stands, unpacks the tarball where an install would put it, and links
 * the dependencies of the package. Nothing is fetched and no script runs.
 */
export async function install(folder: string): Promise<{ tarball: string, home: string }> {
    const args = ['pack', '--ignore-scripts', '--offline', '--silent', '--pack-destination', folder]
    const packed = await run('npm', args, root)
    const name = readdirSync(folder).find((file) => file.endsWith('.tgz'))
    if (packed.code !== 0 || name === undefined) {
        throw new Error(`npm did not pack: ${packed.text}`)
    }
    const unpacked = await run('tar', ['-xzf', name], folder)
    if (unpacked.code !== 0) {
        throw new Error(`tar did not unpack: ${unpacked.text}`)
    }
    const modules = join(folder, 'node_modules')
    const home = join(modules, 'kibitz')
    mkdirSync(modules)
    cpSync(join(folder, 'package'), home, { recursive: true })
    const dependencies = namesIn(readFileSync(join(home, 'package.json'), 'utf8'))
    for (const dependency of [...dependencies, '@opentelemetry/api', '@types/node']) {
        mkdirSync(dirname(join(modules, dependency)), { recursive: true })
        symlinkSync(join(root, 'node_modules', dependency), join(modules, dependency), 'junction')
    }
    return { tarball: join(folder, name), home }
}

/** A program with one entry alone, which has to bring its own declarations. */
export function entryAlone(name: string): string {
    return `import * as entry from 'kibitz/${name}'\nexport default entry\n`
}

/** How the compiler finds the declarations of a package. */
export type ModuleResolution = 'node16' | 'bundler'

/**
 * The options under which the compiler checks as strictly as it can, in the form of a tsconfig. No
 * option names the types of Node.
 */
export function strictOptions(moduleResolution: ModuleResolution): object {
    return {
        target: 'es2022',
        lib: ['es2022'],
        module: moduleResolution === 'node16' ? 'node16' : 'preserve',
        moduleResolution,
        strict: true,
        exactOptionalPropertyTypes: true,
        noUncheckedIndexedAccess: true,
        noPropertyAccessFromIndexSignature: true,
        skipLibCheck: false,
        noEmit: true
    }
}

/** Compiles one file beside the installed package, under `strictOptions`. */
export async function compile(
    folder: string, name: string, source: string, moduleResolution: ModuleResolution,
    compiler: string = join(root, 'node_modules/typescript/bin/tsc')
): Promise<Outcome> {
    const place = join(folder, `${name}-${moduleResolution}`)
    mkdirSync(place)
    writeFileSync(join(place, 'package.json'), '{ "type": "module" }')
    writeFileSync(join(place, 'index.ts'), source)
    writeFileSync(join(place, 'tsconfig.json'), JSON.stringify({
        compilerOptions: strictOptions(moduleResolution),
        files: ['index.ts']
    }))
    return await run(process.execPath, [compiler, '-p', '.', '--pretty', 'false'], place)
}
