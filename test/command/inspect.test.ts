import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { after, before, describe, test } from 'node:test'
import { FileJournal } from '../../src/journal/file-journal.js'
import { Kibitzer } from '../../src/index.js'
import { withoutCoverage } from '../support/environment.js'
import { type Outcome, PROGRAM, runKibitz } from './journal/run-journal.js'
import '../support/silence.js'

/** The output and the exit code of `kibitz inspect`. */
async function inspect(...args: readonly string[]): Promise<Outcome> {
    return await runKibitz(['inspect', ...args], { env: withoutCoverage() })
}

describe('kibitz inspect', { timeout: 60_000 }, () => {
    const base = mkdtempSync(join(tmpdir(), 'inspect-'))
    before(async () => {
        const kibitzer = new Kibitzer({ id: 'a', journal: new FileJournal(join(base, 'all', 'a')) })
        await kibitzer.recover()
        kibitzer.listen()
        kibitzer.bootstrap('orders', {})
        await kibitzer.publish({ text: 'secret' })
        const ended = new Promise((resolve) => {
            kibitzer.destruction.wait(resolve)
        })
        kibitzer.destroy()
        await ended
    })
    let served: ChildProcess | null = null
    after(() => {
        served?.kill('SIGKILL')
        rmSync(base, { recursive: true })
    })

    test('writes a report about all journals in a folder', async () => {
        const file = join(base, 'report.html')
        const { code, out, said } = await inspect(join(base, 'all'), '--out', file, '--redact')
        assert.deepEqual([code, said], [0, ''])
        assert.match(out, /report\.html is written\./)
        assert.match(readFileSync(file, 'utf8'), /^<!doctype html>/)
    })

    test('serves a page until an interruption', async () => {
        const args = [PROGRAM, 'inspect', join(base, 'all', 'a'), '--port', '0']
        const child = spawn(process.execPath, args, {
            stdio: ['ignore', 'pipe', 'pipe'], env: withoutCoverage()
        })
        served = child
        const ended = once(child, 'exit')
        const said = text(child.stderr)
        try {
            const [line] = await once(child.stdout.setEncoding('utf8'), 'data') as [string]
            const link = /^http:\S+/.exec(line)?.[0] ?? ''
            const page = await fetch(link).then((response) => response.text())
            assert.match(page, /<script src="page\.js">/)
            const overview = await fetch(`${link}api/overview`).then((response) => response.json())
            assert.match(JSON.stringify(overview), /"state":"(?:ready|reading)"/)
        } finally {
            child.kill('SIGINT')
        }
        assert.deepEqual(await ended, [0, null])
        assert.equal(await said, '')
    })

    test('names the mistake', async () => {
        for (const [args, code, says] of [
            [[], 2, /Name the folders of the journals/], [['x', '--port', 'y'], 2, /--port takes/],
            [[join(base, 'none')], 1, /kibitz: /]
        ] as const) {
            const { code: actual, said } = await inspect(...args)
            assert.equal(actual, code)
            assert.match(said, says)
        }
        assert.match((await inspect('--help')).out, /^kibitz inspect/)
    })
})
