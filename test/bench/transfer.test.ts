import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Household } from './household.js'
import { transfer } from './transfer.js'

const MIB = 1024 * 1024

/** What a process takes beyond what it had, at most. */
const LIMIT = 80 * MIB

describe('the transfer of a state larger than the memory limit', { timeout: 600_000 }, () => {
    for (const [count, size] of [[1, 256 * MIB], [3, 128 * MIB]] as const) {
        test(`reaches ${count} at once, and no process grows by its size`, async (context) => {
            await using household = new Household()
            const { source, newcomers } = await transfer(household, size, count)
            const grown = [source, ...newcomers].map((more) => Math.round(more / MIB))
            context.diagnostic(`MiB more: source ${grown[0]}, newcomers ${grown.slice(1)}`)
            assert.ok(grown.every((more) => more < LIMIT / MIB), `${grown} MiB more`)
        })
    }
})
