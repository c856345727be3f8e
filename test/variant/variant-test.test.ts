import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { variantTest } from '../../src/variant/variant-test.js'
import { leaderKilled } from '../inspect/republics.js'
import { historyOf, isPublish, numberOf, tryVariant } from './histories.js'

const PACKAGE = fileURLToPath(new URL('../../../', import.meta.url))

/** The longest run of a child, in milliseconds. */
const CHILD_MS = 60_000

describe('a variant that is saved as a test', () => {
    let folder = ''
    before(() => {
        // A project with kibitz as its only dependency.
        folder = mkdtempSync(join(tmpdir(), 'kibitz-variant-'))
        mkdirSync(join(folder, 'node_modules'))
        symlinkSync(PACKAGE, join(folder, 'node_modules', 'kibitz'), 'junction')
    })
    after(() => rmSync(folder, { recursive: true }))

    function run(name: string, text: string): { status: number | null, stdout: string } {
        const file = join(folder, name)
        writeFileSync(file, text)
        const { NODE_TEST_CONTEXT: _, ...env } = process.env
        const { status, stdout } = spawnSync(process.execPath,
            ['--test', '--test-reporter=tap', file], {
                cwd: folder, encoding: 'utf8', timeout: CHILD_MS, killSignal: 'SIGKILL', env
            })
        return { status, stdout }
    }

    test('repeats the variant with Node and kibitz alone, and fails if the outcome differs',
        async () => {
            const testimonies = leaderKilled()
            const at = { member: 'a', number: numberOf(testimonies, 'a', isPublish) }
            const { variant, changed } = await tryVariant(await historyOf(testimonies),
                { at, change: { kind: 'crash', member: 'a', ms: 2000 } })
            const text = variantTest(variant, changed)
            assert.match(text, /^[\n\x20-\x7e]*$/, 'a recording may hold any character')
            assert.match(text, /"a\\?" crashes and is away for 2000 ms/)
            assert.ok(changed.governments.length > 0 && changed.gaps.length === 1)
            const good = run('variant.test.mjs', text)
            assert.equal(good.status, 0, good.stdout)
            assert.match(good.stdout, /# pass 1\n/)
            const [first, ...others] = changed.publishes
            assert.ok(first !== undefined)
            const wrong = { ...changed, publishes: [{ ...first, promise: 'ff/ff' }, ...others] }
            const bad = run('wrong.test.mjs', variantTest(variant, wrong))
            assert.equal(bad.status, 1)
            assert.match(bad.stdout, /ff\/ff/)
        })
})
