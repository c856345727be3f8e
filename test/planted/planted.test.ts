import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { plants as explored } from '../exploration/plants.js'
import { main } from './command.js'
import { Copy } from './copy.js'
import { directed, fileOfTest, runDirected } from './directed.js'
import { hunt } from './hunt.js'
import { planted } from './planter.js'
import { canary, type Plant, plantOf, plants } from './plants.js'
import { judge } from './verdict.js'
import { withoutCoverage } from '../support/environment.js'

const PLANT = fileURLToPath(new URL('./run.js', import.meta.url))

/** Within how many seeds each of the sample is found. The whole of them takes `npm run`. */
const SEEDS = { first: 1, last: 250 }

/** Some that few seeds find, each by another property. */
const SAMPLE = [
    'a recorder accepts entries below its promise',
    'a leader writes a repeated batch twice',
    'a publisher resubmits values at once under fresh identities',
    'the appointments of an exile stay',
    'a message reads the clock',
    'a member answers before its inputs are flushed',
    'a promise is not in the snapshot',
    'a member forgets entries that its application has not applied',
    'a member that gets one call at a time gets one batch in the call',
    'a member counts the age of a message from its arrival'
]

const MISFIT = { in: 'cookiePlace', find: 'there.isNothing(like, this)', to: 'true' }

/** Runs the command, and tells how it ended and what it said. */
async function command(
    args: readonly string[],
    chosen: readonly Plant[] = plants
): Promise<{ readonly code: number; readonly text: string }> {
    const texts: string[] = []
    const write = (text: string): boolean => texts.push(text) > 0
    const code = await main(args, chosen, { isTTY: false, write }, write)
    return { code, text: texts.join('\n') }
}

describe('the simulator', () => {
    let highest = 1

    test('finds the canary at once', async () => {
        const outcome = await hunt(canary.edits, { first: 1, last: 5 })
        assert.equal(judge(canary, outcome).fault, null)
    })

    for (const name of SAMPLE) {
        test(`finds that ${name}`, async () => {
            const plant = plantOf(name)
            const outcome = await hunt(plant.edits, SEEDS)
            assert.equal(judge(plant, outcome).fault, null)
            highest = Math.max(highest, outcome.seed)
        })
    }

    test('finds nothing with the same seeds without a planted bug', async () => {
        const { violation, tried } = await hunt([], { first: 1, last: highest })
        assert.equal(violation, null)
        assert.equal(tried, highest)
    })
})

describe('a planted bug', () => {
    test('is one of at least twenty bugs with unique names', () => {
        assert.ok(plants.length >= 20)
        assert.equal(new Set(plants.map(({ name }) => name)).size, plants.length)
    })

    for (const { name, edits } of [...plants, ...directed, ...explored]) {
        test(`fits the engine: ${name}`, () => {
            assert.ok(planted(edits).size > 0)
        })
    }

    test('throws if an edit does not fit, and leaves no file behind', () => {
        const parent = mkdtempSync(join(tmpdir(), 'kibitz-'))
        try {
            assert.throws(() => new Copy([MISFIT], parent), /cookiePlace in .*: 0 places match/)
            assert.deepEqual(readdirSync(parent), [])
            new Copy([], parent).remove()
            assert.deepEqual(readdirSync(parent), [])
        } finally {
            rmSync(parent, { recursive: true })
        }
    })

    test('counts as found only by a violation of its own property', () => {
        const outcome = { seed: 7, tried: 7, virtualMs: 1, violation: 'S10: Something else.' }
        assert.match(judge(canary, outcome).fault ?? '', /seed 7 found: S10: Something else\./)
        assert.match(judge(canary, { ...outcome, violation: null }).fault ?? '', /not found by 7/)
        assert.equal(judge(canary, { ...outcome, violation: 'S1: Two logs.' }).fault, null)
    })
})

describe('a directed test', () => {
    for (const plant of directed) {
        test(`finds that ${plant.name}`, async () => {
            const file = fileOfTest(plant.test)
            const { failed } = await runDirected(file, plant.test, plant.edits)
            assert.ok(failed.some((name) => name.includes(plant.test)), String(failed))
        })
    }

    test('finds nothing without a planted bug', async () => {
        for (const file of new Set(directed.map((plant) => fileOfTest(plant.test)))) {
            const { passed, failed } = await runDirected(file, null, [])
            assert.deepEqual(failed, [])
            for (const plant of directed.filter((each) => fileOfTest(each.test) === file)) {
                assert.ok(passed.some((name) => name.includes(plant.test)), plant.test)
            }
        }
    })
})

describe('the plant command', () => {
    test('searches for one bug and prints the seed that finds the bug', async () => {
        const { code, text } = await command(['--only', canary.name, '--seeds', '5'])
        assert.equal(code, 0, text)
        assert.match(text, /found by seed \d+, S1: a leader counts only itself\n/)
        assert.match(text, /^a leader counts only itself +S1 +\d+ +\d+ +\d+ s$/m)
        assert.match(text, /1 of 1 planted bugs were found\./)
    })

    test('fails for a bug that no seed finds, and for a bug whose edit does not fit', async () => {
        const green = { name: 'nothing at all', breaks: /^S1:/, edits: [] }
        const misfit = { name: 'a misfit', breaks: /^S1:/, edits: [MISFIT] }
        const { code, text } = await command(['--seeds', '1'], [green, misfit])
        assert.equal(code, 1, text)
        assert.match(text, /NOT FOUND: nothing at all: not found by 1 seeds/)
        assert.match(text, /NOT FOUND: a misfit: broke off: cookiePlace in .*: 0 places match/)
        assert.match(text, /^nothing at all +- +NOT FOUND +1 +\d+ s$/m)
        assert.match(text, /0 of 2 planted bugs were found\./)
    })

    test('draws a progress bar on a terminal, and erases the bar', async () => {
        const texts: string[] = []
        const write = (text: string): boolean => texts.push(text) > 0
        const output = { isTTY: true, columns: 40, write }
        const said: string[] = []
        const args = ['--only', canary.name, '--seeds', '5']
        assert.equal(await main(args, plants, output, (text) => said.push(text)), 0)
        assert.match(texts[1] ?? '', /^\[\.+\] +0 % {2}bug 1$/)
        assert.equal(texts.at(-2), '\r\u001b[2K')
        assert.match(texts.at(-1) ?? '', /^found by seed \d+, S1: /)
        assert.match(said.at(-1) ?? '', /1 of 1/)
    })

    test('prints the usage for invalid options', async () => {
        const senseless = [['--only', 'no such bug'], ['--seeds', 'many'], ['--seeds'], ['-x', '']]
        for (const args of senseless) {
            const { code, text } = await command(args)
            assert.equal(code, 2)
            assert.match(text, /^plant \[--only NAME\] \[--seeds N\]/)
            assert.ok(text.includes(canary.name))
        }
    })

    test('ends after an interrupt and leaves no file behind', async () => {
        const parent = mkdtempSync(join(tmpdir(), 'kibitz-'))
        const child = fork(PLANT, ['--only', 'longest suffix'], {
            env: { ...withoutCoverage(), TMPDIR: parent },
            stdio: ['ignore', 'pipe', 'pipe', 'ipc']
        })
        try {
            child.stderr?.once('data', () => child.kill('SIGINT'))
            const code = await new Promise((resolve) => {
                child.once('close', resolve)
            })
            assert.equal(code, 130)
            assert.deepEqual(readdirSync(parent), [])
        } finally {
            child.kill('SIGKILL')
            rmSync(parent, { recursive: true })
        }
    })
})
