import { KibitzError, rejectArgument } from '../base/errors.js'
import { Monotonic } from '../base/monotonic.js'
import type { LogEntry } from '../paxos/messages/messages.js'
import { readJournal } from '../replay/journal-recording.js'
import { LongWork } from '../replay/long-work.js'
import { REPLAY_DEFAULTS, type ReplaySource } from '../replay/options.js'
import { applyInput, beginMember, readInput, type Recording, rejectPlace }
    from '../replay/recording.js'
import { readSource } from '../replay/source.js'
import type { LogStep } from './comparison.js'

/** The log of a recorded member, for its application. */
export interface RecordedLog {
    readonly log: readonly LogStep[]
    /** The state of the application before the first step; `null` for a new application. */
    readonly start: Buffer | null
    /** The last entry in `start`. */
    readonly startsAfter: Monotonic
}

/** A step for the application; `null` for an entry without a value. */
function stepOf(entry: LogEntry): LogStep | null {
    if (entry.method === 'government') {
        return { government: entry.government, change: entry.body }
    }
    const { promise, body: { id, immigrated, body } } = entry
    return body === null ? null
        : { entry: Object.freeze({ promise, publisher: id, immigrated, body }) }
}

/** The entries of a recorded member. */
interface Delivered {
    readonly entries: readonly LogEntry[]
    /** The last committed entry before the first input. */
    readonly committed: Monotonic
}

/** The entries that a recorded member has delivered, in order. */
async function entriesOf(recording: Recording, work: LongWork): Promise<Delivered> {
    const member = beginMember(recording)
    const { committed } = member.inspect()
    const entries: LogEntry[] = [...member.history()]
    for (const [index, input] of recording.inputs.entries()) {
        const number = recording.first + index
        const played = readInput(number, input, member)
        rejectPlace(number, played, recording)
        for (const entry of applyInput(number, () => member.advance(played))) {
            entries.push(entry)
        }
        if (work.isDue) {
            await work.pause()
        }
    }
    return { entries, committed }
}

async function readParts(
    { journal, ...source }: ReplaySource, sizeMax: number, work: LongWork
): Promise<Awaited<ReturnType<typeof readJournal>>> {
    if (journal === undefined) {
        return { recording: await readSource(source, sizeMax, work), kept: null }
    }
    return await readJournal(journal, {
        sizeMax, check: () => work.check(), onBytes: () => {}, keepsState: true
    })
}

/**
 * Reads the log of a member from its journal or its recording.
 *
 * @param state The state of the application before the recording, if no journal has the state.
 * @throws KibitzError `invalid-argument`, `too-large`, `journal-damaged`, `journal-version`,
 * `aborted`.
 */
export async function readLog(
    source: ReplaySource, state: Buffer | null, signal: AbortSignal | null,
    sizeMax: number = REPLAY_DEFAULTS.sizeMax
): Promise<RecordedLog> {
    const work = new LongWork('The replay', { signal })
    const { recording, kept } = await readParts(source, sizeMax, work)
    const { entries: delivered, committed } = await entriesOf(recording, work)
    const startsAfter = kept?.promise ?? (state === null ? '0/0' : committed)
    const entries = [...kept?.forgotten ?? [], ...delivered]
        .filter(({ promise }) => Monotonic.compare(promise, startsAfter) > 0)
    const [first] = entries
    if (first === undefined) {
        rejectArgument('The recording has no entry of the log: there is nothing to replay.')
    }
    if (kept === null && state === null && first.previous !== '0/0') {
        throw new KibitzError('invalid-argument', `The recording begins after entry ${
            first.previous}, and has no state of the application as of that entry. Nothing was `
            + 'done; pass the state as the option state, or the journal of another member.')
    }
    const log = entries.flatMap((entry) => stepOf(entry) ?? [])
    return { log, start: kept?.state ?? state, startsAfter }
}
