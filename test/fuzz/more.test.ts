import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { fuzz } from './fuzz.js'
import { fuzzWire } from './wire.js'

const KEYS = [{ id: 'k1', secret: 'a secret that is long enough, really' }]

describe('more mutants', () => {
    test('change no state, 500,000 others', (context) => {
        context.diagnostic(JSON.stringify(fuzz(20_260_103, 500_000)))
    })

    for (const [name, transport, connections] of [
        ['10,000 requests over HTTP', 'http', 10_000],
        ['frames over TCP, on 3,000 connections', 'tcp', 3000]
    ] as const) {
        test(`change no state as ${name}`, async (context) => {
            const rejected = await fuzzWire({ transport, seed: 1, connections })
            context.diagnostic(JSON.stringify(rejected))
            for (const code of ['malformed', 'other-republic', 'missing-field', 'wrong-type']) {
                assert.ok(rejected[code] ?? 0, `nothing was rejected as ${code}`)
            }
        })
    }

    for (const transport of ['http', 'tcp'] as const) {
        test(`do not reach the guard over ${transport} under a key`, async () => {
            const connections = 1000
            const rejected = await fuzzWire({ transport, seed: 2, connections, keys: KEYS })
            assert.deepEqual(Object.keys(rejected).filter((code) => ![
                'malformed', 'misdirected', 'no-key', 'too-large', 'too-slow', 'unknown-key'
            ].includes(code)), [])
            assert.ok(rejected['no-key'] ?? 0)
        })
    }
})
