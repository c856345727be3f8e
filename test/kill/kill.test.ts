import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { dice } from '../journal/dice.js'
import { persecute } from '../power/campaign.js'
import { Republic } from '../power/republic.js'

/** How often a process or more is killed here; `npm run kill -- --cycles N` goes on. */
const CYCLES = 100

test(`processes keep all they acknowledged, once, killed ${CYCLES} times`, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'kibitz-kill-'))
    try {
        await using republic = await Republic.found({ folder })
        const census = await persecute(republic, { cycles: CYCLES, random: dice(1) })
        for (const kind of [/^all, under load/, /^1, the leader/, /^2, /, /while coming back/]) {
            assert.ok(Object.keys(census).some((name) => kind.test(name)), JSON.stringify(census))
        }
        const { acked = 0, snapshot = 0 } = republic.ledger.counts
        assert.ok(acked > 20 * CYCLES && snapshot > CYCLES / 10, `${acked}, ${snapshot}`)
    } finally {
        rmSync(folder, { recursive: true })
    }
})
