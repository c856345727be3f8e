import type { Journal } from '../../src/journal/journal.js'
import { MemoryJournal } from '../../src/journal/memory-journal.js'

/** A journal in memory, each flush of which takes so many milliseconds. */
export function timedJournal(flushMs: number): Journal {
    const journal = new MemoryJournal()
    const flush = journal.flush.bind(journal)
    journal.flush = async () => {
        await new Promise((resolve) => {
            setTimeout(resolve, flushMs)
        })
        return await flush()
    }
    return journal
}
