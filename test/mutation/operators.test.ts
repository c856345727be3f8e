import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { allMutants, describeMutant, main } from './command.js'
import { mutantsOf, mutated, spread } from './operators.js'

const TEXT = `import { a } from './a.js'
if (a < 1 && !b) {
    Math.max(c)
}
`

describe('the mutants of a file', () => {
    test('differ from the file in one place', () => {
        const texts = mutantsOf('x.js', TEXT).map((mutant) => mutated(TEXT, mutant).split('\n'))
        assert.deepEqual(texts.map((lines) => `${lines[1]} ${lines[2]?.trim()}`), [
            'if (true) { Math.max(c)', 'if (false) { Math.max(c)',
            'if (a < 1 || !b) { Math.max(c)', 'if (a <= 1 && !b) { Math.max(c)',
            'if (a >= 1 && !b) { Math.max(c)', 'if (a < 2 && !b) { Math.max(c)',
            'if (a < 1 && b) { Math.max(c)', 'if (a < 1 && !b) { ;',
            'if (a < 1 && !b) { Math.min(c)'
        ])
    })

    test('name the place and the change', () => {
        const [first] = mutantsOf('x.js', TEXT)
        assert(first !== undefined)
        assert.equal(describeMutant(first), 'x.js:2:5 condition: a < 1 && !b → true')
    })

    test('are spread evenly if not all are chosen', () => {
        assert.deepEqual(spread([1, 2, 3, 4, 5, 6], 3), [2, 4, 6])
        assert.deepEqual(spread([1, 2], 3), [1, 2])
        assert.notDeepEqual(spread([1, 2, 3, 4, 5, 6], 3, 1), [2, 4, 6])
        assert.deepEqual(spread([1, 2, 3, 4, 5, 6], 3, 1), spread([1, 2, 3, 4, 5, 6], 3, 1))
    })

    test('number more than a thousand in the engine, with unique descriptions', () => {
        const lines = allMutants().map(describeMutant)
        assert(lines.length > 1000)
        assert.equal(new Set(lines).size, lines.length)
    })
})

test('the command prints its usage for invalid arguments', async () => {
    const said: string[] = []
    for (const args of [['--count'], ['--count', 'x'], ['--what', '1'], ['--seeds', '-1'],
        ['--count', '0']]) {
        assert.equal(await main(args, (line) => said.push(line)), 2)
    }
    assert.match(said[0] ?? '', /^mutate \[--count N\]/)
})
