import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { FileJournal } from '../../../src/journal/file-journal.js'
import { withoutCoverage } from '../../support/environment.js'

const PROGRAM = fileURLToPath(new URL('./followed.js', import.meta.url))

/** The limit of a wait for lines, in milliseconds. */
const LIMIT_MS = 30_000

/** `kibitz journal follow` in a process of its own. */
class Following {
    readonly child: ChildProcess
    #out = ''
    said = ''

    constructor(...args: readonly string[]) {
        this.child = spawn(process.execPath, [PROGRAM, 'follow', ...args], {
            env: withoutCoverage(), stdio: ['pipe', 'pipe', 'pipe']
        })
        this.child.stdout?.on('data', (text) => {
            this.#out += text
        })
        this.child.stderr?.on('data', (text) => {
            this.said += text
        })
    }

    /** The printed lines, as soon as there are so many. */
    async lines(count: number): Promise<readonly string[]> {
        const signal = AbortSignal.timeout(LIMIT_MS)
        while (this.#out.split('\n').length <= count) {
            assert.equal(this.child.exitCode, null, `${this.#out}${this.said}`)
            await once(this.child.stdout ?? assert.fail(), 'data', { signal }).catch(() => {
                assert.fail(`only: ${this.#out}${this.said}`)
            })
        }
        return this.#out.trimEnd().split('\n')
    }

    /** Sends a signal. Returns the exit code. */
    async end(signal: NodeJS.Signals): Promise<unknown> {
        const exit = once(this.child, 'exit', { signal: AbortSignal.timeout(LIMIT_MS) })
        this.child.kill(signal)
        return (await exit)[0]
    }
}

let folder = ''
let following: Following | null = null

function input(number: number, text: string = ''): Buffer {
    const body = { number, text }
    return Buffer.from(JSON.stringify({
        module: 'kibitz', method: number % 2 === 0 ? 'publish' : 'event', when: number, body
    }))
}

/** Appends inputs through a number. */
async function append(journal: FileJournal, through: number, text: string = ''): Promise<void> {
    for (let { last } = journal.stat(); last < through; last++) {
        journal.append(input(last + 1, text))
    }
    await journal.flush()
}

function numbersOf(lines: readonly string[]): readonly number[] {
    return lines.map((line) => (JSON.parse(line) as { readonly record: number }).record)
}

describe('kibitz journal follow', () => {
    beforeEach(() => {
        folder = mkdtempSync(join(tmpdir(), 'kibitz-follow-'))
    })
    afterEach(() => {
        following?.child.kill('SIGKILL')
        following = null
        rmSync(folder, { recursive: true })
    })

    test('prints each record of a running member, and ends with code 0 at SIGINT', async () => {
        let journal = new FileJournal(folder, { segmentSize: 4096 })
        await journal.open('member-1')
        await append(journal, 3)
        following = new Following('--from', '2', folder)
        assert.deepEqual(numbersOf(await following.lines(2)), [2, 3])
        for (const through of [50, 60]) {
            await append(journal, through)
            assert.equal(numbersOf(await following.lines(through - 1)).at(-1), through)
        }
        await journal.snapshot(55, [Buffer.from('the state')])
        await journal.close()
        journal = new FileJournal(folder, { segmentSize: 4096 })
        await journal.open('member-1')
        await append(journal, 70)
        const numbers = numbersOf(await following.lines(69))
        assert.deepEqual(numbers, Array.from({ length: 69 }, (_, index) => index + 2))
        assert.equal(await following.end('SIGINT'), 0)
        assert.equal(following.said, '')
        await journal.close()
    })

    test('prints the records with the chosen values, without control characters', async () => {
        const journal = new FileJournal(folder)
        await journal.open('member-1')
        await append(journal, 1)
        following = new Following('--from', '1', '--where', 'method=publish', folder)
        await append(journal, 6, '\u001b[31m red \u202e bidi\nline')
        const lines = await following.lines(3)
        assert.deepEqual(numbersOf(lines), [2, 4, 6])
        assert.ok(/^[\x20-\x7e]*$/.test(lines.join('')))
        assert.match(lines[0] ?? '', /\\u202e bidi\\nline/)
        assert.equal(await following.end('SIGINT'), 0)
        await journal.close()
    })

    test('ends after its reader has closed the pipe', async () => {
        const journal = new FileJournal(folder)
        await journal.open('member-1')
        await append(journal, 1)
        following = new Following('--from', '1', folder)
        await following.lines(1)
        const signal = AbortSignal.timeout(LIMIT_MS)
        const exit = once(following.child, 'exit', { signal })
        following.child.stdout?.destroy()
        while (following.child.exitCode === null && !signal.aborted) {
            await append(journal, journal.stat().last + 1)
            await new Promise((resolve) => setImmediate(resolve))
        }
        assert.equal((await exit)[0], 0)
        await journal.close()
    })

    test('refuses a folder without a journal', async () => {
        following = new Following(folder)
        const [code] = await once(following.child, 'exit', {
            signal: AbortSignal.timeout(LIMIT_MS)
        })
        assert.equal(code, 1)
        assert.match(following.said, /is no journal/)
    })
})
