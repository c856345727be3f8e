import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { Copy } from '../planted/copy.js'
import { hunt } from '../planted/hunt.js'
import { plantOf } from '../planted/plants.js'
import { fileOf } from '../support/compiled.js'
import { loadCase } from './case.js'
import { draw } from './draw.js'
import { commandOf, say } from './shell.js'

describe('the report of an election bug', async () => {
    const { edits } = plantOf('a candidate adopts the suffix of the lowest ballot')
    const copy = new Copy(edits)
    const command = commandOf(copy)
    const { seed } = await hunt(edits, { first: 1, last: 3000 })

    after(() => copy.remove())

    test('leads from the shrunk seed to the file of the bug', async () => {
        const file = join(copy.directory, 'case.json')
        const shrunk = await say(command, `--shrink ${seed} --to ${file}`)
        assert.equal(shrunk.code, 0, shrunk.stderr)
        const { faults } = loadCase(file).plan
        assert.ok(faults.length < draw(seed).faults.length, 'all faults are left')

        const { code, stdout } = await say(command, `--plan ${file}`)
        assert.equal(code, 1)
        const lines = `${shrunk.stdout}${stdout}`.trimEnd().split('\n')
        assert.ok(lines.length < 300, `${lines.length} lines`)
        const source = `src/${fileOf('Proposer').replace(/\.js$/, '.ts')}`
        assert.ok(stdout.includes(`\nlook first at Proposer.suffixToAdopt ${source}\n`), stdout)
        assert.match(stdout, /^S1 does not hold: a promise has one entry, at every member/m)
        assert.match(stdout, /^S1: m\d is elected under \S+ and goes on with \S+ behind \S+$/m)
        assert.match(stdout, /^a candidate has to adopt the suffix of the highest ballot/m)
        assert.match(stdout, /^m\d promised and showed \S+ of \S+$/m)
        assert.match(stdout, /^id +process +role +government +committed +head +promised /m)
        assert.match(stdout, /^ +\d+\.\d m\d → m\d prepare ballot=\S+ committed=\S+ \{/m)
        assert.match(stdout, /^ +\d+\.\d m\d ← m\d prepare: promised ballot=\S+ accepted=\S+ /m)
    })
})
