import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'

/** A block that runs longer than this hangs. */
const DEADLINE_MS = 60_000

const root = fileURLToPath(new URL('../../', import.meta.url))

/** The contents of the fenced blocks of one language, in order. */
function blocks(markdown: string, language: string): readonly string[] {
    const fenced = new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm')
    return [...markdown.matchAll(fenced)].map((match) => match[1] ?? '')
}

/** Runs a program as its reader would, from a file of its own, and yields what it printed. */
async function run(name: string, program: string): Promise<string> {
    const folder = new URL('../../build/readme/', import.meta.url)
    await mkdir(folder, { recursive: true })
    const file = fileURLToPath(new URL(`${name}.mjs`, folder))
    await writeFile(file, program)
    return new Promise((resolve, reject) => {
        execFile(process.execPath, [file], { timeout: DEADLINE_MS }, (error, stdout, stderr) => {
            if (error === null) {
                resolve(stdout)
            } else {
                reject(new Error(`${name} failed: ${stderr}`, { cause: error }))
            }
        })
    })
}

const readme = await readFile(`${root}README.md`, 'utf8')
const programs = blocks(readme, 'js')

describe('the README', () => {
    it('shows programs', () => {
        assert.ok(programs.length >= 4, `only ${programs.length} blocks found`)
    })

    for (const [index, program] of programs.entries()) {
        it(`runs block ${index + 1} to its end`, async () => {
            const printed = await run(`block-${index + 1}`, program)
            // A comment `// prints: …` promises a line.
            for (const [, promised = ''] of program.matchAll(/\/\/ prints: (.*)$/gm)) {
                assert.ok(printed.includes(promised), `${promised} is not in ${printed}`)
            }
        })
    }

    it('notices a block that fails', async () => {
        await assert.rejects(run('failing', 'throw new Error("planted")'), /planted/)
    })

    it('names only npm scripts that exist', async () => {
        const { scripts } = JSON.parse(await readFile(`${root}package.json`, 'utf8'))
        const own = new Set(['install', 'ci', ...Object.keys(scripts)])
        const named = [...readme.matchAll(/npm (?:run )?([a-z][a-z:]*)/g)].map((match) => match[1])
        assert.deepEqual(
            named.filter((name) => name !== undefined && !own.has(name)),
            []
        )
    })
})
