import assert from 'node:assert/strict'
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { FileJournal } from '../../src/journal/file-journal.js'
import { type LockEnvironment, lockHolders, lockFolder } from '../../src/journal/folder-lock.js'
import { ownIdentity, type ProcessIdentity } from '../../src/journal/process-identity.js'
import type { HolderSaid } from './holder.js'
import { codeOf } from './records.js'
import { withoutCoverage } from '../support/environment.js'
import { endWithTests } from '../support/children.js'

const PROGRAM = fileURLToPath(new URL('holder.js', import.meta.url))

/** A container has a process namespace, mounts and a network of its own, and shares volumes. */
const CONTAINER = ['unshare', '--pid', '--fork', '--mount', '--mount-proc', '--net', '--ipc']

let folder = ''
const children: ChildProcess[] = []

beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'kibitz-lock-'))
})

afterEach(async () => {
    for (const child of children.splice(0)) {
        if (child.exitCode === null && child.signalCode === null) {
            child.kill('SIGKILL')
            await once(child, 'exit')
        }
    }
    rmSync(folder, { recursive: true })
})

interface Holder {
    readonly child: ChildProcess
    readonly said: HolderSaid | null
}

/** Starts a process that tries to lock the folder, and waits for the result. */
async function hold(
    options: LockEnvironment = {}, prefix: readonly string[] = []
): Promise<Holder> {
    const [command = '', ...args] = [...prefix, process.execPath, PROGRAM, 'hold', folder,
        JSON.stringify(options)]
    const child = spawn(command, args, {
        stdio: ['pipe', 'pipe', 'inherit'], env: withoutCoverage()
    })
    children.push(endWithTests(child))
    const lines = createInterface({ input: child.stdout })
    for await (const line of lines) {
        return { child, said: JSON.parse(line) as HolderSaid }
    }
    return { child, said: null }
}

function isHeld({ said }: Holder): boolean {
    return said !== null && 'held' in said
}

function refusalOf({ said }: Holder): string {
    assert.ok(said !== null && 'refused' in said, JSON.stringify(said))
    assert.equal(said.refused, 'journal-locked')
    return said.message
}

async function kill({ child }: Holder): Promise<void> {
    child.kill('SIGKILL')
    await once(child, 'exit')
}

/** The code with which this process is refused; `undefined` if this process gets the lock. */
async function attempt(options: LockEnvironment): Promise<unknown> {
    try {
        const { release } = await lockFolder(folder, options)
        await release()
        return undefined
    } catch (error) {
        return error instanceof Error && 'code' in error ? error.code : error
    }
}

