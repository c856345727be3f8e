import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { WhatIfAnswer, WhatIfTestAnswer } from '../../src/inspect/what-if-answers.js'
import { type Outcome, runKibitz } from '../command/journal/run-journal.js'
import { withoutCoverage } from '../support/environment.js'
import { isPublish, numberOf } from '../variant/histories.js'
import { inspectorOf, journalsOf, leaderKilled } from './republics.js'
import '../support/silence.js'

async function inspect(...args: readonly string[]): Promise<Outcome> {
    return await runKibitz(['inspect', ...args], { env: withoutCoverage() })
}

describe('kibitz inspect --what-if', { timeout: 60_000 }, () => {
    const testimonies = leaderKilled()
    const base = mkdtempSync(join(tmpdir(), 'what-if-'))
    const point = numberOf(testimonies, 'a', isPublish)
    const at = `a:${point}`
    before(async () => {
        await journalsOf(testimonies, base)
    })
    after(() => rmSync(base, { recursive: true }))

    test('prints the result of the page, and saves its test', async () => {
        const file = join(base, 'crash.test.mjs')
        const { code, out, said } = await inspect(base, '--what-if', 'crash=b', '--at', at,
            '--lasts', '60000', '--continue', '3000', '--save', file)
        assert.deepEqual([code, said], [0, ''])
        const inspector = await inspectorOf(testimonies)
        const answer = await inspector.answer(
            `what-if?member=a&number=${point}&kind=crash&target=b&ms=60000&durationMs=3000`
        ) as WhatIfAnswer
        const [what = '', head = '', ...rows] = out.split('\n')
        assert.equal(what, `If ${answer.what}:`)
        assert.match(head, /^ +without a leader +leaders +publishes in the log$/)
        for (const [index, { name, inLog, published }] of answer.columns.entries()) {
            assert.match(rows[index] ?? '', new RegExp(`^${name} .* ${inLog} of ${published}$`))
        }
        const { difference } = answer
        assert.ok(difference !== null)
        assert.ok(out.includes(`: ${difference.member} gets ${difference.unchanged} without`))
        const { text } = await inspector.answer('what-if-test?variant=1') as WhatIfTestAnswer
        assert.equal(readFileSync(file, 'utf8'), text)
    })

    test('shows no published value with --redact', async () => {
        const { code, out } = await inspect(base, '--redact', '--what-if', 'nothing', '--at', at)
        assert.equal(code, 0)
        assert.ok(out.includes('The change changes no input.') && !out.includes('secret'))
    })

    test('refuses wrong changes, places and options', async () => {
        for (const [args, says] of [
            [['--what-if', 'explode', '--at', at], /drop, delay, double, .* not explode/],
            [['--what-if', 'cut=a', '--at', at], /cut=ID,ID or crash=ID, not cut=a/],
            [['--what-if', 'drop'], /takes --at with a member and an input, such as a:17/],
            [['--what-if', 'drop', '--at', at, '--out', 'x'], /leave out --live, --out and --port/],
            [['--what-if', 'delay', '--at', at, '--lasts', '-1'], /--lasts/],
            [['--what-if', 'drop', '--at', at, '--redact', '--save', 'x'], /leave out --redact/],
            [['--lasts', '5'], /--lasts needs --what-if/]
        ] as const) {
            const { code, said } = await inspect(base, ...args)
            assert.equal(code, 2, args.join(' '))
            assert.match(said, says)
        }
        const { code, said } = await inspect(base, '--what-if', 'crash=x', '--at', at)
        assert.equal(code, 1)
        assert.match(said, /no recording of this|There is no recording/)
    })
})
