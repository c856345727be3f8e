import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { Colleague } from '../../../src/index.js'
import { FileJournal } from '../../../src/journal/file-journal.js'
import { Counter } from '../../colleague/counter.js'
import { Authority } from '../../transport/authority.js'
import { run } from './run-status.js'
import '../../support/silence.js'

const MEBIBYTE = Buffer.alloc(1024 * 1024, 32)

describe('kibitz status', { timeout: 120_000 }, () => {
    const folder = mkdtempSync(join(tmpdir(), 'kibitz-status-'))
    const members: Colleague<unknown, number>[] = []
    const urls: string[] = []

    before(async () => {
        for (const colleagueId of ['a', 'b', 'c']) {
            const colleague = new Colleague<unknown, number>({
                islandName: 'colours',
                colleagueId,
                application: new Counter(),
                journal: new FileJournal(join(folder, colleagueId))
            })
            colleague.ended.catch(() => {})
            members.push(colleague)
            const { properties } = await colleague.listen({ port: 0 })
            urls.push(String(properties['url']))
            const [through = ''] = urls
            await (urls.length === 1
                ? colleague.bootstrap()
                : colleague.join({ through: [through] }))
        }
        // The republic is whole when its command says so.
        for (let code: number | null = 1; code !== 0; ) {
            ({ code } = await run(...urls))
        }
    })

    after(async () => {
        for (const member of members) {
            member.destroy()
        }
        await Promise.allSettled(members.map(({ ended }) => ended))
        rmSync(folder, { recursive: true })
    })

    test('prints every member of the republic from the address of any', async () => {
        const { code, out, err } = await run(urls[1] ?? '')
        assert.equal(err, '')
        const [head = '', ...rows] = out.split('\n')
        assert.match(head, /^colours, run \d+, government [0-9a-f]+\/0, led by [abc], /)
        assert.match(head, /, protocol version 2$/)
        for (const id of ['a', 'b', 'c']) {
            const row = rows.find((line) => line.startsWith(`${id} `)) ?? ''
            assert.match(row, /^[abc] +(leader|majority|minority) +ready /)
            assert.match(row, / 1 to 2, journal 2 /)
        }
        assert.equal(code, 0)
    })

    test('prints JSON', async () => {
        const { code, out } = await run('--json', new URL(urls[0] ?? '').host)
        const { republic } = JSON.parse(out)
        assert.deepEqual(republic.members.map(({ id }: { id: string }) => id).sort(),
            ['a', 'b', 'c'])
        assert.equal(code, 0)
    })

    test('prints what a journal holds', async () => {
        const { code, out } = await run(join(folder, 'a'))
        assert.match(out, /^owner +a$/m)
        assert.match(out, /^version +2: a package of a lower version refuses the folder$/m)
        assert.equal(code, 0)
    })

    test('reads no more than the limit of an answer', async () => {
        let sent = 0
        const server = createServer((_request, response) => {
            const send = (): void => {
                while (!response.destroyed && sent < 2 ** 30 && response.write(MEBIBYTE)) {
                    sent += MEBIBYTE.length
                }
            }
            response.on('drain', send)
            send()
        })
        await once(server.listen(0, '127.0.0.1'), 'listening')
        const { port } = server.address() as AddressInfo
        const { code, out } = await run(`127.0.0.1:${port}`)
        server.close()
        server.closeAllConnections()
        assert.match(out, /: the answer is too long$/m)
        assert.equal(code, 3)
        assert.ok(sent < 2 ** 28, String(sent))
    })

    test('says why no member answers, by exit code 3', async () => {
        const { code, out } = await run('http://127.0.0.1:1')
        assert.match(out, /^No member answers\.\n {2}http:\/\/127\.0\.0\.1:1: /)
        assert.equal(code, 3)
    })

    test('says that an address needs TLS, and what to do, by exit code 3', async () => {
        const colleague = new Colleague<unknown, number>({
            islandName: 'colours',
            colleagueId: 's',
            islandId: 'republic',
            application: new Counter()
        })
        const { properties } = await colleague.listen({ tls: new Authority().issue('s'), port: 0 })
        await colleague.bootstrap()
        const addresses = [properties['url'], properties['tcp']].map(String)
        const { code, out } = await run(...addresses, 'https://127.0.0.1:1')
        const health = new URL('/health', addresses[0]).href
        for (const address of addresses) {
            assert.ok(out.includes(`  ${address}: the address ${health} needs TLS `
                + '(SELF_SIGNED_CERT_IN_CHAIN): pass a certificate of the republic by --ca, --cert '
                + 'and --key, or name the folder of the journal\n'), out)
        }
        assert.match(out, /^ {2}https:\/\/127\.0\.0\.1:1: (?!.*needs TLS)/m)
        assert.equal(code, 3)
        colleague.destroy()
        await colleague.ended
    })

    test('refuses wrong arguments by exit code 2', async () => {
        for (const args of [[], ['--colour', 'x']]) {
            const { code, err } = await run(...args)
            assert.match(err, /See kibitz status --help\.$/m)
            assert.equal(code, 2)
        }
    })

    test('names a silent member, by exit code 1', async () => {
        const [, , third] = members
        third?.destroy()
        await third?.ended
        const { code, out } = await run(urls[0] ?? '')
        assert.match(out, /^c +(leader|majority|minority) +ECONNREFUSED/m)
        assert.equal(code, 1)
    })
})
