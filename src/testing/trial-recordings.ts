import { join } from 'node:path'
import type { Shifter } from 'procession'
import type { Colleague } from '../colleague/colleague.js'
import { FileJournal } from '../journal/file-journal.js'
import type { Journal } from '../journal/journal.js'
import type { Played } from '../member/inputs.js'
import { writePlayed } from '../member/record-encoding.js'

/** The inputs of a member in order, without a snapshot in place of the first ones. */
interface Sequence {
    readonly id: string
    readonly records: Uint8Array[]
    /** The inputs of a life without a journal that are not read yet. */
    readonly cursor: Shifter<Played> | null
}

/** The number of records between two flushes. */
const STRIDE = 1000

/**
 * Records the inputs of all members of a run, for the inspector. The recording does not change the
 * run: no call of a journal takes longer.
 */
export class TrialRecordings {
    readonly #sequences: Sequence[] = []

    /** Records a life without a journal. */
    follow(id: string, colleague: Colleague): void {
        const cursor = colleague.kibitzer.played.shifter()
        this.#sequences.push({ id, records: [], cursor })
    }

    /** Records everything that a journal stores. A later life continues the sequence. */
    listen(id: string, journal: FileJournal): FileJournal {
        const [open, append, setAside] = [journal.open.bind(journal),
            journal.append.bind(journal), journal.setAside.bind(journal)]
        let records: Uint8Array[] = []
        journal.open = (owner) => {
            const opening = open(owner)
            opening.then(({ last }) => {
                records = this.#continued(id, last)
            }, () => {})
            return opening
        }
        journal.append = (record) => {
            records.push(Uint8Array.from(record))
            return append(record)
        }
        journal.setAside = (mark) => {
            const moving = setAside(mark)
            moving.then((next: Journal) => this.listen(id, next as FileJournal), () => {})
            return moving
        }
        return journal
    }

    /** The records of a journal with so many records. Lost records are omitted. */
    #continued(id: string, last: number): Uint8Array[] {
        const before = this.#sequences.filter((one) => one.id === id).at(-1)
        if (last > 0 && before !== undefined) {
            before.records.length = Math.min(before.records.length, last)
            return before.records
        }
        const records: Uint8Array[] = []
        this.#sequences.push({ id, records, cursor: null })
        return records
    }

    /**
     * Writes a journal for each member into `journals`. If a member has begun with an empty disk
     * several times, the earlier journals go into `earlier`.
     */
    async write(folder: string): Promise<void> {
        for (const [index, { id, records, cursor }] of this.#sequences.entries()) {
            for (let played = cursor?.shift() ?? null; played !== null;
                played = cursor?.shift() ?? null) {
                records.push(writePlayed(played))
            }
            const isLast = !this.#sequences.slice(index + 1).some((later) => later.id === id)
            const place = isLast ? join('journals', id) : join('earlier', `${index}-${id}`)
            await writeJournal(join(folder, place), id, records)
        }
    }
}

async function writeJournal(
    folder: string, id: string, records: readonly Uint8Array[]
): Promise<void> {
    const journal = new FileJournal(folder)
    await journal.open(id)
    for (const [index, record] of records.entries()) {
        journal.append(record)
        if (index % STRIDE === STRIDE - 1) {
            await journal.flush()
        }
    }
    await journal.flush()
    await journal.close()
}