describe('the lock of a folder', () => {
    for (const hasSockets of [true, false]) {
        const how = hasSockets ? 'sockets' : 'files'

        test(`ends with kill -9, on a file system with ${how}`, async () => {
            const holder = await hold({ hasSockets })
            assert.ok(isHeld(holder))
            assert.match(refusalOf(await hold({ hasSockets })), /by process \d+\./)
            assert.match(refusalOf(await hold({ hasSockets: !hasSockets })), /by process \d+\./)
            await kill(holder)
            assert.ok(isHeld(await hold({ hasSockets })))
        })

        test(`excludes a process of another container, with ${how}`, async (context) => {
            try {
                execFileSync('unshare', [...CONTAINER.slice(1), 'true'], { stdio: 'ignore' })
            } catch {
                context.diagnostic('NOT TRIED: this machine allows no namespaces.')
                return
            }
            const holder = await hold({ hasSockets }, CONTAINER)
            assert.ok(isHeld(holder))
            assert.equal(await attempt({ hasSockets }), 'journal-locked')
            const refusal = refusalOf(await hold({ hasSockets }, CONTAINER))
            if (!hasSockets) {
                assert.match(refusal, /cannot observe .* delete the file hold\.\d+\.[0-9a-f]{16}/)
            }
            await kill(holder)
        })

        test(`is released in order, with ${how}`, async () => {
            const { release } = await lockFolder(folder, { hasSockets })
            assert.deepEqual(await lockHolders(folder), [`process ${process.pid}`])
            const [name = ''] = readdirSync(folder)
            assert.equal(statSync(join(folder, name)).mode & 0o777, 0o600)
            await release()
            assert.deepEqual(readdirSync(folder), [])
        })
    }

    test('excludes a second worker of node:cluster, and ends with the first', async () => {
        const child = spawn(process.execPath, [PROGRAM, 'cluster', folder], {
            stdio: ['ignore', 'pipe', 'inherit'], env: withoutCoverage()
        })
        children.push(endWithTests(child))
        const said: HolderSaid[] = []
        for await (const line of createInterface({ input: child.stdout })) {
            said.push(JSON.parse(line) as HolderSaid)
        }
        assert.equal(said.length, 3, JSON.stringify(said))
        assert.ok(said[0] !== undefined && 'held' in said[0])
        assert.ok(said[1] !== undefined && 'refused' in said[1])
        assert.equal(said[1].refused, 'journal-locked')
        assert.ok(said[2] !== undefined && 'held' in said[2], 'the primary kept the lock')
    })

    for (const detour of ['none', 'descriptor', 'link'] as const) {
        test(`works over a long path, shortened by ${detour}`, async () => {
            const deep = join(folder, 'x'.repeat(120), 'y'.repeat(120))
            mkdirSync(deep, { recursive: true })
            const { release } = await lockFolder(deep, { detour })
            assert.deepEqual(await lockHolders(deep, { detour }), [`process ${process.pid}`])
            assert.equal(await codeOf(new FileJournal(deep).open('member-1')), 'journal-locked')
            const [name = ''] = readdirSync(deep)
            assert.equal(statSync(join(deep, name)).isSocket(), detour !== 'none')
            await release()
            assert.deepEqual(readdirSync(deep), [])
        })
    }

    test('treats an owner as dead only if the system proves the death', async () => {
        const own = await ownIdentity()
        const dead = await hold()
        await kill(dead)
        const deadPid = dead.child.pid ?? 0
        const cases: readonly [string, Partial<ProcessIdentity>, boolean, boolean][] = [
            ['this process', {}, true, true],
            ['this process, without a start', { start: null }, true, true],
            ['an earlier process with the same number', { start: '1' }, true, false],
            ['a dead process', { pid: deadPid }, true, false],
            ['a dead process without a start', { pid: deadPid, start: null }, true, false],
            ['a process of another namespace', { pid: deadPid, namespace: 'pid:[1]' }, true, true],
            ['a process without a namespace', { pid: deadPid, namespace: null }, true, true],
            ['a process before the boot', { boot: 'another' }, true, false],
            ['a process of another machine', { boot: 'another' }, false, true],
            ['a process without a boot', { pid: deadPid, boot: null }, true, true]
        ]
        const name = join(folder, 'hold.12.0123456789abcdef')
        for (const [words, change, isLocal, isLocked] of cases) {
            writeFileSync(name, JSON.stringify({ ...own, ...change }))
            assert.equal(await attempt({ isLocal }), isLocked ? 'journal-locked' : undefined, words)
            rmSync(name, { force: true })
        }
        for (const text of ['', '{', 'null', '{"pid":0}', JSON.stringify({ ...own, boot: 1 })]) {
            writeFileSync(name, text)
            assert.equal(await attempt({}), 'journal-locked', text)
        }
    })

    test('stays closed behind a silent socket, if other machines may mount it', async () => {
        await kill(await hold())
        assert.equal(await attempt({ isLocal: false }), 'journal-locked')
        assert.equal(await attempt({ isLocal: true }), undefined)
        assert.deepEqual(readdirSync(folder), [])
    })
})

describe('a journal in a process without a free descriptor', () => {
    test('goes on to new segments and stores snapshots', () => {
        const program = fileURLToPath(new URL('exhausted.js', import.meta.url))
        const output = execFileSync('sh', ['-c', 'ulimit -n 128 && exec "$@"', 'sh',
            process.execPath, program, join(folder, 'journal')],
        { encoding: 'utf8', env: withoutCoverage() })
        const [opened, result = ''] = output.trim().split('\n')
        assert.equal(opened, 'opened')
        const { last, stable, taken } = JSON.parse(result)
        assert.equal(stable, last)
        assert.ok(taken > 50, `${taken} descriptors were taken`)
    })
})

describe('the files of a journal', () => {
    test('are readable for their user only', async () => {
        const place = join(folder, 'outer', 'journal')
        const journal = new FileJournal(place, { segmentSize: 1024 })
        await journal.open('member-1')
        journal.append(Buffer.from('x'.repeat(2000)))
        journal.append(Buffer.from('y'))
        await journal.flush()
        await journal.snapshot(1, [Buffer.from('state')])
        assert.equal(statSync(place).mode & 0o777, 0o700)
        for (const name of readdirSync(place)) {
            assert.equal(statSync(join(place, name)).mode & 0o777, 0o600, name)
        }
        await journal.close()
    })
})
