import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { Copy } from '../planted/copy.js'
import { plantOf, takesBelowPromise } from '../planted/plants.js'
import type { digest } from './report.js'
import { begin, commandOf, end, say, SIMULATE } from './shell.js'

type Digest = ReturnType<typeof digest> & { readonly isInterrupted: boolean }

/** An engine that breaks S7 at once. */
const copy = new Copy(plantOf('a quorum lacks one voter').edits)
const command = commandOf(copy)

/** One whose process does not survive its second call. */
const mortal = new Copy(takesBelowPromise.map((edit) =>
    ({ ...edit, to: "process.kill(process.pid, 'SIGKILL')" })))

function read(file: string): Digest {
    return JSON.parse(readFileSync(file, 'utf8')) as Digest
}

/** All that does not depend on how long it took, or on who came first. */
function lasting(file: string): Partial<Digest> {
    const { tookMs: _took, virtualToReal: _ratio, jobs: _jobs, ...rest } = read(file)
    return rest
}

describe('the command of the simulator', () => {
    after(() => {
        copy.remove()
        mortal.remove()
    })

    test('reports the same results with one process and with two', async () => {
        const alone = join(copy.directory, 'alone.json')
        const beside = join(copy.directory, 'beside.json')
        const one = await say(SIMULATE, `--seeds 1..5 --json ${alone}`)
        assert.equal(one.code, 0, one.stdout)
        assert.match(one.stdout, /^seeds +5, 0 failed, \d rightly unavailable$/m)
        assert.match(one.stdout, /^failed seeds +none$/m)
        const more = await say(SIMULATE, `--seeds 1..5 --jobs 2 --json ${beside}`)
        assert.equal(more.code, 0, more.stdout)
        assert.deepEqual(lasting(beside), lasting(alone))
        assert.equal(read(beside).jobs, 2)
        assert.ok(read(beside).virtualMs > 0, 'virtual time has an end')
        assert.equal(read(beside).seeds, 5)
        assert.ok(read(beside).faults > 50)
    })

    test('stops at the first failed seed, and prints the command for that seed', async () => {
        const { code, stdout } = await say(command, '--seeds 1..100000')
        assert.equal(code, 1)
        assert.match(stdout, /^npm run simulate -- --seed 1 # S7: .*\n/)
        // A few more may have begun before the word reached the process that runs them.
        const [, seeds = '', failed = ''] = /^seeds +(\d+), (\d+) failed/m.exec(stdout) ?? []
        assert.ok(Number(seeds) >= 1 && Number(seeds) < 1000, stdout)
        assert.equal(failed, seeds)
        const again = await say(command, '--seed 1')
        assert.equal(again.code, 1)
        assert.equal(again.stdout.split('\n')[0], stdout.split('\n')[0])
        assert.match(again.stdout, /^S7 does not hold: membership changes through the log alone/m)
        assert.match(again.stdout, /^ +at /m)
        assert.match(again.stdout, /^id +process +role +government +committed +head +promised /m)
        assert.match(again.stdout, /^m0 +\d+ +\w+ +[0-9a-f]+\/0 /m)
        assert.match(again.stdout, /^the last \d+ events:\n +\d+\.\d /m)
        const lines = again.stdout.trimEnd().split('\n')
        assert.ok(lines.length <= 60, `${lines.length} lines`)
        assert.ok(lines.slice(1).every(({ length }) => length <= 160), again.stdout)
    })

    test('goes on after a failed seed with --keep-going', async () => {
        const file = join(copy.directory, 'failed.json')
        const args = `--seeds 1..4 --jobs 2 --keep-going --json ${file}`
        const { code, stdout } = await say(command, args)
        assert.equal(code, 1)
        const { seeds, failed } = read(file)
        assert.equal(seeds, 4)
        assert.deepEqual(failed.map(({ seed, property }) => `${seed} ${property}`).sort(),
            ['1 S7', '2 S7', '3 S7', '4 S7'])
        assert.match(stdout, /^failed seeds +\d, \d, \d, \d$/m)
    })

    test('finishes the running seeds after an interrupt, and prints a summary', async () => {
        const file = join(copy.directory, 'interrupted.json')
        const args = ['--seeds', '1..100000', '--jobs', '2', '--keep-going', '--json', file]
        const running = begin(command, args)
        const { code, stdout } = await end(running, 'SIGINT')
        assert.equal(code, 1)
        assert.match(stdout, /^seeds +\d+, \d+ failed/m)
        assert.equal(read(file).isInterrupted, true)
        assert.ok(read(file).seeds < 1000)
    })

    test('names the seed that ended a process', async () => {
        const { code, stdout } = await say(commandOf(mortal), '--seeds 1..2 --keep-going')
        assert.equal(code, 1)
        assert.equal(stdout.split('\n')[0],
            'npm run simulate -- --seed 1 # L4: The process that ran it has ended: SIGKILL.')
        assert.match(stdout, /^failed seeds +1, 2$/m)
    })

    test('prints every step of one seed with --trace', async () => {
        const { code, stdout } = await say(SIMULATE, '--seed 2 --trace')
        assert.equal(code, 0)
        assert.match(stdout, /^ +\d+\.\d \*\*\* all is mended$/m)
        assert.match(stdout, /^ +\d+\.\d m0 commits 2\/0 /m)
    })

    test('prints the selected events', async () => {
        const trace = async (args: string) => {
            const { code, stdout } = await say(SIMULATE, `--seed 2 --trace ${args}`.trimEnd())
            assert.equal(code, 0, stdout)
            return stdout.split('\n').filter((line) => /^ *\d+\.\d /.test(line))
        }
        const all = await trace('--wide')
        const short = await trace('')
        assert.equal(short.length, all.length)
        assert.ok(all.some(({ length }) => length > 160))
        assert.ok(short.every(({ length }) => length <= 160))
        assert.ok(short.some((line) => / m0 → m1 /.test(line)), 'names the receiver')
        const late = await trace('--members m1 --from 400')
        assert.ok(late.length > 0 && late.length < all.length)
        assert.ok(late.every((line) => Number.parseFloat(line) >= 400 &&
            / m1 |\*\*\*/.test(line)), late.join('\n'))
        assert.deepEqual(await trace('--last 7'), short.slice(-7))
    })

    test('prints the usage with --help', async () => {
        const { code, stdout } = await say(SIMULATE, '--help')
        assert.equal(code, 0)
        assert.match(stdout, /^npm run simulate -- OPTIONS$/m)
    })

    test('refuses invalid options, and runs no seed', async () => {
        for (const [line, message] of [
            ['--seeds 2..1', '--seeds begins with 2, behind its end, 1.'],
            ['--sede 1', "Unknown option '--sede'."],
            ['--seed 1 --last 3', '--last selects events of --trace: give --trace too.'],
            ['--plan nowhere.json', 'nowhere.json cannot be read: '],
            ['--seeds 1..2 --json no/where.json', 'no/where.json cannot be written: ']
        ] as const) {
            const { code, stdout, stderr } = await say(SIMULATE, line)
            assert.equal(code, 2)
            assert.equal(stdout, '')
            assert.ok(stderr.startsWith(message), stderr)
            assert.match(stderr, /--help says more\.\n$/)
        }
    })
})
