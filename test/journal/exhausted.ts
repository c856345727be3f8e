import { closeSync, openSync, writeSync } from 'node:fs'
import { devNull } from 'node:os'
import { FileJournal } from '../../src/journal/file-journal.js'
import { appendThrough, state } from './records.js'

/*
 * A process without a free descriptor: the journal goes on to new segments and stores snapshots.
 * As soon as a descriptor becomes free, another part of the process takes the descriptor, as
 * sockets of strangers would.
 */

const [folder = ''] = process.argv.slice(2)

function exhaust(taken: number[]): void {
    try {
        for (;;) {
            taken.push(openSync(devNull, 'r'))
        }
    } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'EMFILE')) {
            throw error
        }
    }
}

const journal = new FileJournal(folder, { segmentSize: 4096 })
await journal.open('member-1')
// Standard output and the readers of modules are open by now.
writeSync(1, 'opened\n')
const taken: number[] = []
let isStealing = true
function steal(): void {
    exhaust(taken)
    if (isStealing) {
        setImmediate(steal)
    }
}
steal()
for (let round = 1; round <= 40; round++) {
    appendThrough(journal, journal.stat().last + 40)
    const stable = await journal.flush()
    if (round % 10 === 0) {
        await journal.snapshot(stable, state(stable))
    }
}
isStealing = false
const { last, stable, commits } = journal.stat()
for (const descriptor of taken) {
    closeSync(descriptor)
}
writeSync(1, `${JSON.stringify({ last, stable, commits, taken: taken.length })}\n`)
await journal.close()
