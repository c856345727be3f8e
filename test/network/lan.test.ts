import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readlinkSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { Outcome } from './caller.js'
import { Diversion } from './diversion.js'
import { Lan } from './lan.js'
import { CALLS } from './orders.js'
import { isReady } from './requirements.js'

const CALLER = fileURLToPath(new URL('./caller.js', import.meta.url))
const ABANDONED = fileURLToPath(new URL('./abandoned.js', import.meta.url))

/** A network takes a second, and this machine may be busy. */
const DEADLINE_MS = 120_000

/** A network with a caller and a listener on each machine. */
class Callers implements AsyncDisposable {
    readonly lan: Lan
    readonly #callers: readonly ChildProcess[]

    private constructor(lan: Lan) {
        this.lan = lan
        this.#callers = lan.machines.map((machine) => lan.node(machine, CALLER, String(CALLS)))
    }

    static async make(count: number): Promise<Callers> {
        const callers = new Callers(await Lan.make(count))
        await Promise.all(callers.#callers.map((caller) => once(caller, 'message')))
        return callers
    }

    /** What becomes of a call from one machine to another. */
    async call(from: number, to: number): Promise<Outcome> {
        const caller = this.#callers[from - 1]
        assert.ok(caller !== undefined)
        const answer = once(caller, 'message')
        caller.send(Lan.address(to))
        const [outcome] = await answer
        return outcome
    }

    /** All that becomes of calls along `1>2 2>1 1>3`. */
    async calls(ways: string): Promise<string> {
        const outcomes: string[] = []
        for (const way of ways.split(' ')) {
            const [from, to] = way.split('>').map(Number)
            outcomes.push(await this.call(from ?? 0, to ?? 0))
        }
        return outcomes.join(' ')
    }

    async [Symbol.asyncDispose](): Promise<void> {
        for (const caller of this.#callers) {
            caller.kill('SIGKILL')
        }
        await Promise.all(this.#callers.map((caller) => once(caller, 'exit')))
        await this.lan.end()
    }
}

/** Every network namespace that some process is in. */
function namespaces(): Set<string> {
    return new Set(readdirSync('/proc')
        .filter((name) => /^\d+$/.test(name))
        .flatMap((pid) => {
            try {
                return [readlinkSync(`/proc/${pid}/ns/net`)]
            } catch {
                // It has ended meanwhile.
                return []
            }
        }))
}

describe('a virtual network', { timeout: DEADLINE_MS }, () => {
    test('carries calls, drops one way, drops calls only, and heals', async () => {
        if (!isReady()) {
            return
        }
        await using callers = await Callers.make(3)
        const { lan } = callers
        const well = 'answered answered answered'
        assert.equal(await callers.calls('1>2 2>1 1>3'), well)
        await lan.cut({ from: 1, to: 2 })
        // If 1 cannot send to 2, the calls of 2 fail too: answers take the cut link.
        assert.equal(await callers.calls('1>2 2>1 1>3'), 'silent silent answered')
        await lan.heal()
        await lan.cut({ from: 1, to: 2, port: CALLS })
        assert.equal(await callers.calls('1>2 2>1 1>3'), 'silent answered answered')
        await lan.heal()
        await lan.slow(1)
        assert.equal(await callers.calls('1>2 2>1 2>3'), well)
        await lan.heal()
        await lan.divert([{ from: 1, to: 2 }], CALLS)
        // No process listens at the target of the diversion.
        assert.equal(await callers.calls('1>2 2>1 1>3'), 'refused answered answered')
        await lan.heal()
        assert.equal(await callers.calls('1>2 2>1 1>3'), well)
        // Twice is as good as once.
        await lan.heal()
        await lan.cut({ from: 1, to: 2 }, { from: 1, to: 2 })
        await lan.cut({ from: 1, to: 2 })
        await lan.heal()
        assert.equal(await callers.calls('1>2 2>1 1>3'), well)
    })

    test('has a proxy that drops, delays or holds calls', async () => {
        if (!isReady()) {
            return
        }
        await using callers = await Callers.make(3)
        const { lan } = callers
        const diversion = new Diversion(lan, () => assert.fail('The proxy has ended.'))
        await diversion.done()
        const ways = [{ from: 1, to: 2 }]
        await diversion.trouble(ways, { name: 'deaf' })
        assert.equal(await callers.calls('1>2 2>1 3>2'), 'silent answered answered')
        await diversion.trouble(ways, { name: 'late', ms: 50 })
        assert.equal(await callers.calls('1>2 3>2'), 'answered answered')
        await diversion.trouble(ways, { name: 'late', ms: 60_000 })
        assert.equal(await callers.calls('1>2 3>2'), 'silent answered')
        await diversion.trouble(ways, { name: 'mangled' })
        // The echo answers mangled bytes too.
        assert.equal(await callers.calls('1>2 1>2'), 'answered answered')
        await diversion.trouble(ways, { name: 'held' })
        assert.equal(await callers.calls('1>2'), 'silent')
        const held = callers.call(1, 2)
        await diversion.release()
        // What was not there yet when the rest was let go passes then.
        assert.equal(await held, 'answered')
        await lan.heal()
        await diversion.clear()
        assert.equal(await callers.calls('1>2 2>1 3>2'), 'answered answered answered')
        await diversion.end()
    })

    for (const how of ['end', 'die', 'interrupted'] as const) {
        test(`leaves no namespace behind if the creator ends so: ${how}`, async () => {
            if (!isReady()) {
                return
            }
            const child = spawn(process.execPath, [ABANDONED, how])
            const said = text(child.stderr)
            const [line] = await once(child.stdout.setEncoding('utf8'), 'data')
            const made: readonly string[] = JSON.parse(line)
            assert.equal(new Set(made).size, 3)
            const found = namespaces()
            if (how !== 'end') {
                assert.deepEqual(made.filter((namespace) => !found.has(namespace)), [])
            }
            if (how !== 'end') {
                child.kill(how === 'die' ? 'SIGKILL' : 'SIGINT')
            }
            // All that it started has its standard error, which closes when the last has ended.
            assert.equal(await said, '')
            const left = namespaces()
            assert.deepEqual(made.filter((namespace) => left.has(namespace)), [])
        })
    }
})
