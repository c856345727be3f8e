import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Entry } from 'prolific.logger'
import type {
    CertificateExpiry, CertificateFault
} from '../../../src/transport/security/certificate-findings.js'
import { Colleague } from '../../../src/colleague/colleague.js'
import { Kibitzer } from '../../../src/member/kibitzer.js'
import { Certificates, type TlsOptions } from '../../../src/transport/security/certificates.js'
import { connectHttp, listenHttp } from '../../../src/transport/http/http.js'
import { connectTcp, listenTcp } from '../../../src/transport/tcp/tcp.js'
import { Authority, DAY_MS, type Oddity } from '../authority.js'
import { FakeKibitzer, envelope } from '../../../src/transport/conformance/fake-kibitzer.js'
import { listen } from '../../support/log-lines.js'
import '../../support/silence.js'

const authority = new Authority()
const aging = new Authority(3 * DAY_MS)
const PATIENCE = { callTimeout: 10_000 }

const TRANSPORTS = {
    https: { listen: listenHttp, connect: connectHttp },
    'tcp with TLS': { listen: listenTcp, connect: connectTcp }
} as const

/** A state of a certificate of member `a`, and its effects. */
interface State {
    readonly tls: TlsOptions
    readonly faults: readonly CertificateFault[]
    /** Whether a peer refuses the member as a caller, and as a callee. */
    readonly refused: readonly [asCaller: boolean, asCallee: boolean]
}

function odd(
    oddity: Oddity,
    faults: readonly CertificateFault[],
    refused: State['refused'] = [true, true]
): State {
    return { tls: authority.issue('a', oddity), faults, refused }
}

const foreign = new Authority().issue('a')

const STATES: Readonly<Record<string, State>> = {
    'is sound': odd({}, [], [false, false]),
    'is sound and allows both uses':
        odd({ usages: ['clientAuth', 'serverAuth'] }, [], [false, false]),
    'ends in three days': odd({ endsIn: 3 * DAY_MS }, ['ends-soon'], [false, false]),
    'ends in eight days': odd({ endsIn: 8 * DAY_MS }, [], [false, false]),
    'has ended': odd({ endsIn: -1000 }, ['ended']),
    'begins tomorrow': odd({ beginsIn: DAY_MS }, ['not-begun']),
    'allows servers only': odd({ usages: ['serverAuth'] }, ['lacks-usage'], [true, false]),
    'allows clients only': odd({ usages: ['clientAuth'] }, ['lacks-usage'], [false, true]),
    'allows only uses that TLS does not know': odd({ usages: ['any'] }, ['lacks-usage']),
    'does not allow signatures': odd({ signs: false }, ['lacks-usage'], [true, false]),
    'has ended and does not allow signatures':
        odd({ signs: false, endsIn: -1 }, ['ended', 'lacks-usage']),
    'names another member':
        odd({ uris: ['kibitz://republic/b'] }, ['other-member'], [false, false]),
    'names another republic': odd({ uris: ['kibitz://other/a'] }, ['other-member'], [false, false]),
    'is of another authority':
        { tls: { ...foreign, ca: authority.ca }, faults: ['other-authority'],
            refused: [true, true] },
    'is of an authority that ends in three days':
        { tls: aging.issue('a'), faults: ['ends-soon'], refused: [false, false] }
}

function expiryOf(kibitzer: Kibitzer): CertificateExpiry {
    const { certificateExpiry } = kibitzer.status()
    assert.ok(certificateExpiry !== null)
    return certificateExpiry
}

function linesOf(lines: readonly Entry[]): unknown[] {
    return lines.filter(({ name }) => name === 'certificate').map(({ level, fault }) => {
        return [level, fault]
    })
}

/** The certificate of a member that trusts every authority of these tests. */
const good = { ...authority.issue('b'), ca: [authority.ca, aging.ca] }

