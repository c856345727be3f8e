import { KibitzError } from '../../base/errors.js'
import { Replayer } from '../../replay/replayer.js'

/** Opens a journal. A damaged one is replayed up to its damage. */
export async function openRecording(journal: string): Promise<Replayer> {
    return await Replayer.from({ journal }, { untilDamage: true, checkpointsAhead: false })
}

/** The damages that have ended recordings, in words; empty without damage. */
function damagesOf(replayers: readonly Replayer[]): string {
    return replayers.flatMap(({ id, last, damage }) => (damage === null
        ? []
        : [`The recording of ${id} ends with record ${last}. ${damage.message}`])).join(' ')
}

/** Throws the damages that have ended recordings, after the parts before these were printed. */
export function rejectDamage(...replayers: readonly Replayer[]): void {
    const damages = damagesOf(replayers)
    if (damages !== '') {
        throw new KibitzError('journal-damaged', damages)
    }
}

/** Adds the damages of the recordings to the error of work on the parts before these. */
export function withDamage(error: unknown, replayers: readonly Replayer[]): unknown {
    const damages = damagesOf(replayers)
    return error instanceof KibitzError && damages !== ''
        ? new KibitzError(error.code, `${error.message} ${damages}`, { cause: error })
        : error
}
