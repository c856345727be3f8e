import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { CORPUS, loadCase } from './case.js'
import { draw } from './draw.js'
import { attempt } from './outcome.js'
import type { Plan } from './plan.js'

interface Seeds {
    readonly seeds: readonly { readonly seed: number, readonly showed: string }[]
}

const { seeds } = JSON.parse(readFileSync(join(CORPUS, '../corpus.json'), 'utf8')) as Seeds
const cases = readdirSync(CORPUS).filter((name) => name.endsWith('.json'))

function endsWell(plan: Plan): void {
    assert.equal(attempt(plan).failure?.message, undefined)
}

describe('a plan that failed once now passes:', () => {
    for (const { seed, showed } of seeds) {
        test(`seed ${seed}${showed === '' ? '' : `. ${showed}`}`, () => {
            endsWell(draw(seed))
        })
    }

    for (const name of cases) {
        const { cause, message, plan } = loadCase(join(CORPUS, name))
        test(`${name}. ${cause}`, () => {
            assert.notEqual(cause, '', `${name} tells no cause of: ${message}`)
            endsWell(plan)
        })
    }
})

test('the corpus lists each failed seed once', () => {
    assert.ok(seeds.length >= 22)
    assert.ok(cases.length > 0)
    assert.equal(new Set(seeds.map(({ seed }) => seed)).size, seeds.length)
})
