import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type ClientRequest, request, type RequestOptions } from 'node:http'
import { text } from 'node:stream/consumers'
import { after, before, describe, test } from 'node:test'
import { InspectServer } from '../../src/inspect/inspect-server.js'
import { InspectError } from '../../src/inspect/recorded-republic.js'

/** A response with its body. */
interface Response {
    readonly status: number | undefined
    readonly body: string
    readonly headers: Readonly<Record<string, unknown>>
}

async function send(link: string, path: string, options: RequestOptions = {}): Promise<Response> {
    const url = new URL(link)
    const sent: ClientRequest = request({
        host: url.hostname, port: url.port, path, ...options
    })
    sent.end()
    const [response] = await once(sent, 'response') as [import('node:http').IncomingMessage]
    const { statusCode, headers } = response
    return { status: statusCode, body: await text(response), headers }
}

describe('the server of the inspector', () => {
    const server = new InspectServer({
        answer: async (question) => {
            if (question === 'fails') {
                throw new InspectError('No such place.')
            }
            return await Promise.resolve({ question })
        }
    }, { script: 'let script', style: 'style {}' })
    let link = ''
    let root = ''
    before(async () => {
        link = await server.listen(0)
        root = new URL(link).pathname
    })
    after(async () => await server.close())

    test('serves the page and answers questions under its token', async () => {
        assert.match(link, /^http:\/\/127\.0\.0\.1:\d+\/[0-9a-f]{32}\/$/)
        const page = await send(link, root)
        assert.equal(page.status, 200)
        const policy = String(page.headers['content-security-policy'])
        assert.match(policy, /default-src 'none'; script-src 'self'/)
        assert.ok(!policy.includes('unsafe'))
        assert.equal((await send(link, `${root}page.js`)).body, 'let script')
        assert.equal((await send(link, `${root}page.css`)).body, 'style {}')
        const { body } = await send(link, `${root}api/step?member=a`)
        assert.deepEqual(JSON.parse(body), { question: 'step?member=a' })
        const refused = await send(link, `${root}api/fails`)
        assert.equal(refused.status, 400)
        assert.deepEqual(JSON.parse(refused.body), { error: 'No such place.' })
    })

    test('answers no request without the token, to a foreign name, or to change', async () => {
        for (const path of ['/', '/api/overview', `/${'0'.repeat(32)}/`, '//', `${root}../`,
            `${root}page.js.map`, `${root}${'x'.repeat(5000)}`]) {
            assert.equal((await send(link, path)).status, 404, path)
        }
        const { port } = new URL(link)
        for (const host of ['evil.example', 'localhost', `evil.example:${port}`]) {
            const { status, body } = await send(link, root, { headers: { host } })
            assert.equal(status, 421, host)
            assert.ok(!body.includes('script'))
        }
        assert.equal((await send(link, root, { method: 'POST' })).status, 405)
    })
})
