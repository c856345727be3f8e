import { type Platter, systemError } from './platter.js'
import { appendThrough, journalOn, OWNER, record, state } from './records.js'

/** What a process was told before it ended. */
export interface Told {
    /** The last record that was appended. */
    appended: number
    /** The last record reported as stable, or found when the journal was opened. */
    stable: number
    /** The snapshot that resolved last, or was found. */
    snapshot: number
    /** The snapshot that was last asked for. */
    wanted: number
}

/** How much happens in a life. */
export interface Pace {
    readonly rounds: number
    /** Whether it goes on while a snapshot is written. */
    readonly isBusy: boolean
}

/**
 * The life of a process that has a journal: it opens it, appends, flushes, writes snapshots, and
 * closes it. Whatever is told goes into `told` at once, so that it is known however the life ends.
 */
export async function live(platter: Platter, told: Told, pace: Pace): Promise<void> {
    const journal = journalOn(platter)
    const { first, last } = await journal.open(OWNER)
    told.stable = Math.max(told.stable, last)
    told.appended = last
    told.snapshot = first - 1
    told.wanted = told.snapshot
    let replacing: Promise<void> = Promise.resolve()
    for (let round = 1; round <= pace.rounds; round++) {
        told.appended = journal.stat().last + 1 + (round * 5) % 13
        appendThrough(journal, told.appended)
        const flushed = journal.flush()
        // These go with the next batch.
        journal.append(record(++told.appended))
        told.stable = await flushed
        told.stable = await journal.flush()
        if (round % 3 === 0) {
            await replacing
            const through = told.stable - round % 5
            told.wanted = through
            replacing = journal.snapshot(through, state(through)).then(() => {
                told.snapshot = through
            })
            // It is waited for below; a journal that fails meanwhile ends this life earlier.
            replacing.catch(() => {})
            await (pace.isBusy ? null : replacing)
        }
    }
    await replacing
    await journal.close()
}

/** Kills the user of a disk at the n-th call from now on; `null` for never. */
export function killAt(platter: Platter, count: number | null): void {
    const index = count === null ? null : platter.calls + count
    platter.onCall = (call) => {
        if (call.index === index) {
            platter.onCall = () => {}
            platter.crash()
            throw systemError('ESHUTDOWN')
        }
    }
}

/** A life that may end before its time; what was told counts all the same. */
export async function liveUntilKilled(
    platter: Platter, told: Told, pace: Pace
): Promise<unknown> {
    try {
        await live(platter, told, pace)
        return null
    } catch (error) {
        return error
    }
}

/** What nobody was told anything knows. */
export function nothingTold(): Told {
    return { appended: 0, stable: 0, snapshot: 0, wanted: 0 }
}
