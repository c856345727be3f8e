import assert from 'node:assert/strict'
import { Platter } from './platter.js'
import { appendThrough, codeOf, journalOn, OWNER, reopen, state } from './records.js'

/** Several segments, a snapshot and records of several batches behind it. */
export async function written(): Promise<{ platter: Platter, end: () => Promise<void> }> {
    const platter = new Platter()
    const journal = journalOn(platter)
    await journal.open(OWNER)
    for (let through = 3; through <= 30; through += 3) {
        appendThrough(journal, through)
        await journal.flush()
        if (through === 18) {
            await journal.snapshot(16, state(16))
        }
    }
    return { platter, end: async () => await journal.close() }
}

/** A journal that was closed in order. */
export async function closed(): Promise<Platter> {
    const { platter, end } = await written()
    await end()
    return platter
}

/** A journal whose process was killed after the last flush. */
export async function killed(): Promise<Platter> {
    const { platter } = await written()
    platter.crash()
    return platter
}

const REFUSALS = new Set(['journal-damaged', 'journal-foreign', 'journal-version'])

/** Refused, by a code that says why, and left as it was. */
export async function assertRefused(platter: Platter, what: string): Promise<void> {
    const before = platter.paths().map((path) => platter.contents(path)?.toString('latin1'))
    const code = await codeOf(reopen(platter))
    assert.ok(typeof code === 'string' && REFUSALS.has(code), `${what}: ${String(code)}`)
    const after = platter.paths().map((path) => platter.contents(path)?.toString('latin1'))
    assert.deepEqual(after, before, `${what}: it was refused, and yet changed`)
}

/** The paths of its segments, in order. */
export function segmentsOf(platter: Platter): string[] {
    return platter.paths().filter((path) => path.endsWith('.journal'))
}

/** The path of its newest segment. */
export function newestOf(platter: Platter): string {
    return segmentsOf(platter).at(-1) ?? ''
}
