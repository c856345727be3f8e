import assert from 'node:assert/strict'
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { Colleague, type ColleagueOptions, type Government } from '../../src/index.js'
import type { SlowMemberArguments, SlowMemberReport } from '../examples/slow-member.js'
import { freePort } from '../support/free-port.js'
import '../support/silence.js'
import { endWithTests } from '../support/children.js'

const PROGRAM = fileURLToPath(new URL('../examples/slow-member.js', import.meta.url))

/** Long enough that a busy machine exiles no member. */
const OPTIONS = { parliamentSize: 3, patience: 120_000 }

/** A member in this process that publishes, and a slow member in another process. */
class Pair implements AsyncDisposable {
    readonly told: SlowMemberReport[] = []
    published = 0
    readonly #folder = mkdtempSync(join(tmpdir(), 'forgetting-'))
    readonly #store = { count: 0 }
    readonly #colleague: Colleague<unknown, number>
    readonly #slowness: SlowMemberArguments
    #child: ChildProcess | null = null
    #wake: () => void = () => {}

    static async settle(
        slowness: Partial<SlowMemberArguments>,
        options: Partial<ColleagueOptions<unknown, number>> = {}
    ): Promise<Pair> {
        const port = await freePort()
        const pair = new Pair({ ...OPTIONS, history: 64, ...options }, { ...slowness, port })
        await pair.begin()
        return pair
    }

    private constructor(
        options: Partial<ColleagueOptions<unknown, number>>,
        slowness: Partial<SlowMemberArguments> & { readonly port: number }
    ) {
        const store = this.#store
        this.#colleague = new Colleague<unknown, number>({
            ...OPTIONS,
            islandName: 'slow',
            colleagueId: 'a',
            application: {
                apply: () => ++store.count,
                snapshot: () => String(store.count),
                restore: () => {}
            }
        })
        const folder = slowness.folder === null ? null : this.#folder
        this.#slowness = {
            applyMs: 0, snapshotMs: 0, restoreMs: 0, through: '', ...slowness, folder, options
        }
    }

    private async begin(): Promise<void> {
        const { properties } = await this.#colleague.listen({ host: '127.0.0.1' })
        await this.#colleague.bootstrap()
        const { url } = properties as { url: string }
        Object.assign(this.#slowness, { through: url })
    }

    start(): void {
        const child = endWithTests(fork(PROGRAM, [JSON.stringify(this.#slowness)]))
        child.on('message', (telling: SlowMemberReport) => {
            this.told.push(telling)
            this.#wake()
        })
        this.#child = child
    }

    async kill(): Promise<void> {
        const child = this.#child
        if (child !== null && child.exitCode === null && child.signalCode === null) {
            child.kill('SIGKILL')
            await once(child, 'exit')
        }
    }

    order(what: string): void {
        this.#child?.send(what)
    }

    /** The next report of a kind from the slow member. Rejects if the member stops by itself. */
    async telling(what: SlowMemberReport['what']): Promise<SlowMemberReport> {
        for (;;) {
            const at = this.told.findIndex((each) => each.what === what || each.what === 'ended')
            const found = at === -1 ? undefined : this.told.splice(at, 1)[0]
            if (found !== undefined) {
                assert.equal(found.what, what, `it has stopped: ${found.code}`)
                return found
            }
            await new Promise<void>((resolve) => {
                this.#wake = resolve
            })
        }
    }

    /** Publishes values in bursts up to a total; other work runs between the bursts. */
    async press(total: number): Promise<void> {
        while (this.published < total) {
            await this.publish(16)
            await new Promise((resolve) => setImmediate(resolve))
        }
    }

    /** Publishes some values at once. */
    async publish(count: number): Promise<void> {
        await this.#colleague.publishAll(Array.from({ length: count }, () => 'x'.repeat(100)))
        this.published += count
    }

    /** The last record that the snapshot in the slow member's journal replaces. */
    async stored(none: number = -1): Promise<number> {
        this.order('store')
        const { through } = await this.telling('stored')
        return through ?? none
    }

    /** Resolves under the first government that meets a condition. */
    async governed(isSo: (government: Government) => boolean): Promise<void> {
        for await (const entry of this.#colleague.kibitzer.entries()) {
            if (entry.method === 'government' && isSo(entry.government)) {
                return
            }
        }
    }

    async [Symbol.asyncDispose](): Promise<void> {
        await this.kill()
        this.#colleague.destroy()
        await this.#colleague.ended.catch(() => {})
        rmSync(this.#folder, { recursive: true })
    }
}

describe('a member whose application is slower than the log', () => {
    test('restarts from its journal while the others continue', async () => {
        await using pair = await Pair.settle({ applyMs: 1 })
        pair.start()
        await pair.telling('joined')
        await pair.press(800)
        pair.order('level')
        assert.equal((await pair.telling('level')).count, 800)
        await pair.press(1200)
        await pair.kill()
        await pair.press(1600)
        pair.start()
        await Promise.all([pair.telling('joined'), pair.press(2400)])
        pair.order('level')
        assert.equal((await pair.telling('level')).count, 2400)
    })

    test('refuses its own publishes, and continues', async () => {
        await using pair = await Pair.settle({ applyMs: 20 }, { publishes: 50 })
        pair.start()
        await pair.telling('joined')
        await pair.publish(100)
        pair.order('overload')
        const { code, backlog = 0 } = await pair.telling('overloaded')
        assert.equal(code, 'overloaded')
        assert.ok(backlog >= 45 && backlog <= 110, `${backlog} entries wait`)
    })

    test('takes over a state if too many entries wait', async () => {
        const publishes = 100
        const slowness = { applyMs: 10, folder: null }
        await using pair = await Pair.settle(slowness, { publishes, history: 8 })
        pair.start()
        await pair.telling('joined')
        await pair.publish(2000)
        pair.order('level')
        const { count, applied } = await pair.telling('level')
        assert.equal(count, 2000)
        assert.ok(applied <= 2000 - 3 * publishes, `${applied} of 2000 entries were applied`)
    })
})

describe('a member with a slow application', () => {
    test('stores a slow snapshot while the others continue', async () => {
        await using pair = await Pair.settle({ snapshotMs: 1000 }, { snapshotEvery: 50_000 })
        pair.start()
        await pair.telling('joined')
        const first = await pair.stored()
        await pair.press(800)
        let stored = first
        for (let total = 1600; stored <= first; total += 16) {
            await pair.press(total)
            stored = await pair.stored()
        }
        pair.order('level')
        assert.equal((await pair.telling('level')).count, pair.published)
    })

    test('joins at the first attempt with a slow restore', async () => {
        await using pair = await Pair.settle({ restoreMs: 2000 })
        await pair.press(160)
        pair.start()
        await pair.governed(({ constituents }) => constituents.includes('c'))
        await pair.press(2400)
        await pair.telling('joined')
        await pair.governed(({ naturalized }) => naturalized.includes('c'))
        pair.order('level')
        assert.equal((await pair.telling('level')).count, 2400)
    })
})
