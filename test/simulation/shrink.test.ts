import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { after, describe, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { plants } from '../exploration/plants.js'
import { loadCase, readCase } from './case.js'
import { Copy } from './copy.js'
import { draw } from './draw.js'
import type { attempt } from './outcome.js'
import { begin, end, say, SIMULATE } from './shell.js'
import { FAULTS_MAX } from './shrinker.js'

/** An engine that breaks S6 now and then. */
const PLANT = 'a recorder that takes what is below its promise'

const { patches } = plants.find(({ name }) => name === PLANT) ?? assert.fail('It is not planted.')
const copy = new Copy(patches)

/** The first seed that breaks it by more faults than anybody could follow. */
async function find(): Promise<number> {
    const url = pathToFileURL(copy.path('build/test/simulation/outcome.js')).href
    const planted = await import(url) as { readonly attempt: typeof attempt }
    let seed = 1
    while (draw(seed).faults.length <= FAULTS_MAX
        || planted.attempt(draw(seed)).failure?.property !== 'S6') {
        seed++
    }
    return seed
}

describe('shrinking a seed of a planted bug', async () => {
    const seed = await find()

    after(() => copy[Symbol.dispose]())

    test('leaves a case that people can follow, which fails for the bug alone', async () => {
        const file = copy.path('case.json')
        const { code, stdout } = await say(copy.command, `--shrink ${seed} --to ${file}`)
        assert.equal(code, 0, stdout)
        assert.match(stdout, new RegExp(`^Seed ${seed}: ${draw(seed).faults.length} faults.*S6: `))
        const { plan, property, cause } = loadCase(file)
        assert.equal(property, 'S6')
        assert.equal(cause, '')
        assert.ok(plan.faults.length <= FAULTS_MAX, `${plan.faults.length} faults are left`)
        const planted = await say(copy.command, `--plan ${file}`)
        assert.equal(planted.code, 1)
        assert.match(planted.stdout, /^npm run simulate -- --plan .* # S6: /)
        const sound = await say(SIMULATE, `--plan ${file}`)
        assert.equal(sound.code, 0, sound.stdout)
    })

    test('writes what it has by then when it is interrupted', async () => {
        const file = copy.path('interrupted.json')
        const running = begin(copy.command, ['--shrink', String(seed), '--to', file])
        const { code, stdout } = await end(running, true)
        assert.equal(code, 130, stdout)
        assert.match(stdout, /\d+ runs later: /)
        assert.equal(loadCase(file).property, 'S6')
        assert.equal((await say(copy.command, `--plan ${file}`)).code, 1)
    })

    test('goes on from a case, and keeps what is said of its cause', async () => {
        const file = copy.path('again.json')
        const from = copy.path('case.json')
        const { code } = await say(copy.command, `--shrink ${from} --to ${file}`)
        assert.equal(code, 0)
        assert.ok(loadCase(file).plan.faults.length <= loadCase(from).plan.faults.length)
    })

    test('says so where there is nothing to shrink', async () => {
        const file = copy.path('nothing.json')
        const { code, stderr } = await say(SIMULATE, `--shrink ${seed} --to ${file}`)
        assert.equal(code, 2)
        assert.match(stderr, new RegExp(`^Seed ${seed} ends well, there is nothing to shrink.`))
        assert.ok(!existsSync(file))
        assert.ok(readCase(readFileSync(copy.path('case.json'), 'utf8')).message.startsWith('S6'))
    })
})
