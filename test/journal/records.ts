import { FileJournal, type FileJournalOptions } from '../../src/journal/file-journal.js'
import type { Holdings } from '../../src/journal/journal.js'
import type { Platter } from './platter.js'

/** Where simulated journals stand. */
export const FOLDER = '/journal'

/** Whose they are. */
export const OWNER = 'member-1'

/** The bytes of a record: of some length of its own, and never zero, as JSON is. */
export function record(number: number): Buffer {
    return Buffer.from(`${number}:`.padEnd(10 + (number * 37) % 190, 'x'))
}

/** A journal that prepares space from its first write on. */
export class PreparingJournal extends FileJournal {
    override async open(owner: string): Promise<Holdings> {
        const holdings = await super.open(owner)
        this.prepareSpace()
        return holdings
    }
}

/** A journal on a simulated disk, not yet open. */
export function journalOn(platter: Platter, options: FileJournalOptions = {}): FileJournal {
    return new PreparingJournal(FOLDER, { segmentSize: 1024, ...options, disk: platter.disk() })
}

/** Appends records through a number, without flushing them. */
export function appendThrough(journal: FileJournal, through: number): void {
    for (let { last } = journal.stat(); last < through; last++) {
        journal.append(record(last + 1))
    }
}

/** The code of what a promise rejects with, `null` where it does not. */
export async function codeOf(promise: Promise<unknown>): Promise<unknown> {
    try {
        await promise
        return null
    } catch (error) {
        return error instanceof Error && 'code' in error ? error.code : error
    }
}

/** What a journal holds, as far as it was opened. */
export interface Held {
    readonly state: string | null
    readonly first: number
    readonly last: number
}

/**
 * Reads a journal that is open from end to end.
 *
 * @throws Error where a record is not the one of its number.
 */
export async function readAll(journal: FileJournal): Promise<Held> {
    const { first, last, snapshot } = journal.stat()
    let number = first
    for await (const bytes of journal.read(first)) {
        if (!record(number).equals(bytes)) {
            throw new Error(`Record ${number} is ${Buffer.from(bytes).toString('latin1')}.`)
        }
        number++
    }
    if (number !== last + 1) {
        throw new Error(`There are ${number - first} records from ${first} to ${last}.`)
    }
    const pieces: Uint8Array[] = []
    for await (const piece of journal.readSnapshot()) {
        pieces.push(piece)
    }
    return { state: snapshot === null ? null : Buffer.concat(pieces).toString(), first, last }
}

/** Opens what a disk has, reads all of it, and closes it. */
export async function reopen(platter: Platter, owner: string = OWNER): Promise<Held> {
    const journal = journalOn(platter)
    await journal.open(owner)
    try {
        return await readAll(journal)
    } finally {
        await journal.close()
    }
}

/** The state that stands for all records through a number. */
export function state(through: number): Buffer[] {
    return ['state ', 'through ', String(through).padEnd(700, 's')].map((text) => Buffer.from(text))
}
