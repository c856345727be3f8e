import { KibitzError, rejectArgument } from '../base/errors.js'
import { readOptions } from '../base/option-table.js'
import { readFolder } from './journal-recording.js'
import type { LongWork } from './long-work.js'
import { REPLAY_SOURCE, type ReplaySource } from './options.js'
import { type RecordedInput, type Recording, sizeOfInput } from './recording.js'

/** Copies the inputs of a recording. */
async function collect(
    inputs: NonNullable<ReplaySource['recording']>, sizeMax: number, work: LongWork
): Promise<readonly RecordedInput[]> {
    const all: RecordedInput[] = []
    let size = 0
    for await (const input of inputs) {
        if (input === '' && size !== 0) {
            // The last line of a file is empty.
            continue
        }
        size += sizeOfInput(input)
        if (size > sizeMax) {
            throw new KibitzError('too-large', `The recording has more than ${sizeMax} bytes. `
                + 'Nothing was changed; pass a larger sizeMax.')
        }
        all.push(input)
        if (work.isDue) {
            work.report(size, size, 'bytes')
            await work.pause()
        }
    }
    return all
}

/**
 * Reads a source into memory.
 *
 * @param untilDamage Whether a damaged journal is read up to the damage. @default false
 * @throws KibitzError `invalid-argument`, `too-large`, `aborted`, `journal-damaged`,
 * `journal-version`.
 */
export async function readSource(
    given: ReplaySource, sizeMax: number, work: LongWork, untilDamage: boolean = false
): Promise<Recording> {
    const source = readOptions('the source of a replay', given, REPLAY_SOURCE)
    const { journal, recording, state } = source
    work.check()
    if (journal !== undefined) {
        if (recording !== undefined || state !== undefined) {
            rejectArgument('A journal holds its own state and inputs: pass journal alone.')
        }
        const read = await readFolder(journal, {
            sizeMax, untilDamage,
            check: () => work.check(),
            onBytes: (done, of) => {
                if (work.isDue || done === of) {
                    work.report(done, of, 'bytes')
                }
            }
        })
        work.check()
        return read
    }
    if (recording === undefined && state === undefined) {
        rejectArgument('A replay needs a journal, a recording or a state.')
    }
    const inputs = await collect(recording ?? [], sizeMax, work)
    return { id: null, first: 1, inputs, start: state ?? null }
}
