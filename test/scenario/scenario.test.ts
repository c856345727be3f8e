import assert from 'node:assert/strict'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { interpret } from './interpreter.js'
import { parse, print } from './script.js'

const FOLDER = fileURLToPath(new URL('../../../test/scenario/', import.meta.url))
const REWRITES = process.env['KIBITZ_REWRITE'] === '1'

/** The property: the first comment of the scenario. */
function titleOf(text: string): string {
    const comment = /^(?:# .*\n)+/.exec(text)?.[0].replaceAll(/^# /gm, '').replaceAll('\n', ' ')
    const [title] = /^.*?\.(?= |$)/.exec(comment?.trim() ?? '') ?? []
    assert(title !== undefined, 'a scenario begins with a comment that says its property')
    return title
}

if (REWRITES) {
    console.warn('KIBITZ_REWRITE: every scenario is rewritten; explain the diff in the commit.')
}

for (const name of readdirSync(FOLDER).filter((file) => file.endsWith('.txt'))) {
    const path = `${FOLDER}${name}`
    const text = readFileSync(path, 'utf8')
    test(`${name}: ${titleOf(text)}`, () => {
        const actual = print(interpret(parse(text)))
        if (REWRITES) {
            writeFileSync(path, actual)
        } else {
            assert.equal(actual, text)
        }
    })

    test(`${name}, with every member restored from its state after each input`, () => {
        assert.equal(print(interpret(parse(text), true)), text)
    })
}
