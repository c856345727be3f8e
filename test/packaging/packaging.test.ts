import assert from 'node:assert/strict'
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { compile, entryAlone, filesIn, install, root, run, runTool } from './consumer.js'
import { noMachinePaths } from '../style/plain.js'
import { parse } from '../style/project.js'
import '../support/silence.js'

/** A service that embeds kibitz beside the shared packages. */
const CONSUMER = `
import { type Application, Colleague, Islander, Kibitzer, Monotonic, Paxos } from 'kibitz'
import { kibitz } from 'kibitz/fastify'
import { handler } from 'kibitz/http'
import { instrument } from 'kibitz/opentelemetry'
import { compose, Locks, ReplicatedMap } from 'kibitz/recipes'
import { recipes as plugin } from 'kibitz/recipes/fastify'
import { type RecipesHandler, recipesHandler } from 'kibitz/recipes/http'
import * as conformance from 'kibitz/transport/conformance'
import * as http from 'kibitz/transport/http'
import * as memory from 'kibitz/transport/memory'
import * as tcp from 'kibitz/transport/tcp'
import cadence from 'cadence'
import Caller from 'conduit/caller.js'
import Procedure from 'conduit/procedure.js'
import Destructible from 'destructible'
import { Scheduler, Timer, type SchedulerEvent } from 'happenstance'
import Procession, { type Shifter } from 'procession'
import Logger from 'prolific.logger'
import rescue from 'rescue'
import Signal from 'signal'

export const transports: readonly object[] = [conformance, http, memory, tcp]
export const kibitzer: Kibitzer = new Kibitzer({ id: 'a', ping: 250, timeout: 1000 })
kibitzer.bootstrap('republic', { url: 'http://127.0.0.1' })
export const published: Promise<{ readonly promise: string }> = kibitzer.publish({ n: 1 })
kibitzer.listen((error) => { if (error) { throw error } })
kibitzer.log.shifter().dequeue((error, entry) => {
    const place: string = entry?.promise ?? '0/0'
    Logger.createLogger('consumer').info('dequeued', { place, error })
})
kibitzer.ready.wait(() => {})
const procedure = new Procedure((body, callback) => { callback(null, body) })
kibitzer.read.shifter().pump(procedure.write, 'enqueue')
procedure.read.shifter().pump(kibitzer.write, 'enqueue')
kibitzer.destroy()

const application: Application<number, number> = {
    apply: ({ body }) => body,
    snapshot: () => ['1', new Uint8Array(1)],
    restore: async (chunks) => { for await (const chunk of chunks) { chunk.subarray(1) } }
}
const colleague = new Colleague({ islandName: 'service', colleagueId: 'a', application })
for (const end of [instrument(colleague), instrument(kibitzer, { traces: false })]) { end() }
export const result: Promise<number> = colleague.publish(1).then(({ result }) => result)
export const mounts: readonly object[] = [handler(colleague), kibitz]
const recipes = compose({ locks: new Locks(), map: new ReplicatedMap<number>(), application })
export const locked: Promise<string> = recipes.parts.locks.using('x', {}, ({ token }) => token)
export const added: Promise<number> = recipes.publish('application', 1).then(({ result }) => result)
const composed = new Colleague({ islandName: 's', colleagueId: 'a', application: recipes })
recipes.connect(composed)
export const served: RecipesHandler = recipesHandler(recipes, { authorize: () => true })
export const plugins: readonly object[] = [plugin]
composed.destroy()
colleague.listen({ port: 0 }).then(({ close }) => close())
colleague.destroy()

const engine = new Paxos(0, 'republic', 'a', { ping: 250, timeout: 1000, parliamentSize: 5 })
engine.bootstrap(0, {})
export const leader: string | undefined = engine.government.majority[0]
export const order: number = Monotonic.compare('1/0', Monotonic.increment('1/0', 0))
export const boundary: boolean = Monotonic.isBoundary('1/0', 0)
export const pending: unknown = new Islander('a').health()

const scheduler = new Scheduler<{ readonly n: number }>()
scheduler.events.shifter().pump(new Timer(scheduler), 'enqueue')
export const shifter: Shifter<SchedulerEvent<{ readonly n: number }>> = scheduler.events.shifter()
export const queue: Procession<number> = new Procession()
new Destructible(1000, 'consumer').completed.wait(() => {})
new Caller<string, number>().invoke('one', (_error, n) => { queue.push(n) })
new Signal().unlatch()
cadence(function (this: undefined, async) {
    async([function () { async()() }, rescue(/^conduit#endOfStream$/m, null)])
}).call(undefined, () => {})
`

