import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'

/** A file of the project. */
function read(path: string): string {
    return readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8')
}

test('the README explains every error code and no other code', () => {
    const [, union = ''] = /KibitzErrorCode =(.*?)\n\n/s.exec(read('src/base/errors.ts')) ?? []
    const codes = [...union.matchAll(/'([a-z-]+)'/g)].map(([, code]) => code).sort()
    const [, chapter = ''] = /### Errors\n(.*?)\n## /s.exec(read('README.md')) ?? []
    const cells = [...chapter.matchAll(/^\| (`[a-z-]+`(?:, `[a-z-]+`)*) \|/gm)]
    const rows = cells.flatMap(([, cell = '']) => cell.replaceAll('`', '').split(', ')).sort()
    assert.ok(codes.length > 20)
    assert.deepEqual(rows, codes)
})
