import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { Deployment } from './deployment.js'
import { DISK_FAILED, waitsOf } from './words.js'

const PODS = ['pod-0', 'pod-1', 'pod-2']

/** Starts three pods, runs a rule of daily operation under load, and compares the logs. */
async function operate(
    context: TestContext, folder: string, rule: (pods: Deployment) => Promise<void>
): Promise<void> {
    await using pods = new Deployment(folder)
    for (const id of PODS) {
        await pods.start(id)
    }
    await pods.untilWhole(1)
    await pods.longestWaits()
    await rule(pods)
    await pods.untilWhole(1)
    await pods.untilWritten(20)
    const { longestMs, stalledMs } = await pods.longestWaits()
    context.diagnostic(waitsOf(longestMs, stalledMs))
    await pods.untilLevel()
    for (const id of PODS) {
        assert.ok(!existsSync(`${pods.folderOf(id)}.exiled`), `${id} is the same member`)
    }
}

function folderOf(context: TestContext): string {
    const folder = mkdtempSync(join(tmpdir(), 'kibitz-operation-'))
    context.after(() => rmSync(folder, { recursive: true }))
    return folder
}

test('options change with a restart, one pod after the other', async (context) => {
    await operate(context, folderOf(context), async (pods) => {
        const { options } = pods
        const other =
            { ping: 60, timeout: 800, parliamentSize: 3, history: 500, snapshotEvery: 65_536 }
        for (const changed of [other, options]) {
            pods.options = changed
            for (const id of PODS) {
                await pods.end(id, 'SIGTERM')
                await pods.start(id)
                await pods.untilWhole(1)
                await pods.untilWritten(20)
                // The journal holds inputs under both options now.
                await pods.end(id, 'SIGKILL')
                await pods.start(id)
                await pods.untilWhole(1)
                const { ping, timeout, parliamentSize, history } = (await pods.read(id)).options
                const { snapshotEvery, ...inForce } = changed
                assert.deepEqual({ ping, timeout, parliamentSize, history }, inForce)
            }
        }
    })
})

test('a pod that never returns is exiled, and another pod takes its seat', async (context) => {
    await operate(context, folderOf(context), async (pods) => {
        const lost = pods.leader ?? ''
        await pods.end(lost, 'SIGKILL')
        pods.lose(lost)
        await pods.exile(lost)
        await pods.until('two citizens are left', () => pods.citizens.length === 2)
        await pods.untilWritten(20)
        await pods.start('pod-3')
        await pods.untilWhole(1)
        assert.deepEqual([...pods.citizens].sort(), [...PODS, 'pod-3'].filter((id) => id !== lost))
    })
})

/** Mounts a disk of 16 MiB at a folder; `false` if this process may mount nothing. */
function mount(place: string): boolean {
    mkdirSync(place)
    try {
        execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=16m', 'tmpfs', place],
            { stdio: 'ignore' })
        return true
    } catch {
        return false
    }
}

/** Writes a file until the disk has no room. */
function fill(path: string): void {
    const file = openSync(path, 'w')
    try {
        for (const block = Buffer.alloc(4096); ; ) {
            writeSync(file, block)
        }
    } catch (error) {
        assert.equal((error as NodeJS.ErrnoException).code, 'ENOSPC')
    } finally {
        closeSync(file)
    }
}

test('a full disk stops its pod alone; with room, the pod comes back', async (context) => {
    const folder = folderOf(context)
    const mounted = PODS.map((id) => join(folder, id)).filter(mount)
    try {
        if (mounted.length < PODS.length) {
            // The disks of test/power/power.test.ts return ENOSPC by a shim.
            context.diagnostic('No small disk may be mounted here.')
            return
        }
        await operate(context, folder, async (pods) => {
            const others = PODS.filter((id) => id !== pods.leader)
            for (const id of [pods.leader, ...others]) {
                assert.ok(id !== null)
                const ballast = join(folder, id, 'ballast')
                const code = await pods.untilEnded(id, () => fill(ballast))
                assert.equal(code, DISK_FAILED, `${id} has stopped with journal-failed`)
                await pods.untilWritten(20)
                rmSync(ballast)
                await pods.start(id)
                await pods.untilWhole(1)
            }
        })
    } finally {
        for (const place of mounted) {
            execFileSync('umount', [place])
        }
    }
})