/** The entries of the package, apart from the main entry. */
const ENTRIES = [
    'transport/conformance', 'transport/http', 'transport/memory', 'transport/tcp',
    'http', 'fastify', 'journal', 'journal/memory', 'journal/conformance',
    'opentelemetry', 'recipes', 'recipes/fastify', 'recipes/http', 'replay', 'testing'
]

/** The program that checks each entry alone. */
const ALONE = fileURLToPath(new URL('./entries-alone.js', import.meta.url))

/** The same service, with one value of a wrong type. */
const MISTAKEN = `${CONSUMER}\nexport const mistaken: number = published\n`

const IMPORTS = `
    const kibitz = await import('kibitz')
    await import('kibitz/fastify')
    await import('kibitz/http')
    await import('kibitz/opentelemetry')
    await import('kibitz/recipes')
    await import('kibitz/recipes/fastify')
    await import('kibitz/recipes/http')
    await import('kibitz/testing')
    await import('kibitz/transport/conformance')
    await import('kibitz/transport/http')
    await import('kibitz/transport/memory')
    await import('kibitz/transport/tcp')
    for (const name of ['Colleague', 'Islander', 'Kibitzer', 'Monotonic', 'Paxos']) {
        console.log(name, typeof kibitz[name])
    }
`

describe('the tarball', { concurrency: 2 }, () => {
    const folder = mkdtempSync(join(tmpdir(), 'kibitz-packaging-'))
    let home = ''
    let tarball = ''

    before(async () => {
        ({ home, tarball } = await install(folder))
    })
    after(() => {
        rmSync(folder, { recursive: true })
    })

    test('contains the sources, their compiled files, and no other files', () => {
        const sources = filesIn(join(root, 'src'))
        const built = sources.filter((path) => /(?<!\.d)\.ts$/.test(path)
            && !path.startsWith('inspect/page/')).flatMap((path) =>
            ['.js', '.js.map', '.d.ts', '.d.ts.map'].map((ending) =>
                `dist/${path.replace(/\.ts$/, ending)}`))
        const required = built.filter((path) => /\.js$/.test(path)).map((path) =>
            path.replace('dist/', 'dist/commonjs/')).filter((path) =>
            !/commonjs\/(command|examples|inspect)\//.test(path))
        const meant = ['CHANGELOG.md', 'LICENSE', 'README.md', 'package.json', ...built,
            ...required, 'dist/commonjs/package.json', 'dist/inspect/page.css',
            'dist/inspect/page.js', ...sources.map((path) => `src/${path}`)]
        const held = filesIn(home)
        assert.deepEqual({
            missing: meant.filter((path) => !held.includes(path)),
            superfluous: held.filter((path) => !meant.includes(path))
        }, { missing: [], superfluous: [] })
    })

    test('contains no path of the machine that packed the tarball', () => {
        const files = Object.fromEntries(filesIn(home).map((path) =>
            [path, readFileSync(join(home, path), 'utf8')]))
        assert.deepEqual(noMachinePaths.check(parse(files)), [])
        for (const [path, text] of Object.entries(files)) {
            assert.ok(!text.includes(root) && !text.includes(join(homedir(), '/')), path)
        }
    })

    test('contains the source of every source map', () => {
        for (const path of filesIn(home).filter((name) => name.endsWith('.map'))) {
            const map = readFileSync(join(home, path), 'utf8')
            const source = /"sources":\["([^"]+)"\]/.exec(map)?.[1] ?? ''
            assert.ok(existsSync(join(home, dirname(path), source)), `${path}: ${source}`)
        }
    })

    test('passes publint', async () => {
        const { messages, pkg } = await publint({ pkgDir: home, pack: false, strict: true })
        assert.deepEqual(messages.map((message) => formatMessage(message, pkg)), [])
    })

    test('passes arethetypeswrong', async () => {
        // Node loads the ECMAScript modules by require, and the types describe these modules.
        const args = ['--profile', 'esm-only', '--ignore-rules', 'false-esm', '--no-emoji', '--',
            tarball]
        const { code, text } = await runTool('@arethetypeswrong/cli/dist/index.js', args, folder)
        assert.equal(code, 0, text)
    })

    for (const moduleResolution of ['node16', 'bundler'] as const) {
        test(`compiles in a strict service under ${moduleResolution}`, async () => {
            const { code, text } = await compile(folder, 'consumer', CONSUMER, moduleResolution)
            assert.deepEqual([text, code], ['', 0])
        })

        test(`types bodies, results and callbacks under ${moduleResolution}`, async () => {
            const source = readFileSync(join(root, 'test/packaging/typed-service.ts'), 'utf8')
            const { code, text } = await compile(folder, 'typed', source, moduleResolution)
            assert.deepEqual([text, code], ['', 0])
        })

        test(`has types other than any for a service under ${moduleResolution}`, async () => {
            const { code, text } = await compile(folder, 'mistaken', MISTAKEN, moduleResolution)
            const line = MISTAKEN.split('\n').length - 1
            assert.match(text, new RegExp(`^index\\.ts\\(${line},14\\): error TS2322: [^\\n]+\\n$`))
            assert.notEqual(code, 0)
        })

        test(`has entries that stand alone under ${moduleResolution}`, async () => {
            const checked = await run(
                process.execPath, [ALONE, folder, moduleResolution, ...ENTRIES], folder)
            assert.deepEqual(checked, { text: '', code: 0 })
            const { code, text } = await run(
                process.execPath, [ALONE, folder, moduleResolution, 'absent'], folder)
            assert.equal(code, 1)
            assert.match(text, /error TS2307: Cannot find module 'kibitz\/absent'/)
        })
    }

    test('names the types of Node to a service that lacks them', async () => {
        const place = mkdtempSync(join(tmpdir(), 'kibitz-typeless-'))
        try {
            cpSync(home, join(place, 'node_modules/kibitz'), { recursive: true })
            const { text } = await compile(place, 'typeless', entryAlone('journal'), 'node16')
            assert.match(text, /TS2688: Cannot find type definition file for 'node'/)
        } finally {
            rmSync(place, { recursive: true })
        }
        const manifest = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8'))
        assert.equal(manifest.peerDependencies['@types/node'], '>=20.19')
        assert.equal(manifest.peerDependenciesMeta['@types/node'].optional, true)
    })

    test('is imported by name and required', async () => {
        for (const program of [['--input-type=module', '--eval', IMPORTS], [
            '--no-warnings', '--eval', `(async () => { require('kibitz'); ${IMPORTS} })()`
        ]]) {
            assert.deepEqual(await run(process.execPath, program, folder), {
                code: 0,
                text: 'Colleague function\nIslander function\nKibitzer function\n'
                    + 'Monotonic object\nPaxos function\n'
            })
        }
    })

    test('contains a program with a help text', async () => {
        const program = join(home, 'dist/command/kibitz.js')
        assert.match(readFileSync(program, 'utf8'), /^#!\/usr\/bin\/env node\n/)
        const { code, text } = await run(process.execPath, [program, '--help'], folder)
        assert.equal(code, 0, text)
        assert.match(text, /\bdemo\b/)
    })
})
