import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { Kibitzer } from '../../src/index.js'
import type { OverviewAnswer, RevisionAnswer } from '../../src/inspect/answers.js'
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
        live = await LiveInspector.open([watched], false)
        following = live.follow(ended.signal)
    })
    after(async () => {
        ended.abort()
        await following
        kibitzer.destroy()
        rmSync(folder, { recursive: true })
    })

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
        const last = first.lanes[0]?.last ?? 0
        const variant = await ask<WhatIfAnswer>(`what-if?member=a&number=${last}&kind=nothing`)
        await kibitzer.publish(2)
        const { revision } = await until((answer) => answer.revision > (first.revision ?? 0))
        const second = await ask<OverviewAnswer>('overview')
        assert.ok((second.revision ?? 0) >= revision)
        assert.ok((second.lanes[0]?.last ?? 0) > last)
        const kept = await ask<OverviewAnswer>(`overview?variant=${variant.id}`)
        assert.equal(kept.lanes[0]?.member, 'a')
    })

    test('tells a failed look, keeps the last recordings, and looks again', async () => {
        failure = new Error('the disk is away')
        await until(({ problem }) => problem === 'the disk is away')
        assert.equal((await ask<OverviewAnswer>('overview')).state, 'ready')
        failure = null
        await until(({ problem }) => problem === '')
    })
})
