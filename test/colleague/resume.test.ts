import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { Colleague } from '../../src/index.js'
import { Counter } from './counter.js'
import { type NewcomerArguments, STEPS, type Step } from './admission-steps.js'
import { freePort } from '../support/free-port.js'
import '../support/silence.js'
import { endWithTests } from '../support/children.js'

const NEWCOMER = fileURLToPath(new URL('./newcomer-process.js', import.meta.url))

/** Waits for the first government that meets a condition. */
async function governed(colleague: Colleague<unknown, number>, isSo: () => boolean): Promise<void> {
    while (!isSo()) {
        await new Promise<void>((resolve) => {
            colleague.kibitzer.governed.wait(() => resolve())
        })
    }
}

/** Starts the newcomer; resolves with the signal of its end, or with `joined`. */
async function start(
    args: NewcomerArguments
): Promise<{ readonly end: string; stop(): Promise<void> }> {
    const child = endWithTests(fork(NEWCOMER, [JSON.stringify(args)]))
    const exited = once(child, 'exit')
    const end = await Promise.race([
        once(child, 'message').then(([message]) => JSON.stringify(message)),
        exited.then(([code, signal]) => String(signal ?? code))
    ])
    return {
        end,
        stop: async () => {
            child.kill('SIGKILL')
            await exited
        }
    }
}

describe('a newcomer with a journal, killed', { timeout: 600_000 }, () => {
    for (const step of STEPS) {
        test(`after the step "${step}" continues at its next start`, async (context) => {
            const folder = mkdtempSync(join(tmpdir(), 'kibitz-resume-'))
            context.after(() => rmSync(folder, { recursive: true }))
            const application = new Counter()
            const a = new Colleague<unknown, number>({
                islandName: 'resumed', colleagueId: 'a', application, ping: 50, timeout: 250,
                patience: 60000, parliamentSize: 3
            })
            const { properties } = await a.listen()
            await a.bootstrap()
            const c = new Colleague<unknown, number>({
                islandName: 'resumed', colleagueId: 'c', application: new Counter(), ping: 50,
                timeout: 250, patience: 60000, parliamentSize: 3
            })
            await c.listen()
            await c.join({ through: [String(properties['url'])] })
            await a.publish({ add: 7 })
            const port = await freePort()
            const orders = { folder, port, through: String(properties['url']) }
            const first = await start({ ...orders, dieAfter: step })
            if (step !== 'seated') {
                assert.equal(first.end, 'SIGKILL')
            }
            await first.stop()
            const second = await start({ ...orders, dieAfter: null as Step | null })
            assert.equal(second.end, '{"joined":true}')
            const { paxos } = a.kibitzer
            const isSeated = (): boolean =>
                [...paxos.government.majority, ...paxos.government.minority].includes('b')
            await governed(a, isSeated)
            assert.ok(paxos.government.naturalized.includes('b'))
            await second.stop()
            for (const colleague of [a, c]) {
                colleague.destroy()
                await colleague.ended
            }
        })
    }
})
