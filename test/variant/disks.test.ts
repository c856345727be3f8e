import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { JoinedHistory } from '../../src/replay/joined-history.js'
import { Replayer } from '../../src/replay/replayer.js'
import type { VariantChange } from '../../src/variant/variant.js'
import { end, foundRecorded } from '../support/recorded-pair.js'
import { type Tried, tryVariant } from './histories.js'

const PUBLISHES = 5

describe('a variant of members with journals', () => {
    const base = mkdtempSync(join(tmpdir(), 'kibitz-variant-'))
    let history: JoinedHistory

    before(async () => {
        const members = await foundRecorded('disks', base)
        for (let value = 0; value < PUBLISHES; value++) {
            await members[1].publish({ value })
        }
        for (const member of members) {
            await end(member)
        }
        history = await JoinedHistory.of(await Promise.all(['a', 'b'].map(async (id) =>
            await Replayer.from({ journal: join(base, id) }))))
    })
    after(() => rmSync(base, { recursive: true }))

    async function tried(change: VariantChange): Promise<Tried> {
        const lane = history.lanes.find(({ member }) => member === 'b')
        for await (const { number, played } of lane?.replayer.steps() ?? []) {
            if (played.method === 'publish') {
                return await tryVariant(history, { at: { member: 'b', number }, change })
            }
        }
        return assert.fail('b has published nothing')
    }

    test('commits: the disks answer', async () => {
        const { changed } = await tried({ kind: 'nothing' })
        assert.deepEqual(changed.gaps, [])
        assert.equal(changed.publishes.length, PUBLISHES)
        assert.ok(changed.publishes.every(({ promise }) => promise !== null))
    })

    test('elects a returning leader anew, as after a restart with a journal', async () => {
        const { changed, recordings } = await tried({ kind: 'crash', member: 'a', ms: 500 })
        const inputs = recordings.find(({ id }) => id === 'a')?.inputs ?? []
        assert.deepEqual(inputs.filter(({ method }) => method === 'revive')
            .map(({ body }) => Reflect.get(Object(body), 'disk')), [true])
        assert.ok(changed.governments.length > 0, 'a new government')
        assert.ok(changed.publishes.every(({ promise }) => promise !== null))
    })
})
