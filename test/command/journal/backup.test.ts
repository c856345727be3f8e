import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import { withoutCoverage } from '../../support/environment.js'
import { freePort } from '../../support/free-port.js'
import { ask, kill, type MemberAnswer, MemberProcesses } from './member-processes.js'
import { PROGRAM } from './run-journal.js'
import '../../support/silence.js'

const IDS = ['a', 'b', 'c'] as const

describe('a backup of the folders of journals', { timeout: 300_000 }, () => {
    const members = new MemberProcesses()
    const backupOf = (id: string): string => `${members.folderOf(id)}.backup`

    /** Copies the folder of a member that does not run. */
    function backUp(id: string): void {
        rmSync(backupOf(id), { recursive: true, force: true })
        execFileSync('cp', ['-a', members.folderOf(id), backupOf(id)])
    }

    /** Replaces the folder of a member by its backup. */
    function restore(id: string): void {
        rmSync(members.folderOf(id), { recursive: true })
        execFileSync('cp', ['-a', backupOf(id), members.folderOf(id)])
    }

    function adopt(id: string): void {
        const args = [PROGRAM, 'journal', 'adopt', '--only-copy', members.folderOf(id)]
        execFileSync(process.execPath, args, { env: withoutCoverage() })
    }

    function publish(id: string, value: string): Promise<MemberAnswer> {
        return ask(members.child(id), { publish: value })
    }

    async function values(id: string): Promise<readonly unknown[]> {
        return (await ask(members.child(id), {})).values
    }

    before(async () => {
        for (const id of IDS) {
            members.ports.set(id, await freePort())
        }
        await Promise.all(IDS.map((id) => members.start(id, IDS)))
        await publish('a', 'first')
        let { tolerance } = await ask(members.child('a'), {})
        while (!tolerance.endsWith('3 voting, tolerates 1')) {
            ({ tolerance } = await ask(members.child('a'), {}))
        }
    })

    after(() => members.end())

    test('brings a member back that has not run since, on another disk and address', async () => {
        await kill(members.child('c'))
        backUp('c')
        await publish('b', 'while c is away')
        restore('c')
        members.ports.set('c', await freePort())
        assert.match(await members.refusal('c'), /'journal-foreign'/)
        adopt('c')
        await members.start('c', null)
        assert.deepEqual(await values('c'), ['first', 'while c is away'])
        // With one of three members away, the others need the vote of c.
        await kill(members.child('a'))
        assert.equal((await publish('c', 'of c')).error, undefined)
        await members.start('a', null)
    })

    test('is refused for a member that has run since, and a newcomer takes its place', async () => {
        const { islandId } = await ask(members.child('b'), {})
        await kill(members.child('c'))
        backUp('c')
        await members.start('c', null)
        await publish('c', 'after the backup')
        await kill(members.child('c'))
        restore('c')
        assert.match(await members.refusal('c'), /'journal-foreign'/)
        rmSync(members.folderOf('c'), { recursive: true })
        await members.start('c', null)
        const answer = await ask(members.child('c'), {})
        assert.equal(answer.values.at(-1), 'after the backup')
        assert.equal(answer.islandId, islandId)
    })

    test('brings the republic back to the backup if all members are restored', async () => {
        const before = await values('c')
        for (const id of IDS) {
            await kill(members.child(id))
        }
        IDS.forEach(backUp)
        await Promise.all(IDS.map((id) => members.start(id, null)))
        await publish('a', 'lost by the restoration')
        for (const id of IDS) {
            await kill(members.child(id))
        }
        IDS.forEach(restore)
        for (const id of IDS) {
            assert.match(await members.refusal(id), /'journal-foreign'/)
        }
        IDS.forEach(adopt)
        await Promise.all(IDS.map((id) => members.start(id, null)))
        await publish('b', 'restored')
        for (const id of IDS) {
            assert.deepEqual(await values(id), [...before, 'restored'])
        }
    })
})
