import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { run } from '../packaging/consumer.js'
import { Copy } from '../planted/copy.js'

const TESTS = ['foundings', 'foundings.test', 'colleague-group', 'counter', 'mock-timers']

/** Changes of the compiled `starting.js`, each a text and its replacement. */
const PLANTS: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
    'a founder ignores silent founders': [
        [' || this.#missing(round).length > 0', ''],
        ['answer?.isPromised === true', 'answer === null || answer.isPromised === true']
    ],
    'a founder founds without the word of the others': [
        [' || this.#missing(round).length > 0', ''],
        ['areAll && isFresh', 'isFresh']
    ]
}

describe('the random lives of three founders find a planted bug:', () => {
    for (const [name, changes] of Object.entries(PLANTS)) {
        test(name, async () => {
            const copy = new Copy([], tmpdir(), TESTS.map((file) => `colleague/${file}.js`))
            try {
                const path = join(copy.directory, 'src/colleague/starting.js')
                let text = readFileSync(path, 'utf8')
                for (const [before, planted] of changes) {
                    assert.equal(text.split(before).length, 2, `one place contains ${before}`)
                    text = text.replace(before, planted)
                }
                writeFileSync(path, text)
                const program = join(copy.directory, 'test/colleague/foundings.test.js')
                const flags = ['--test-reporter=tap', program]
                const { code, text: report } = await run(process.execPath, flags, copy.directory, {
                    KIBITZ_FOUNDING: '30', KIBITZ_FOUNDINGS: '120', NODE_TEST_CONTEXT: undefined
                })
                assert.notEqual(code, 0, report)
                assert.match(report, /two republics/)
            } finally {
                copy.remove()
            }
        })
    }
})
