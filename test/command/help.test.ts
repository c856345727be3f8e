import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { withoutCoverage } from '../support/environment.js'

const PROGRAM = fileURLToPath(new URL('../../src/command/kibitz.js', import.meta.url))

function run(...args: readonly string[]): string {
    const options = { encoding: 'utf8', env: withoutCoverage() } as const
    return execFileSync(process.execPath, [PROGRAM, ...args], options)
}

test('kibitz explains its commands without arguments, by help and by --help', () => {
    const text = run()
    for (const command of ['demo', 'example', 'inspect', 'journal', 'status', 'help']) {
        assert.match(text, new RegExp(`^  ${command} `, 'm'))
    }
    assert.equal(run('help'), text)
    assert.equal(run('--help'), text)
    assert.equal(run('help', 'status'), run('status', '--help'))
})
