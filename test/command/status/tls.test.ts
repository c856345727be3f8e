import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { Colleague } from '../../../src/index.js'
import { Counter } from '../../colleague/counter.js'
import { Authority, DAY_MS } from '../../transport/authority.js'
import { run } from './run-status.js'
import '../../support/silence.js'

describe('kibitz status of members with TLS', { timeout: 120_000 }, () => {
    const authority = new Authority()
    const folder = mkdtempSync(join(tmpdir(), 'kibitz-status-tls-'))
    const colleague = new Colleague<unknown, number>({
        islandName: 'colours', colleagueId: 'a', application: new Counter()
    })
    let url = ''

    /** The options that show a certificate of an authority. */
    function shown(by: Authority): readonly string[] {
        const { ca, cert, key } = by.issue('operator', { uris: ['kibitz://run/operator'] })
        return Object.entries({ ca, cert, key }).flatMap(([name, pem]) => {
            const path = join(folder, `${name}.pem`)
            writeFileSync(path, pem)
            return [`--${name}`, path]
        })
    }

    before(async () => {
        const tls = authority.issue('a', { uris: ['kibitz://run/a'], endsIn: 30.5 * DAY_MS })
        const { properties } = await colleague.listen({ port: 0, tls })
        url = String(properties['url'])
        await colleague.bootstrap({ islandId: 'run' })
    })

    after(async () => {
        colleague.destroy()
        await colleague.ended
        rmSync(folder, { recursive: true })
    })

    test('shows the republic, and the days that are left of each certificate', async () => {
        const { code, out } = await run(...shown(authority), url)
        assert.match(out, /^a +leader +ready .* \d{4}-\d\d-\d\d, 30 days left +https:/m)
        assert.equal(code, 1, 'a single member may not be lost')
    })

    test('says that the address needs a certificate, or another one', async () => {
        const without = await run(url)
        assert.match(without.out, /needs TLS \(.*\): pass a certificate of the republic by --ca, /)
        const foreign = await run(...shown(new Authority()), url)
        assert.match(foreign.out, /needs TLS \(.*\): pass another certificate by --ca, --cert and /)
        assert.deepEqual([without.code, foreign.code], [3, 3])
    })

    test('refuses half a certificate, and files that are none', async () => {
        const half = await run('--ca', 'x', url)
        assert.match(half.err, /Pass --ca, --cert and --key together\. See kibitz status --help/)
        const missing = await run('--ca', 'x', '--cert', 'x', '--key', 'x', url)
        assert.match(missing.err, /ENOENT/)
        const [, ca = ''] = shown(authority)
        const wrong = await run('--ca', ca, '--cert', ca, '--key', ca, url)
        assert.match(wrong.err, /The certificates are not usable: /)
        assert.deepEqual([half.code, missing.code, wrong.code], [2, 2, 2])
    })
})
