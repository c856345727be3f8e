import assert from 'node:assert/strict'
import { type ChildProcess, fork, type StdioOptions } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { MemberArguments, Order, Report } from './member.js'
import { buildOldPackage } from './old-package.js'
import { endWithTests } from '../support/children.js'
import { freePort } from '../support/free-port.js'

const MEMBER = fileURLToPath(new URL('./member.js', import.meta.url))
const NEW = new URL('../../src/', import.meta.url).href

/** A member as a process of its own. */
class Member {
    readonly reports: Report[] = []
    readonly #process: ChildProcess
    readonly #waiting = new Set<() => void>()

    constructor(given: MemberArguments) {
        const stdio: StdioOptions = ['ignore', 'ignore', 'ignore', 'ipc']
        this.#process = endWithTests(fork(MEMBER, [JSON.stringify(given)], { stdio }))
        this.#process.on('message', (report: Report) => {
            this.reports.push(report)
            for (const check of this.#waiting) {
                check()
            }
        })
    }

    /** Waits for a report. */
    report<Kind extends Report['kind']>(
        kind: Kind, isMeant: (report: Extract<Report, { kind: Kind }>) => boolean = () => true
    ): Promise<Extract<Report, { kind: Kind }>> {
        return new Promise((resolve) => {
            const check = (): void => {
                const found = this.reports.find((each): each is Extract<Report, { kind: Kind }> =>
                    each.kind === kind && isMeant(each as Extract<Report, { kind: Kind }>))
                if (found !== undefined) {
                    this.#waiting.delete(check)
                    resolve(found)
                }
            }
            this.#waiting.add(check)
            check()
        })
    }

    /** Waits for so many more acknowledged publishes. */
    async progress(count: number): Promise<void> {
        const target = this.published.length + count
        await this.report('published', () => this.published.length >= target)
    }

    get published(): readonly string[] {
        return this.reports.flatMap((report) => report.kind === 'published' ? [report.value] : [])
    }

    order(order: Order): void {
        this.#process.send(order)
    }

    async kill(): Promise<void> {
        if (this.#process.exitCode === null && this.#process.signalCode === null) {
            const ended = once(this.#process, 'exit')
            this.#process.kill('SIGKILL')
            await ended
        }
    }
}

/** Three members under load; every member keeps its folder and its port over its processes. */
class Republic implements AsyncDisposable {
    readonly #folder = mkdtempSync(join(tmpdir(), 'kibitz-upgrade-'))
    readonly #members = new Map<string, Member>()
    readonly #ports = new Map<string, number>()
    #through: string | null = null
    /** Every acknowledged value. */
    readonly acknowledged: string[] = []

    /** Starts a member with a package. */
    async start(id: string, dist: string): Promise<Member> {
        const port = this.#ports.get(id) ?? await freePort()
        this.#ports.set(id, port)
        const folder = join(this.#folder, id)
        const member = new Member({ dist, id, folder, port, through: this.#through })
        this.#members.set(id, member)
        return member
    }

    /** Starts a member and waits until the member listens. */
    async enter(id: string, dist: string): Promise<Member> {
        const member = await this.start(id, dist)
        const { url } = await member.report('listening')
        this.#through ??= url
        return member
    }

    /** Kills a member. */
    async kill(id: string): Promise<void> {
        const member = this.member(id)
        await member.kill()
        this.acknowledged.push(...member.published)
    }

    /** Kills a member, starts it with another package, and waits until all members publish. */
    async restart(id: string, dist: string): Promise<Member> {
        await this.kill(id)
        const member = await this.enter(id, dist)
        member.order('publish')
        await this.progress(10)
        return member
    }

    /** Waits until each member has published. */
    async progress(count: number): Promise<void> {
        await Promise.all([...this.#members.values()].map((member) => member.progress(count)))
    }

    member(id: string): Member {
        const member = this.#members.get(id)
        assert.ok(member !== undefined)
        return member
    }

    /** Stops the load, and returns the values of each log. */
    async values(): Promise<readonly (readonly string[])[]> {
        const members = [...this.#members.values()]
        for (const member of members) {
            member.order('pause')
        }
        for (let round = 0; round < 2; round++) {
            // In the second round, every publish of the first round is in every log.
            for (const member of members) {
                const before = member.reports.filter(({ kind }) => kind === 'values').length
                member.order('values')
                await member.report('values', () =>
                    member.reports.filter(({ kind }) => kind === 'values').length > before)
            }
        }
        this.acknowledged.push(...members.flatMap(({ published }) => published))
        return members.map(({ reports }) => {
            const last = reports.findLast(({ kind }) => kind === 'values')
            return last?.kind === 'values' ? last.values : []
        })
    }

    async [Symbol.asyncDispose](): Promise<void> {
        for (const member of this.#members.values()) {
            await member.kill()
        }
        rmSync(this.#folder, { recursive: true })
    }
}

describe('a rolling upgrade from an earlier package, under load', { timeout: 300_000 }, () => {
    test('loses no entry, doubles none, and ends in the higher version', async () => {
        using old = buildOldPackage()
        await using republic = new Republic()
        for (const id of ['a', 'b', 'c']) {
            await republic.enter(id, old.dist)
        }
        for (const id of ['a', 'b', 'c']) {
            await republic.member(id).report('seated')
            republic.member(id).order('publish')
        }
        await republic.progress(20)
        await republic.restart('c', NEW)
        await republic.restart('b', NEW)
        // A rollback in the mixed period, with the same folder.
        await republic.restart('b', old.dist)
        await republic.progress(50)
        await republic.restart('a', NEW)
        await republic.progress(50)
        for (const id of ['a', 'c']) {
            const { reports } = republic.member(id)
            assert.deepEqual(reports.filter(({ kind }) => kind === 'version'), [
                { kind: 'version', version: 1 }
            ], `${id} in the mixed period`)
        }
        await republic.restart('b', NEW)
        for (const id of ['a', 'b', 'c']) {
            await republic.member(id).report('version', ({ version }) => version === 2)
        }
        await republic.kill('a')
        const { code } = await (await republic.start('a', old.dist)).report('refused')
        assert.equal(code, 'journal-version')
        await republic.restart('a', NEW)
        const logs = await republic.values()
        const [first = []] = logs
        for (const log of logs) {
            assert.deepEqual(log, first)
        }
        assert.equal(new Set(first).size, first.length, 'no entry is doubled')
        const lost = republic.acknowledged.filter((value) => !first.includes(value))
        assert.deepEqual(lost, [], 'no acknowledged entry is lost')
        assert.ok(republic.acknowledged.length > 200)
    })
})
