import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { Copy } from '../planted/copy.js'
import { plantOf } from '../planted/plants.js'
import { loadCase } from './case.js'
import { draw } from './draw.js'
import type { attempt } from './outcome.js'
import { begin, commandOf, end, say, SIMULATE } from './shell.js'
import { FAULTS_MAX } from './shrinker.js'

/** An engine that breaks S6 now and then. */
const copy = new Copy(plantOf('a recorder accepts entries below its promise').edits)
const command = commandOf(copy)

/** The first seed that breaks it by more faults than anybody could follow. */
async function find(): Promise<number> {
    const url = pathToFileURL(join(copy.directory, 'test/simulation/outcome.js')).href
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

    after(() => copy.remove())

    test('writes a short case that fails with the bug and passes without', async () => {
        const file = join(copy.directory, 'case.json')
        const { code, stdout } = await say(command, `--shrink ${seed} --to ${file}`)
        assert.equal(code, 0, stdout)
        const { length } = draw(seed).faults
        assert.match(stdout, new RegExp(`^Seed ${seed}: faults ${length}, .*S6: `))
        const { plan, property, cause } = loadCase(file)
        assert.equal(property, 'S6')
        assert.equal(cause, '')
        assert.ok(plan.faults.length <= FAULTS_MAX, `${plan.faults.length} faults are left`)
        const planted = await say(command, `--plan ${file}`)
        assert.equal(planted.code, 1)
        assert.match(planted.stdout, /^npm run simulate -- --plan .* # S6: /)
        const sound = await say(SIMULATE, `--plan ${file}`)
        assert.equal(sound.code, 0, sound.stdout)
    })

    test('writes the smallest case so far after SIGTERM', async () => {
        const file = join(copy.directory, 'interrupted.json')
        const running = begin(command, ['--shrink', String(seed), '--to', file])
        const { code, stdout } = await end(running, 'SIGTERM')
        assert.equal(code, 130, stdout)
        assert.match(stdout, /\d+ runs later: /)
        assert.equal(loadCase(file).property, 'S6')
        assert.equal((await say(command, `--plan ${file}`)).code, 1)
    })

    test('continues to shrink a written case', async () => {
        const file = join(copy.directory, 'again.json')
        const from = join(copy.directory, 'case.json')
        const { code } = await say(command, `--shrink ${from} --to ${file}`)
        assert.equal(code, 0)
        assert.ok(loadCase(file).plan.faults.length <= loadCase(from).plan.faults.length)
    })

    test('refuses to shrink a seed that passes', async () => {
        const file = join(copy.directory, 'nothing.json')
        const { code, stderr } = await say(SIMULATE, `--shrink ${seed} --to ${file}`)
        assert.equal(code, 2)
        assert.match(stderr, new RegExp(`^Seed ${seed} ends well, there is nothing to shrink.`))
        assert.ok(!existsSync(file))
    })
})
