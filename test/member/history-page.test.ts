import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { MemoryBlocks } from '../../src/member/memory-blocks.js'
import { entriesOf, Page } from '../../src/member/history-page.js'
import type { LogEntry } from '../../src/paxos/messages/messages.js'

const PAGES = 100
const TEXT_LENGTH = 100

/** A full, packed page of texts that begin with a letter. */
function packedPage(blocks: MemoryBlocks = new MemoryBlocks(), letter: string = 'a'): Page {
    const page = new Page(0, '1/1', 0, 256)
    for (let number = 1; !page.isFull; number++) {
        const body = {
            id: 'a',
            cookie: number.toString(16),
            immigrated: '1/0',
            body: `${letter}${number}`.padEnd(TEXT_LENGTH)
        }
        const promise = `1/${number.toString(16)}`
        const previous = `1/${(number - 1).toString(16)}`
        const entry: LogEntry = { module: 'paxos', method: 'entry', promise, previous, body }
        page.push(Object.freeze(entry))
    }
    page.pack(blocks)
    return page
}

test('keeps no text of a packed page on the heap', () => {
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void
    const first = packedPage()
    collect()
    const before = process.memoryUsage().heapUsed
    const pages = Array.from({ length: PAGES }, () => packedPage())
    collect()
    const kept = process.memoryUsage().heapUsed - before
    const texts = PAGES * first.length * TEXT_LENGTH
    assert.ok(kept < texts / 4, `pages with ${texts} bytes of texts keep ${kept} bytes`)
    assert.deepEqual(pages.at(-1)?.entries(), first.entries())
})

test('tells the same sizes after the packing', () => {
    const page = new Page(0, '1/1', 1000, 4)
    const body = { id: 'a', cookie: '1', immigrated: '1/0' }
    for (const value of ['text', 7, 'é', { list: [1, 'two'] }]) {
        const entry = { module: 'paxos', method: 'entry', promise: '1/1', previous: '1/0' } as const
        page.push(Object.freeze({ ...entry, body: { ...body, body: value } }))
    }
    const sizes = [0, 1, 2, 3, 4].map((index) => page.sizeUpTo(index))
    page.pack(new MemoryBlocks())
    assert.deepEqual([0, 1, 2, 3, 4].map((index) => page.sizeUpTo(index)), sizes)
    assert.deepEqual(sizes, [1000, 1000 + 96 + 6, 1000 + 192 + 7, 1000 + 288 + 10,
        1000 + 384 + 10 + '{"list":[1,"two"]}'.length])
})

test('takes the memory of a forgotten page for the next page', () => {
    const blocks = new MemoryBlocks()
    const first = packedPage(blocks)
    first.forget(blocks)
    const before = process.memoryUsage().arrayBuffers
    for (let count = 0; count < PAGES; count++) {
        const page = packedPage(blocks)
        assert.equal(page.entries().length, page.length)
        page.forget(blocks)
    }
    assert.equal(process.memoryUsage().arrayBuffers, before)
})

test('keeps the entries of a page for an iteration, also after the page is forgotten', () => {
    const blocks = new MemoryBlocks()
    const page = packedPage(blocks)
    const entries = entriesOf([page], 1, 3)
    const expected = page.entries().slice(1, 3)
    page.forget(blocks)
    packedPage(blocks, 'b')
    assert.deepEqual([...entries], expected)
})

test('keeps at most a mebibyte of free blocks', () => {
    const blocks = new MemoryBlocks()
    const size = 400 * 1024
    const taken = Array.from({ length: 5 }, () => blocks.take(size))
    for (const block of taken) {
        blocks.give(block)
    }
    const again = Array.from({ length: 5 }, () => blocks.take(size))
    assert.equal(again.filter((block) => taken.includes(block)).length, 2)
})
