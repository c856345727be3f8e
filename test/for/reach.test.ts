import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { parse } from '../style/project.js'
import { testsFor } from './reach.js'

describe('the tests for a file', () => {
    const project = parse({
        'src/a.ts': 'export const a = 1',
        'src/b.ts': "import { a } from './a.js'\nexport const b = a",
        'src/c.ts': 'export const c = 1',
        'test/far.test.ts': "import { help } from './help.js'\nhelp()",
        'test/help.ts': "import { b } from '../src/b.js'\nexport const help = () => b",
        'test/a.test.ts': "import { help } from './help.js'\nhelp()",
        'test/near.test.ts': "import type { a } from '../src/a.js'\nexport type A = typeof a",
        'test/child.test.ts': "fork(new URL('./child.js', import.meta.url))",
        'test/child.ts': "import '../src/b.js'",
        'test/other.test.ts': "import { c } from '../src/c.js'\nc"
    })

    test('begin with the test of the same name, then the nearest', () => {
        assert.deepEqual(testsFor(project, 'src/a.ts'),
            ['test/a.test.ts', 'test/near.test.ts', 'test/far.test.ts', 'test/child.test.ts'])
    })

    test('contain no test that does not reach the file', () => {
        assert.deepEqual(testsFor(project, 'src/c.ts'), ['test/other.test.ts'])
    })

    test('contain a test itself', () => {
        assert.deepEqual(testsFor(project, 'test/other.test.ts'), ['test/other.test.ts'])
    })
})
