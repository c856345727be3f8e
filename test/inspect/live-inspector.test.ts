import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, mock, test } from 'node:test'
import { Kibitzer } from '../../src/index.js'
import type { OverviewAnswer, RevisionAnswer } from '../../src/inspect/answers.js'
import { GrowingRepublic } from '../../src/inspect/growing-republic.js'
import { LiveInspector } from '../../src/inspect/live-inspector.js'
import { journalIn, type LiveJournal } from '../../src/inspect/live-journal.js'
import type { WhatIfAnswer } from '../../src/inspect/what-if-answers.js'
import { FileJournal } from '../../src/journal/file-journal.js'

describe('an inspector of a growing journal', { timeout: 60_000 }, () => {
    const folder = mkdtempSync(join(tmpdir(), 'kibitz-growing-'))
    const kibitzer = new Kibitzer({ id: 'a', journal: new FileJournal(folder) })
    const ended = new AbortController()
    let live: LiveInspector
    let failure: Error | null = null
    /** The failure of the other journal, which has no inputs. */
    let otherFailure: Error | null = null
    /** Called after each look at the journal. */
    let onLook: () => void = () => {}
    let following: Promise<void>
    before(async () => {
        await kibitzer.recover()
        kibitzer.listen()
        kibitzer.bootstrap('live', { url: 'http://127.0.0.1:1/kibitz' })
        await kibitzer.publish(1)
        const journal = journalIn(folder)
        const watched: LiveJournal = {
            ...journal,
            async look() {
                onLook()
                if (failure !== null) {
                    throw failure
                }
                return await journal.look()
            }
        }
        const other = new FileJournal(join(folder, 'other'))
        await other.open('b')
        await other.close()
        const failing: LiveJournal = {
            ...journalIn(join(folder, 'other')),
            async look() {
                return await (otherFailure === null
                    ? Promise.resolve(false)
                    : Promise.reject(otherFailure))
            }
        }
        live = await LiveInspector.open([failing, watched], false)
        following = live.follow(ended.signal)
    })
    after(async () => {
        ended.abort()
        await following
        kibitzer.destroy()
        rmSync(folder, { recursive: true })
    })

    /** The number of the last input of the member. */
    async function last(): Promise<number> {
        const { lanes } = await ask<OverviewAnswer>('overview')
        return lanes.find(({ member }) => member === 'a')?.last ?? 0
    }

    async function ask<Answer>(question: string): Promise<Answer> {
        return await live.answer(question) as Answer
    }

    /** Waits for looks at the journal until a condition holds. */
    async function until(isSo: (answer: RevisionAnswer) => boolean): Promise<RevisionAnswer> {
        for (;;) {
            const answer = await ask<RevisionAnswer>('revision')
            if (isSo(answer)) {
                return answer
            }
            await new Promise<void>((resolve) => {
                onLook = resolve
            })
        }
    }

    test('shows new inputs under a new revision, and keeps a variant', async () => {
        const first = await ask<OverviewAnswer>('overview')
        const number = await last()
        const variant = await ask<WhatIfAnswer>(`what-if?member=a&number=${number}&kind=nothing`)
        const whole = mock.method(GrowingRepublic, 'open')
        await kibitzer.publish(2)
        const { revision } = await until((answer) => answer.revision > (first.revision ?? 0))
        const second = await ask<OverviewAnswer>('overview')
        assert.ok((second.revision ?? 0) >= revision)
        assert.ok(await last() > number)
        assert.equal(whole.mock.callCount(), 0)
        whole.mock.restore()
        const kept = await ask<OverviewAnswer>(`overview?variant=${variant.id}`)
        assert.ok(kept.lanes.some(({ member }) => member === 'a'))
    })

    test('reads the journals again after a snapshot', async () => {
        const { promise } = await kibitzer.publish(3)
        const first = ({ lanes }: OverviewAnswer): number =>
            lanes.find(({ member }) => member === 'a')?.first ?? 0
        assert.equal(first(await ask<OverviewAnswer>('overview')), 1)
        await kibitzer.snapshot(promise, Buffer.from('state'))
        for (;;) {
            const { revision } = await ask<RevisionAnswer>('revision')
            if (first(await ask<OverviewAnswer>('overview')) > 1) {
                return
            }
            await until((answer) => answer.revision > revision)
        }
    })

    test('follows a journal while another one cannot be read', async () => {
        otherFailure = new Error('b has stopped')
        await until(({ problem }) => problem === 'b has stopped')
        const number = await last()
        await kibitzer.publish(4)
        const { revision } = await ask<RevisionAnswer>('revision')
        if (await last() === number) {
            await until((answer) => answer.revision > revision)
        }
        assert.ok(await last() > number)
        otherFailure = null
    })

    test('tells a failed look, keeps the last recordings, and looks again', async () => {
        failure = new Error('the disk is away')
        await until(({ problem }) => problem === 'the disk is away')
        assert.equal((await ask<OverviewAnswer>('overview')).state, 'ready')
        failure = null
        await until(({ problem }) => problem === '')
    })
})
