import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { after, before, describe, test } from 'node:test'
import { RemoteJournal } from '../../src/inspect/live-journal.js'
import { recordingHandler } from '../../src/replay/recording-handler.js'
import { isRefusal } from '../support/refusal.js'

const SECRET = 'a secret of thirty-two characters'
const SEGMENT = '0000000000000001.journal'

interface Sent {
    readonly path?: string
    readonly method?: string
    readonly host?: string
    readonly headers?: Readonly<Record<string, string>>
}

async function send(
    server: Server, { path = '/', method = 'GET', host = '127.0.0.1', headers = {} }: Sent = {}
): Promise<{ status: number, body: Buffer }> {
    const { port } = server.address() as AddressInfo
    const sent = request({ host, port, path, method, headers, agent: false })
    sent.end()
    const [response] = await once(sent, 'response') as [IncomingMessage]
    return { status: response.statusCode ?? 0, body: await buffer(response) }
}

describe('the route of a recording', () => {
    const folder = mkdtempSync(join(tmpdir(), 'kibitz-route-'))
    const guarded = createServer(recordingHandler({ journal: folder, secret: SECRET }))
    const local = createServer(recordingHandler({ journal: folder }))
    before(async () => {
        for (const name of [SEGMENT, 'identity', 'manifest', 'passwords', 'hold.1.0']) {
            writeFileSync(join(folder, name), name.repeat(10))
        }
        for (const server of [guarded, local]) {
            await once(server.listen(0, '0.0.0.0'), 'listening')
        }
    })
    after(() => {
        for (const server of [guarded, local]) {
            server.closeAllConnections()
            server.close()
        }
        rmSync(folder, { recursive: true })
    })

    test('lists and serves the files of the journal alone', async () => {
        const { status, body } = await send(local)
        assert.equal(status, 200)
        const files = JSON.parse(body.toString()) as { name: string, size: number }[]
        assert.deepEqual(files.map(({ name }) => name), [SEGMENT, 'identity', 'manifest'])
        assert.equal(files[0]?.size, 10 * SEGMENT.length)
        const piece = await send(local, { path: `/?file=${SEGMENT}&from=5` })
        assert.equal(piece.body.toString(), SEGMENT.repeat(10).slice(5))
        for (const path of ['/?file=passwords', '/?file=hold.1.0', '/?file=../etc/passwd',
            `/?file=${SEGMENT}&from=-1`, `/?file=${SEGMENT}&from=x`, '/?file=', '//%',
            `/?file=..%2f${SEGMENT}`, '/?file=0000000000000009.journal']) {
            const { status: refused, body: text } = await send(local, { path })
            assert.ok(refused === 404 || path === '//%', `${path}: ${refused}`)
            assert.ok(!text.includes('passwordspasswords'))
        }
        assert.equal((await send(local, { method: 'POST' })).status, 405)
    })

    test('without a secret, answers callers on this machine alone', async (context) => {
        for (const headers of [{ host: 'evil.example' }, { 'x-forwarded-for': '10.0.0.1' },
            { forwarded: 'for=10.0.0.1' }, { via: '1.1 proxy' }]) {
            assert.equal((await send(local, { headers })).status, 403, JSON.stringify(headers))
        }
        const outside = Object.values(networkInterfaces()).flatMap((all = []) => all)
            .find(({ family, internal }) => family === 'IPv4' && !internal)?.address
        if (outside === undefined) {
            context.diagnostic('This machine has no address but loopback.')
            return
        }
        const { port } = local.address() as AddressInfo
        const headers = { host: `127.0.0.1:${port}` }
        assert.equal((await send(local, { host: outside, headers })).status, 403)
    })

    test('with a secret, demands the secret of everyone', async () => {
        const wrong = ['', 'Bearer', `Bearer ${SECRET}x`, SECRET, `Basic ${SECRET}`]
        for (const authorization of wrong) {
            const headers = authorization === '' ? {} : { authorization }
            const { status, body } = await send(guarded, { headers })
            assert.equal(status, 403, authorization)
            assert.ok(!body.includes('journal"'))
        }
        const headers = { authorization: `Bearer ${SECRET}`, host: 'member.example' }
        assert.equal((await send(guarded, { headers })).status, 200)
    })

    test('refuses options that protect nothing', () => {
        for (const options of [{}, { journal: '' }, { journal: folder, secret: 'short' },
            { journal: folder, secrets: SECRET }]) {
            assert.throws(() => recordingHandler(options as { journal: string }),
                isRefusal('invalid-argument'))
        }
    })

    test('a copy follows the files, and a hostile member writes no other file', async () => {
        const { port } = guarded.address() as AddressInfo
        const journal = await RemoteJournal.open(`http://127.0.0.1:${port}/`, SECRET)
        const copy = join(journal.folder, SEGMENT)
        assert.equal(readFileSync(copy, 'utf8'), SEGMENT.repeat(10))
        assert.equal(await journal.look(), false)
        writeFileSync(join(folder, SEGMENT), SEGMENT.repeat(11))
        assert.equal(await journal.look(), true)
        assert.equal(readFileSync(copy, 'utf8'), SEGMENT.repeat(11))
        const next = '0000000000000007.journal'
        writeFileSync(join(folder, next), 'next')
        rmSync(join(folder, SEGMENT))
        assert.equal(await journal.look(), true)
        assert.throws(() => readFileSync(copy))
        const copied = join(journal.folder, next)
        assert.equal(readFileSync(copied, 'utf8'), 'next')
        // Another journal, with a longer segment of the same name.
        writeFileSync(join(folder, next), 'other bytes')
        writeFileSync(join(folder, 'identity'), 'another one')
        assert.equal(await journal.look(), true)
        assert.equal(readFileSync(copied, 'utf8'), 'other bytes')
        await journal.close()
        await assert.rejects(RemoteJournal.open(`http://127.0.0.1:${port}/`, null),
            isRefusal('unreachable'))
        await assert.rejects(RemoteJournal.open('http://member.example/', SECRET),
            isRefusal('invalid-argument'))
        for (const answer of ['[{"name":"../x","size":1}]', '{', '[{"name":"identity","size":-1}]',
            `[${'1,'.repeat(1e6)}1]`]) {
            const hostile = createServer((_request, response) => response.end(answer))
            await once(hostile.listen(0, '127.0.0.1'), 'listening')
            const link = `http://127.0.0.1:${(hostile.address() as AddressInfo).port}/`
            await assert.rejects(RemoteJournal.open(link, null), isRefusal('unreachable'))
            hostile.closeAllConnections()
            hostile.close()
        }
    })
})
