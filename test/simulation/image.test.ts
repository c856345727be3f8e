import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { DiskFile } from '../../src/journal/disk.js'
import { HEAD, SECTOR } from '../../src/journal/format.js'
import { Segment } from '../../src/journal/segment.js'
import { rejectTornWrite } from '../../src/journal/torn-write.js'
import { Dice } from '../../src/testing/dice.js'
import { BEGINNING, DAMAGES, Image, recordsIn, SEED } from './image.js'

/** A file in memory that is only read. */
function fileOf(bytes: Buffer): DiskFile {
    const refuse = (): Promise<never> => Promise.reject(new Error('It is only read.'))
    return {
        size: () => Promise.resolve(bytes.length),
        read: (into, at) => Promise.resolve(bytes.copy(into, 0, at, at + into.length)),
        write: refuse, truncate: refuse, sync: refuse, close: () => Promise.resolve()
    }
}

/** How many records the journal in files finds; `null` where it refuses. */
async function recordsInFile(
    { bytes, isPrepared }: Pick<Image, 'bytes' | 'isPrepared'>
): Promise<number | null> {
    const file = fileOf(bytes)
    const size = bytes.length
    const segment = new Segment(file, size, BEGINNING, SEED)
    let batch = await segment.next()
    while (batch !== null) {
        batch = await segment.next()
    }
    const { at, fault, position } = segment
    const tail = { file, at, position, size, isInUse: false, seed: SEED, mayBePrepared: isPrepared }
    return fault === null || await rejectTornWrite(tail) === null ? position.last : null
}

/** Some batches of some records of some size. */
function drawn(dice: Dice, isPrepared: boolean): Image {
    const image = new Image(isPrepared)
    for (let batches = 1 + dice.below(6); batches > 0; batches--) {
        image.write(Array.from({ length: 1 + dice.below(4) }, () => 'x'.repeat(dice.below(700))))
    }
    return image
}

describe('the bytes of a simulated disk', () => {
    it('are read with the same result as a FileJournal, torn or damaged', async () => {
        let [cut, refused, whole] = [0, 0, 0]
        for (let seed = 1; seed <= 800; seed++) {
            const dice = new Dice(seed, 'image')
            const image = drawn(dice, seed % 2 === 0)
            const before = recordsIn(image)
            if (dice.chance(0.5)) {
                image.tear(dice)
            } else {
                image.damage(dice.pick(DAMAGES), dice)
            }
            const found = recordsIn(image)
            assert.equal(found, await recordsInFile(image), `image ${seed}`)
            cut += found !== null && found !== before ? 1 : 0
            refused += found === null ? 1 : 0
            whole += found === before ? 1 : 0
        }
        assert.ok(cut > 50 && refused > 50 && whole > 10, `${cut} ${refused} ${whole}`)
    })

    for (const isPrepared of [false, true]) {
        const before = isPrepared ? ' before prepared space' : ''
        it(`are refused if a bit of any byte${before} is flipped`, () => {
            const image = drawn(new Dice(3, 'bits'), isPrepared)
            for (let at = HEAD; at < image.written().length; at++) {
                const bytes = Buffer.from(image.bytes)
                bytes.writeUInt8(bytes.readUInt8(at) ^ 1 << at % 8, at)
                assert.equal(recordsIn({ bytes, isPrepared }), null, `byte ${at}`)
            }
        })
    }

    it('are read with the same result as a FileJournal, cut off at any byte of the last batch',
        async () => {
            const image = drawn(new Dice(5, 'prefix'), true)
            const last = recordsIn(image)
            image.write(['x'.repeat(700), 'y'.repeat(900)])
            for (let at = image.lastAt; at < image.written().length; at++) {
                const cut = { bytes: Buffer.from(image.bytes).fill(0, at), isPrepared: true }
                const found = recordsIn(cut)
                assert.equal(await recordsInFile(cut), found, `byte ${at}`)
                assert.ok(found === last || (found === null && at % SECTOR !== 0), `byte ${at}`)
            }
        })
})
