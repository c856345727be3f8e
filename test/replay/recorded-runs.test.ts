import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { dice } from '../journal/dice.js'
import { persecute } from '../power/campaign.js'
import { Outage } from '../power/outage.js'
import { Republic } from '../power/republic.js'
import { compile, whyNot } from '../power/shim.js'
import { endWithTests } from '../support/children.js'
import { withoutCoverage } from '../support/environment.js'
import { Deployment } from '../week/deployment.js'
import {
    checkJournal, type Compared, witnessEnvironment, witnessProcesses
} from './recorded-run.js'

const PROGRAM = fileURLToPath(new URL('../../src/command/kibitz.js', import.meta.url))

const IDENTITY = 'identity'

/** Two cycles give 120 values or more on a slow machine: every member takes a snapshot. */
const FREQUENT = { stride: 40, segmentSize: 32 * 1024 }

let folder = ''
let states = ''
/** The journals of the first demo. */
let demonstrated = ''

/** A new folder for the journals of a run. */
function newFolder(): string {
    return mkdtempSync(join(folder, 'run-'))
}

/** Checks all journals below a folder. */
async function checkAll(journals: string): Promise<readonly Compared[]> {
    const names = readdirSync(journals, { recursive: true, encoding: 'utf8' })
    const found = names.filter((name) => name.endsWith(IDENTITY) && !name.includes('shadow-'))
    const compared: Compared[] = []
    for (const name of found) {
        compared.push(await checkJournal(join(journals, name, '..'), states))
    }
    return compared
}

async function demo(...args: readonly string[]): Promise<string> {
    const journals = newFolder()
    const child = endWithTests(spawn(process.execPath,
        [PROGRAM, 'demo', '--lines', '60', '--journal', journals, ...args],
        { stdio: ['ignore', 'ignore', 'pipe'], env: withoutCoverage() }))
    let text = ''
    child.stderr?.setEncoding('utf8').on('data', (piece) => {
        text += piece
    })
    const [code] = await once(child, 'close')
    assert.equal(code, 0, text)
    return journals
}

describe('the replayed state equals the state of the member of another process, after each input',
    () => {
        before(() => {
            folder = mkdtempSync(join(tmpdir(), 'kibitz-recorded-'))
            mkdirSync(folder, { recursive: true })
            states = witnessProcesses(folder)
        })
        after(() => {
            delete process.env['NODE_OPTIONS']
            rmSync(folder, { recursive: true })
        })

        test('of the demo: the leader is killed, and a newcomer joins', async () => {
            demonstrated = await demo()
            const compared = await checkAll(demonstrated)
            assert.equal(compared.length, 4)
            assert.ok(compared.every(({ inputs }) => inputs > 0))
            // The newcomer begins with the state that it was given.
            assert.ok(compared.some(({ hasSnapshot }) => hasSnapshot))
        })

        test('of the demo: all members are killed and start again', async () => {
            const compared = await checkAll(await demo('--kill-all'))
            assert.equal(compared.length, 3)
        })

        test('of members that lose power, with snapshots', async () => {
            const reason = whyNot()
            if (reason !== null) {
                console.warn(reason)
                return
            }
            const random = dice(7)
            const disks = new Outage(newFolder(), compile(folder))
            const { manner } = disks
            await using republic = await Republic.found({
                ...manner,
                pace: FREQUENT,
                env: (id, place) => ({ ...manner.env?.(id, place), ...witnessEnvironment() })
            })
            await persecute(republic, {
                cycles: 2, random, blackout: (seat) => disks.strike(seat, random)
            })
            await Promise.all(republic.seats.map((seat) => seat.kill()))
            const compared = await checkAll(manner.folder)
            assert.equal(compared.length, 3)
            assert.ok(compared.some(({ hasSnapshot }) => hasSnapshot))
        })

        test('of a service in daily life: a kill, a restart and a lost disk', async () => {
            const journals = newFolder()
            await using pods = new Deployment(journals)
            for (const id of ['pod-0', 'pod-1', 'pod-2']) {
                await pods.start(id)
            }
            await pods.untilWhole(1)
            await pods.untilWritten(20)
            await pods.end('pod-1', 'SIGKILL')
            await pods.start('pod-1')
            await pods.untilWhole(1)
            await pods.end('pod-2', 'SIGTERM')
            await pods.start('pod-2')
            await pods.untilWhole(1)
            await pods.end('pod-0', 'SIGKILL')
            pods.lose('pod-0')
            await pods.start('pod-0')
            await pods.untilWhole(1)
            await pods.untilWritten(20)
            await Promise.all(pods.ids.map((id) => pods.end(id, 'SIGTERM')))
            const compared = await checkAll(journals)
            assert.ok(compared.length >= 3)
        })

        test('and not if a state differs in one place', async () => {
            const compared = await checkAll(demonstrated)
            const [{ id, inputs }] = compared.filter(({ hasSnapshot }) => !hasSnapshot)
                .sort((one, other) => other.inputs - one.inputs) as [Compared]
            const middle = Math.floor(inputs / 2)
            const [name = ''] = readdirSync(states).filter((each) =>
                readFileSync(join(states, each), 'utf8').includes(`"id":"${id}"`))
            const file = join(states, name)
            const lines = readFileSync(file, 'utf8').split('\n')
            const input = JSON.parse(lines[middle] ?? '') as object
            const changed = lines.with(middle, JSON.stringify({ ...input, state: 'another state' }))
            writeFileSync(file, changed.join('\n'))
            await assert.rejects(checkJournal(join(demonstrated, id), states),
                /the replayed state differs from the member's state/)
        })
    })
