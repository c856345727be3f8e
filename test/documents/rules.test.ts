import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describe, test } from 'node:test'
import { filesIn, root } from '../packaging/consumer.js'

const README = readFileSync(join(root, 'README.md'), 'utf8')

/** The rules of daily operation: the paragraphs with a bold beginning. */
const [, CHAPTER = ''] = /^## Restart and daily operation\n([\s\S]*?)^## /m.exec(README) ?? []
const RULES = CHAPTER.split('\n\n').filter((paragraph) => paragraph.startsWith('**'))

/** A test file, and the part of a test name behind it. */
const NAMED = /`([\w.-]+\.test)`(?:,\s\*([^*]+)\*)?/g

const TESTS = filesIn(join(root, 'test')).filter((path) => path.endsWith('.test.ts'))

describe('each rule of daily operation names its test', () => {
    test('all rules are read', () => {
        assert.ok(RULES.length >= 12, CHAPTER)
    })

    for (const rule of RULES) {
        const [, title = ''] = /^\*\*(.*?)\*\*/.exec(rule) ?? []
        test(title, () => {
            const named = [...rule.matchAll(NAMED)]
            assert.ok(named.length > 0, rule)
            for (const [, file, name] of named) {
                const paths = TESTS.filter((path) => basename(path) === `${file}.ts`)
                assert.ok(paths.length > 0, `${file} does not exist`)
                const texts = paths.map((path) => readFileSync(join(root, 'test', path), 'utf8'))
                const isThere = texts.some((text) => text.includes(name ?? ''))
                assert.ok(isThere, `${file} contains no test ${name}`)
            }
        })
    }
})
