import assert from 'node:assert/strict'
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { endChildren, endWithTests } from '../support/children.js'
import { type Browser, NO_BROWSER, startBrowser } from './browser.js'

const MEMBER = fileURLToPath(new URL('live-member.js', import.meta.url))
const KIBITZ = fileURLToPath(new URL('../../src/command/kibitz.js', import.meta.url))
const SECRET = 'a secret of thirty-two characters'
/** The record of the commit of a value may wait for the next value. */
const TWO_LINES = 'second\nthird\n'

type Child = ChildProcessByStdio<Writable, Readable, null>

/** Starts a process; returns the process and its first line. */
async function start(args: readonly string[]): Promise<{ child: Child, line: string }> {
    const child = endWithTests(spawn(process.execPath, args, {
        stdio: ['pipe', 'pipe', 'ignore']
    }))
    const lines = createInterface({ input: child.stdout })
    const ended = once(child, 'exit').then(([code]) => {
        throw new Error(`${args.join(' ')} has ended with ${code} before its first line`)
    })
    const [line] = await Promise.race([once(lines, 'line'), ended]) as [string]
    ended.catch(() => {})
    return { child, line }
}

async function end(child: Child, signal: NodeJS.Signals): Promise<number | null> {
    const ended = once(child, 'exit')
    child.stdin.end()
    child.kill(signal)
    const [code] = await ended as [number | null]
    return code
}

describe('kibitz inspect --live, with processes', { timeout: 120_000 }, () => {
    const folder = mkdtempSync(join(tmpdir(), 'kibitz-live-'))
    const secretFile = join(folder, 'secret')
    let browser: Browser | null = null
    before(async () => {
        writeFileSync(secretFile, `${SECRET}\n`)
        browser = await startBrowser()
    })
    after(async () => {
        endChildren()
        await browser?.close()
        rmSync(folder, { recursive: true })
    })

    /** Follows a member in the page until a new value is in the log of the page. */
    async function follow(link: string, publish: () => void): Promise<void> {
        assert.ok(browser !== null)
        const page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
        const problems: string[] = []
        page.on('pageerror', (error) => problems.push(error.message))
        await page.goto(link)
        await page.waitForSelector('.page[data-revision="1"] .live')
        await page.waitForSelector('.counts')
        const find = async (): Promise<void> => {
            await page.getByLabel('find').fill('1/2')
            await page.keyboard.press('Enter')
        }
        await find()
        await page.getByText(/No recorded member adds/).waitFor()
        publish()
        await page.waitForSelector('.page[data-revision]:not([data-revision="1"])')
        await find()
        await page.getByRole('heading', { name: 'Entry 1/2' }).waitFor()
        assert.deepEqual(problems, [])
        await page.close()
    }

    test('follows the journal of a running member', async (context) => {
        if (browser === null) {
            context.diagnostic(NO_BROWSER)
            return
        }
        const journal = join(folder, 'local')
        const member = await start([MEMBER, journal])
        const inspect = await start([KIBITZ, 'inspect', '--live', journal])
        await follow(inspect.line, () => member.child.stdin.write(TWO_LINES))
        assert.equal(await end(inspect.child, 'SIGINT'), 0)
        await end(member.child, 'SIGTERM')
    })

    test('follows a member that serves its recording, and survives its end', async (context) => {
        if (browser === null) {
            context.diagnostic(NO_BROWSER)
            return
        }
        const member = await start([MEMBER, join(folder, 'remote'), SECRET])
        const inspect = await start([KIBITZ, 'inspect', '--live', member.line, '--secret-file',
            secretFile])
        await follow(inspect.line, () => member.child.stdin.write(TWO_LINES))
        await end(member.child, 'SIGKILL')
        const page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
        await page.goto(inspect.line)
        await page.getByText('live, with a problem').waitFor()
        await page.close()
        assert.equal(await end(inspect.child, 'SIGTERM'), 0)
    })

    test('refuses a URL without --live, --out with --live, and a wrong secret', async () => {
        const member = await start([MEMBER, join(folder, 'refused'), SECRET])
        const run = async (...args: string[]): Promise<readonly [number | null, string]> => {
            const child = endWithTests(spawn(process.execPath, [KIBITZ, 'inspect', ...args], {
                stdio: ['ignore', 'ignore', 'pipe']
            }))
            let text = ''
            child.stderr.setEncoding('utf8').on('data', (piece: string) => {
                text += piece
            })
            const [code] = await once(child, 'close') as [number | null]
            return [code, text]
        }
        const [code, text] = await run('--live', member.line)
        assert.equal(code, 1)
        assert.match(text, /cannot be read: status 403\. Nothing was changed/)
        assert.equal((await run(member.line))[0], 2)
        assert.equal((await run('--live', 'x', '--out', 'y'))[0], 2)
        await end(member.child, 'SIGTERM')
    })
})
