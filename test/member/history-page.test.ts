import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { Page } from '../../src/member/history-page.js'
import type { LogEntry } from '../../src/paxos/messages/messages.js'

const PAGES = 100
const TEXT_LENGTH = 100

/** A full, packed page of texts. */
function packedPage(): Page {
    const page = new Page(0, '1/1', 0, 256)
    for (let number = 1; !page.isFull; number++) {
        const body = {
            id: 'a',
            cookie: number.toString(16),
            immigrated: '1/0',
            body: `${number}`.padEnd(TEXT_LENGTH)
        }
        const promise = `1/${number.toString(16)}`
        const previous = `1/${(number - 1).toString(16)}`
        const entry: LogEntry = { module: 'paxos', method: 'entry', promise, previous, body }
        page.push(Object.freeze(entry))
    }
    page.pack()
    return page
}

test('keeps no text of a packed page on the heap', () => {
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void
    const first = packedPage()
    collect()
    const before = process.memoryUsage().heapUsed
    const pages = Array.from({ length: PAGES }, packedPage)
    collect()
    const kept = process.memoryUsage().heapUsed - before
    const texts = PAGES * first.length * TEXT_LENGTH
    assert.ok(kept < texts / 4, `pages with ${texts} bytes of texts keep ${kept} bytes`)
    assert.deepEqual(pages.at(-1)?.entries(), first.entries())
})
