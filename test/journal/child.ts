import { writeSync } from 'node:fs'
import { FileJournal } from '../../src/journal/file-journal.js'
import { appendThrough, readAll, state } from './records.js'

/** What a process with a journal says on standard output, one line of JSON each. */
export type Said =
    | { readonly opened: { readonly first: number, readonly last: number, readonly ok: boolean } }
    | { readonly stable: number }
    | { readonly snapshot: number }
    | { readonly refused: unknown, readonly message: string }

function say(said: Said): void {
    // What a process has written into a pipe stays there when it is killed.
    writeSync(1, `${JSON.stringify(said)}\n`)
}

/** Opens the journal of a folder, checks the records, and appends until a SIGKILL. */
async function append(folder: string, owner: string): Promise<void> {
    const journal = new FileJournal(folder, { segmentSize: 32 * 1024 })
    await journal.open(owner)
    journal.prepareSpace()
    const { first, last, state: found } = await readAll(journal)
    const expected = first === 1 ? null : Buffer.concat(state(first - 1)).toString()
    say({ opened: { first, last, ok: found === expected } })
    let replacing: Promise<void> | null = null
    for (let round = 1; ; round++) {
        appendThrough(journal, journal.stat().last + 1 + (round * 7) % 60)
        const stable = await journal.flush()
        say({ stable })
        if (round % 16 === 0) {
            await replacing
            replacing = journal.snapshot(stable, state(stable)).then(() => {
                say({ snapshot: stable })
            })
        }
    }
}

/** Opens the journal of a folder, and keeps it as long as standard input is open. */
async function hold(folder: string, owner: string): Promise<void> {
    const journal = new FileJournal(folder)
    try {
        await journal.open(owner)
    } catch (error) {
        const code: unknown = error instanceof Error && 'code' in error ? error.code : null
        say({ refused: code, message: String(error) })
        return
    }
    const { first, last } = journal.stat()
    say({ opened: { first, last, ok: true } })
    process.stdin.on('end', () => void journal.close())
    process.stdin.resume()
}

/** Appends large records until the disk is full, and says what was told. */
async function fill(folder: string, owner: string): Promise<void> {
    const journal = new FileJournal(folder)
    const { first, last } = await journal.open(owner)
    say({ opened: { first, last, ok: true } })
    try {
        for (;;) {
            appendThrough(journal, journal.stat().last + 500)
            say({ stable: await journal.flush() })
        }
    } catch (error) {
        const code: unknown = error instanceof Error && 'code' in error ? error.code : null
        say({ refused: code, message: String(error) })
    }
    await journal.close()
}

const [mode = '', folder = '', owner = ''] = process.argv.slice(2)
const modes: Readonly<Record<string, typeof append>> = { append, hold, fill }
await modes[mode]?.(folder, owner)
