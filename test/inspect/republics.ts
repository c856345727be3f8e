import { join } from 'node:path'
import { RecordedRepublic } from '../../src/inspect/recorded-republic.js'
import { FileJournal } from '../../src/journal/file-journal.js'
import { Inspector } from '../../src/inspect/inspector.js'
import { island, replayerOf } from '../replay/testimonies.js'
import type { Testimony } from '../replay/witness.js'
import type { Island } from '../support/island.js'
import { publishAll, settleSeats } from '../support/runs.js'

/** A text in every published value: no redacted answer contains the text. */
export const SECRET = '</script><img src=x onerror=alert(1)>\u202esecret'

/** The inspector of recordings. */
export async function inspectorOf(
    testimonies: readonly Testimony[], isRedacted = false
): Promise<Inspector> {
    const replayers = await Promise.all(testimonies.map((each) => replayerOf(each)))
    return new Inspector(await RecordedRepublic.join(replayers, isRedacted))
}

/** Journals with the inputs of recordings that begin with a birth, in a folder. */
export async function journalsOf(
    testimonies: readonly Testimony[], base: string
): Promise<readonly string[]> {
    return await Promise.all(testimonies.map(async ({ id, played }) => {
        const journal = new FileJournal(join(base, id))
        await journal.open(id)
        for (const input of played) {
            journal.append(Buffer.from(input))
        }
        await journal.flush()
        await journal.close()
        return join(base, id)
    }))
}

/** Every living member publishes a secret value. */
export function publishSecrets(land: Island, count: number): void {
    for (let value = 0; value < count; value++) {
        for (const { kibitzer } of land.residents) {
            kibitzer.publish({ value, secret: SECRET })
        }
    }
}

/** Three members whose leader is killed with publishes under way, and a newcomer. */
export function leaderKilled(): readonly Testimony[] {
    return island((land) => {
        settleSeats(land, ['a', 'b', 'c'])
        publishSecrets(land, 10)
        land.level()
        // The calls with the last value never arrive.
        land.fate = ({ from, to }) => (from === 'a' && to !== 'a' ? 'lost' : null)
        land.kibitzer('a').publish({ value: 'last', secret: SECRET })
        land.pass(400)
        land.crash('a')
        land.fate = () => null
        publishAll(land, 5)
        land.level()
        land.admit('d', 'b')
        publishAll(land, 3)
        land.level()
    })
}
