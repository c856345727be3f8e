import assert from 'node:assert/strict'
import { type ChildProcess, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { withoutCoverage } from '../../support/environment.js'
import { freePort } from '../../support/free-port.js'
import { ask, kill, type MemberAnswer, MemberProcesses } from './member-processes.js'
import { PROGRAM } from './run-journal.js'
import '../../support/silence.js'

const IDS = ['a', 'b', 'c'] as const

function refound(...args: readonly string[]): { code: number | null, out: string, err: string } {
    const options = { encoding: 'utf8', env: withoutCoverage() } as const
    const { status, stdout, stderr } = spawnSync(
        process.execPath, [PROGRAM, 'journal', 'refound', ...args], options
    )
    return { code: status, out: stdout, err: stderr }
}

describe('kibitz journal refound', { timeout: 300_000 }, () => {
    const members = new MemberProcesses()
    const { ports } = members
    const folderOf = (id: string): string => members.folderOf(id)
    const child = (id: string): ChildProcess => members.child(id)

    after(() => members.end())

    test('brings every entry of the surviving folder into a new republic', async () => {
        for (const id of IDS) {
            ports.set(id, await freePort())
        }
        await Promise.all(IDS.map((id) => members.start(id, IDS)))
        for (let value = 1; value <= 20; value++) {
            await ask(child(IDS[value % 3] ?? 'a'), { publish: value })
        }
        let before = await ask(child('a'), {})
        while (!before.tolerance.endsWith('3 voting, tolerates 1')) {
            before = await ask(child('a'), {})
        }
        const inUse = refound('--majority-is-lost', folderOf('a'))
        assert.equal(inUse.code, 1)
        assert.match(inUse.err, /is in use by .* stop the member first/)

        await kill(child('a'))
        const answered = refound('--majority-is-lost', folderOf('a'))
        assert.equal(answered.code, 1)
        assert.match(answered.err, /[bc] answers at .*127\.0\.0\.1:\d+.* Nothing was changed/)
        assert.ok(!existsSync(`${folderOf('a')}.before-refound`))

        await kill(child('b'))
        await kill(child('c'))
        const other = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1')
        await once(other, 'listening')
        const { port } = other.address() as { readonly port: number }
        other.close()
        const unsure = refound(folderOf('a'))
        assert.equal(unsure.code, 2)
        assert.match(unsure.err, /Nothing was changed\..*--majority-is-lost/)

        // The disks of b and c are lost.
        rmSync(folderOf('b'), { recursive: true })
        rmSync(folderOf('c'), { recursive: true })
        const done = refound(
            '--majority-is-lost', '--through', `127.0.0.1:${port}`, folderOf('a')
        )
        assert.equal(done.err, '')
        assert.equal(done.code, 0)
        const record = JSON.parse(readFileSync(join(folderOf('a'), 'refounded.json'), 'utf8'))
        assert.equal(record.member, 'a')
        assert.equal(record.old.republic, before.islandId)
        assert.ok(existsSync(`${folderOf('a')}.before-refound`))

        await members.start('a', IDS)
        const renewed = await ask(child('a'), {})
        assert.deepEqual(renewed.values, before.values)
        assert.notEqual(renewed.islandId, before.islandId)
        await Promise.all([members.start('b', IDS), members.start('c', IDS)])
        await ask(child('b'), { publish: 'new' })
        for (const id of IDS) {
            const report = await ask(child(id), {})
            assert.deepEqual(report.values, [...before.values, 'new'])
            assert.equal(report.islandId, renewed.islandId)
        }
    })

    test('keeps old members out of the new republic', async () => {
        await kill(child('a'))
        // In the old folder, b and c are the other members, at the addresses of the new b and c.
        const ghost = await members.run('a', IDS, `${folderOf('a')}.before-refound`)
        ghost.send({ publish: 'of a ghost' })
        let other: MemberAnswer['superseded'] = null
        while (other === null) {
            const { superseded = null } = await ask(ghost, { of: 'superseded' })
            other = superseded
        }
        const report = await ask(child('c'), { publish: 'still here' })
        assert.equal(other.republic, report.islandId)
        assert.equal(report.values.at(-1), 'still here')
        assert.ok(!report.values.includes('of a ghost'))
        await kill(ghost)
    })

    test('keeps the state in the snapshot of a journal, and refuses other republics', async () => {
        const before = await ask(child('c'), {})
        await kill(child('b'))
        await kill(child('c'))
        // Member c joined, so its journal begins with a snapshot of the state.
        const done = refound('--majority-is-lost', '--run', 'third', folderOf('c'))
        assert.equal(done.code, 0, done.err)
        assert.match(done.out, /the only member of the republic third/)
        const record = JSON.parse(readFileSync(join(folderOf('c'), 'refounded.json'), 'utf8'))
        assert.equal(record.hasState, true)
        await members.start('c', null)
        const third = await ask(child('c'), {})
        assert.deepEqual(third.values, before.values)
        assert.equal(third.islandId, 'third')
        await kill(child('c'))

        const mixed = refound('--majority-is-lost', folderOf('a'), folderOf('c'))
        assert.equal(mixed.code, 1)
        assert.match(mixed.err, /belong to different republics\. Nothing was changed/)
    })

    test('takes the most advanced of several folders', () => {
        const old = `${folderOf('c')}.before-refound`
        const done = refound('--majority-is-lost', folderOf('a'), old)
        assert.equal(done.code, 0, done.err)
        const chosen = /^(.*): [ac], .*, chosen$/m.exec(done.out)?.[1] ?? assert.fail(done.out)
        assert.ok(existsSync(`${chosen}.before-refound`))
        assert.equal([folderOf('a'), old].filter((each) =>
            existsSync(`${each}.before-refound`)).length, chosen === folderOf('a') ? 1 : 2)
    })
})