for (const [name, transport] of Object.entries(TRANSPORTS)) {
    describe(`a member over ${name} whose certificate`, () => {
        for (const [what, { tls, faults, refused }] of Object.entries(STATES)) {
            test(`${what} reports ${faults.join(' and ') || 'nothing'}`, async (context) => {
                const lines = listen(context)
                const kibitzer = new Kibitzer({ id: 'a' })
                context.after(() => kibitzer.destroy())
                const { url, close } = await transport.listen(kibitzer, { tls })
                kibitzer.listen()
                kibitzer.bootstrap('republic', { url })
                const found = kibitzer.status().certificates
                assert.deepEqual(found.map(({ fault }) => fault), faults)
                for (const { fault, text, subject, endsAt } of found) {
                    assert.match(text, /^The certificate CN=.*Replace the certificate/)
                    assert.ok(text.includes(subject))
                    assert.equal(endsAt < Date.now(), fault === 'ended' || what.startsWith('has e'))
                }
                assert.deepEqual(linesOf(lines), faults.map((fault) => {
                    return [fault === 'ends-soon' ? 'warn' : 'error', fault]
                }))
                await close()
                assert.deepEqual(kibitzer.status().certificates, [])
            })

            test(`${what} is ${refused.join()} refused as caller and callee`, async (context) => {
                const wrong = { ...tls, ca: good.ca }
                const ask = async (caller: TlsOptions, callee: TlsOptions): Promise<unknown> => {
                    const [asking, asked] = [new FakeKibitzer('asking'), new FakeKibitzer('asked')]
                    const listener = await transport.listen(asked, { ...PATIENCE, tls: callee })
                    context.after(() => listener.close())
                    const options = { ...PATIENCE, connectTimeout: 10_000, tls: caller }
                    context.after(transport.connect(asking, options))
                    return await asking.call(envelope(listener))
                }
                const answers = [await ask(wrong, good), await ask(good, wrong)]
                assert.deepEqual(answers.map((answer) => answer === null), refused)
            })
        }

        test('changes reports the defects of the new certificate, once', async (context) => {
            const lines = listen(context)
            const kibitzer = new Kibitzer({ id: 'a' })
            context.after(() => kibitzer.destroy())
            const certificates = new Certificates(authority.issue('a', { endsIn: 2 * DAY_MS }))
            const { close } = await transport.listen(kibitzer, { tls: certificates })
            const faults = (): unknown => kibitzer.status().certificates.map(({ fault }) => fault)
            assert.deepEqual(faults(), ['ends-soon'])
            certificates.replace(authority.issue('a'))
            assert.deepEqual(faults(), [])
            const odd = authority.issue('a', { usages: ['serverAuth'] })
            certificates.replace(odd)
            certificates.replace(odd)
            assert.deepEqual(faults(), ['lacks-usage'])
            kibitzer.bootstrap('republic', {})
            assert.deepEqual(linesOf(lines), [['warn', 'ends-soon'], ['error', 'lacks-usage']])
            await close()
        })

        test('shows the first end of a certificate, of its own and of its authority', async (t) => {
            const kibitzer = new Kibitzer({ id: 'a' })
            t.after(() => kibitzer.destroy())
            assert.equal(kibitzer.status().certificateExpiry, null)
            const certificates = new Certificates(authority.issue('a', { endsIn: 30.5 * DAY_MS }))
            const { close } = await transport.listen(kibitzer, { tls: certificates })
            const { subject, endsAt, date, daysLeft } = expiryOf(kibitzer)
            assert.deepEqual([subject, daysLeft], ['CN=a', 30])
            assert.equal(new Date(endsAt).toISOString(), date)
            assert.ok(Math.abs(endsAt - Date.now() - 30.5 * DAY_MS) < DAY_MS / 4, date)
            certificates.replace(new Authority(10.5 * DAY_MS).issue('a'))
            assert.equal(expiryOf(kibitzer).daysLeft, 10)
            assert.match(expiryOf(kibitzer).subject, /^CN=authority /)
            certificates.replace(authority.issue('a', { endsIn: -DAY_MS / 2 }))
            assert.equal(expiryOf(kibitzer).daysLeft, -1)
            assert.equal(expiryOf(kibitzer).subject, 'CN=a')
            await close()
            assert.equal(kibitzer.status().certificateExpiry, null)
        })

        test('serves calls only needs no use as a server', (context) => {
            const kibitzer = new Kibitzer({ id: 'a' })
            context.after(() => kibitzer.destroy())
            const tls = authority.issue('a', { usages: ['clientAuth'] })
            const disconnect = transport.connect(kibitzer, { tls })
            assert.deepEqual(kibitzer.status().certificates, [])
            disconnect()
            transport.connect(kibitzer, { tls: authority.issue('b') })
            assert.equal(kibitzer.status().certificates.length, 1)
        })
    })
}

test('the health of a Colleague reports the defects of its certificate', async (context) => {
    const application = { apply: () => null, snapshot: () => '', restore: async () => {} }
    const colleague = new Colleague({ islandName: 'i', colleagueId: 'a', application })
    context.after(async () => {
        colleague.destroy()
        await colleague.ended
    })
    await colleague.listen({ tls: authority.issue('a', { endsIn: 3 * DAY_MS }) })
    const { certificates, certificateExpiry } = await colleague.health()
    assert.deepEqual(certificates.map(({ fault }) => fault), ['ends-soon'])
    assert.equal(certificateExpiry?.daysLeft, 2)
})
