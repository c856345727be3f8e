import assert from 'node:assert/strict'
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { filesIn, root, runTool } from '../packaging/consumer.js'
import { freePorts } from '../support/free-port.js'

/** A block that runs longer than this hangs. */
const DEADLINE_MS = 60_000

/** A folder in which `kibitz` means this checkout. */
const folder: string = fileURLToPath(new URL('../../readme/', import.meta.url))

/** Every document for readers, by its path. */
const documents = ['README.md', 'CHANGELOG.md', ...['src', 'test'].flatMap((room) =>
    filesIn(join(root, room)).map((path) => `${room}/${path}`).filter((path) =>
        path.endsWith('.md')))]
const texts = new Map(documents.map((path) => [path, readFileSync(join(root, path), 'utf8')]))

/** A link of a document, and the heading that the link names. */
const LINK = /\]\(([^)#\s]*)(?:#([^)\s]*))?\)/g

/** The contents of the fenced blocks of one language, in order. */
function blocks(markdown: string, language: string): readonly string[] {
    const fenced = new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm')
    return [...markdown.matchAll(fenced)].map((match) => match[1] ?? '')
}

/** Runs a program as its reader would, from a file of its own, and returns the printed text. */
function run(name: string, program: string): Promise<string> {
    mkdirSync(folder, { recursive: true })
    const file = join(folder, `${name}.mjs`)
    writeFileSync(file, program)
    return new Promise((resolve, reject) => {
        const options = { timeout: DEADLINE_MS, cwd: folder }
        execFile(process.execPath, [file], options, (error, stdout, stderr) => {
            if (error === null) {
                resolve(stdout)
            } else {
                reject(new Error(`${name} failed: ${stderr}`, { cause: error }))
            }
        })
    })
}

/** The headings of a document, as the targets of its links. */
function anchors(text: string): Set<string> {
    const headings = text.replace(/^```[\s\S]*?^```$/gm, '').matchAll(/^#+ (.*)$/gm)
    return new Set([...headings].map(([, heading = '']) =>
        heading.toLowerCase().replace(/[^\w\- ]/g, '').replaceAll(' ', '-')))
}

/** The options of a strict service. No option names the types of Node. */
const STRICT = {
    target: 'es2022', lib: ['es2022'], module: 'node16', moduleResolution: 'node16',
    strict: true, exactOptionalPropertyTypes: true, noUnusedLocals: true,
    noUnusedParameters: true, skipLibCheck: false
}

/** Compiles programs in a folder of their own, by their file names; returns the errors. */
async function compiled(
    name: string,
    programs: Readonly<Record<string, string>>,
    options: Readonly<Record<string, unknown>>
): Promise<string> {
    const place = join(folder, name)
    mkdirSync(place, { recursive: true })
    for (const [file, program] of Object.entries(programs)) {
        writeFileSync(join(place, file), program)
    }
    const compilerOptions = { ...STRICT, ...options }
    const tsconfig = { compilerOptions, files: Object.keys(programs) }
    writeFileSync(join(place, 'tsconfig.json'), JSON.stringify(tsconfig))
    const { text } = await runTool('typescript/bin/tsc', ['-p', '.', '--pretty', 'false'], place)
    return text
}

describe('the documents', () => {
    it('show programs', () => {
        const programs = [...texts.values()].flatMap((text) => blocks(text, 'js'))
        assert.ok(programs.length >= 12, `only ${programs.length} blocks found`)
    })

    for (const [path, text] of texts) {
        for (const [index, program] of blocks(text, 'js').entries()) {
            it(`run block ${index + 1} of ${path} to its end`, async () => {
                const printed = await run(`${path.replace(/\W/g, '-')}-${index + 1}`, program)
                // A comment `// prints: …` promises a line.
                for (const [, promised = ''] of program.matchAll(/\/\/ prints: (.*)$/gm)) {
                    assert.ok(printed.includes(promised), `${promised} is not in ${printed}`)
                }
            })
        }
    }

    it('compile, each block, under strict options', async () => {
        const programs = Object.fromEntries([...texts].flatMap(([path, text]) =>
            blocks(text, 'js').map((program, index) =>
                [`${path.replace(/\W/g, '-')}-${index + 1}.mjs`, program])))
        // Parameters in JavaScript have no types.
        const javascript = { allowJs: true, checkJs: true, noEmit: true, noImplicitAny: false }
        assert.equal(await compiled('strict', programs, javascript), '')
        const mistaken = { 'one.mjs': "import { Kibitzer } from 'kibitz'\nnew Kibitzer(1)\n" }
        assert.match(await compiled('mistaken', mistaken, javascript), /TS2345/)
    })

    it('notice a block that fails', async () => {
        await assert.rejects(run('failing', 'throw new Error("planted")'), /planted/)
    })

    it('link to places that exist', () => {
        const broken = [...texts].flatMap(([path, text]) =>
            [...text.matchAll(LINK)].filter(([, file = '', anchor]) => {
                const target = file === '' ? path : join(dirname(path), file)
                const isThere = file === '' || filesIn(join(root, dirname(target)))
                    .includes(basename(target))
                const found = texts.get(target)
                return !isThere
                    || (anchor !== undefined && found !== undefined && !anchors(found).has(anchor))
            }).map(([link]) => `${path}: ${link}`))
        assert.deepEqual(broken, [])
    })

    it('name only npm scripts that exist', () => {
        const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
        const own = new Set(['install', 'ci', ...Object.keys(scripts)])
        for (const [path, text] of texts) {
            const named = [...text.matchAll(/npm (?:run )?([a-z][a-z:]*)/g)]
                .map((match) => match[1])
            assert.deepEqual(named.filter((name = '') => !own.has(name)), [], path)
        }
    })
})

describe('the service of the README', { timeout: 120_000 }, () => {
    const place = join(folder, 'service')
    const journals = mkdtempSync(join(tmpdir(), 'kibitz-readme-'))
    const children = new Set<ChildProcess>()

    before(async () => {
        const [service = '', ...others] = blocks(texts.get('README.md') ?? '', 'ts')
        assert.deepEqual(others, [])
        const options = { noUncheckedIndexedAccess: true, rootDir: '.', outDir: 'out' }
        assert.equal(await compiled('service', { 'service.ts': service }, options), '')
    })

    after(() => {
        for (const child of children) {
            child.kill('SIGKILL')
        }
        rmSync(journals, { recursive: true })
    })

    /** Starts a member, and waits until the member serves clients. */
    async function start(...args: readonly (string | number)[]): Promise<ChildProcess> {
        const program = join(place, 'out/service.js')
        const child = spawn(process.execPath, [program, ...args.map(String)], { cwd: journals })
        children.add(child)
        const ended = once(child, 'exit').then(() => Promise.reject(new Error(`${args} ended`)))
        const [line] = await Promise.race([once(child.stdout, 'data'), ended])
        assert.equal(String(line), `${args[0]} serves clients on port ${args[2]}\n`)
        return child
    }

    /** Sends a signal, and waits for the end of the process. */
    async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
        const ended = once(child, 'exit')
        child.kill(signal)
        await ended
    }

    it('keeps acknowledged values, whichever process is killed or stopped', async () => {
        const [peerA = 0, clientA = 0, peerB = 0, clientB = 0, peerC = 0, clientC = 0] =
            await freePorts(6)
        const through = [peerA, peerB, peerC].map((port) => `127.0.0.1:${port}`)
        const startA = () => start('a', peerA, clientA, ...through)
        const startB = () => start('b', peerB, clientB, ...through)
        const [a, b, c] = await Promise.all([
            startA(), startB(), start('c', peerC, clientC, ...through)
        ])
        const get = async (port: number) => (await fetch(`http://127.0.0.1:${port}/sea`)).text()
        const put = async (port: number, colour: string): Promise<void> => {
            const url = `http://127.0.0.1:${port}/sea`
            const response = await fetch(url, { method: 'PUT', body: JSON.stringify(colour) })
            assert.match(await response.text(), /^[0-9a-f]+\/[0-9a-f]+\n$/)
        }
        await put(clientB, 'green')
        assert.equal(await get(clientC), '"green"\n')
        await end(b, 'SIGKILL')
        assert.equal(await get(clientA), '"green"\n')
        const again = await startB()
        assert.equal(await get(clientB), '"green"\n')
        // SIGTERM ends the first founder, which leads, by itself.
        await end(a, 'SIGTERM')
        await put(clientB, 'blue')
        await startA()
        assert.equal(await get(clientA), '"blue"\n')
        for (const child of [again, c]) {
            await end(child, 'SIGTERM')
        }
    })
})
