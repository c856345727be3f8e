import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { fuzz } from './fuzz.js'
import { revive, society } from './target.js'
import { state } from '../support/refusal.js'

describe('mutants', () => {
    test('change no state and cause no exception, 500,000 of them', (context) => {
        const fuzzed = fuzz(20_260_102, 500_000)
        context.diagnostic(JSON.stringify(fuzzed))
        for (const code of ['bad-id', 'bad-number', 'bad-text', 'broken-chain', 'mismatch',
            'missing-field', 'not-an-object', 'too-deep', 'too-large', 'too-long', 'too-many',
            'unknown-method', 'unknown-module', 'wrong-type']) {
            assert.ok(fuzzed.codes.includes(code), `nothing was rejected as ${code}`)
        }
        assert.ok(fuzzed.refused > 1000 && fuzzed.taken > 1000, 'too few mutants are sound')
    })

    test('change no state with frozen prototypes and without __proto__', () => {
        const alone = fileURLToPath(new URL('./alone.js', import.meta.url))
        const args = ['--disable-proto=delete', '--no-warnings', alone]
        const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
        assert.equal(status, 0, stderr)
        assert.equal(stdout, '50000 mutants\n')
    })

    test('would show in the compared state if a mutant changed the state', () => {
        const given = society()
        const kibitzer = revive(given, 'b')
        const before = state(kibitzer)
        assert.equal(state(revive(given, 'b')), before)
        kibitzer.naturalize()
        kibitzer.publish('one more')
        assert.notEqual(state(kibitzer), before)
    })
})
