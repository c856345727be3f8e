import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { after, before, describe, test } from 'node:test'
import type { Shifter } from 'procession'
import {
    type Application, type ApplicationEntry, Colleague, type ColleagueOptions, inMemory,
    KibitzError, type Played
} from '../../src/index.js'
import { FileJournal } from '../../src/journal/file-journal.js'
import { MemoryNetwork } from '../../src/transport/memory.js'
import { redactedText, redactInput } from '../../src/inspect/redaction.js'
import { Replayer } from '../../src/replay/replayer.js'
import { replayCheck } from '../../src/testing/replay-check.js'
import type { TrialError } from '../../src/testing/trial.js'
import { ClockStore } from './clock-stores.js'
import { ForgetfulStore } from './faulty-stores.js'
import { type Put, Store } from './store.js'
import { drain } from '../support/alone.js'
import '../support/silence.js'

const ENTRIES = 40

const network = new MemoryNetwork()
const played = new Map<string, Shifter<Played>>()
let base = ''
/** The inputs of the founder, and of the newcomer. */
const recordings: Played[][] = []

function recording(): Played[] {
    return recordings[0] ?? []
}

function folder(name: string): string {
    return join(base, name)
}

async function member(name: string, options: Partial<ColleagueOptions> = {}): Promise<Colleague> {
    const colleague = new Colleague({
        islandName: 'past', colleagueId: name, application: new Store() as Application,
        journal: new FileJournal(folder(name)), ...options
    })
    played.set(name, colleague.kibitzer.played.shifter())
    await colleague.start({ attach: inMemory(network), founders: ['founder'] })
    return colleague
}

async function put(colleague: Colleague, count: number): Promise<void> {
    for (let value = 0; value < count; value++) {
        await colleague.publish({ key: `key${value % 5}`, value } satisfies Put)
    }
}

/** Founds a republic, and writes the journals of a founder, and of a member with a snapshot. */
before(async () => {
    base = mkdtempSync(join(tmpdir(), 'kibitz-check-'))
    const founder = await member('founder')
    await put(founder, ENTRIES / 2)
    const newcomer = await member('newcomer', { snapshotEvery: 1024 })
    await put(newcomer, ENTRIES / 2)
    recordings.push(...[...played.values()].map((cursor) => drain(cursor)))
    await newcomer.stop()
    await founder.stop()
})
after(() => rmSync(base, { recursive: true }))

async function fault(checking: Promise<unknown>): Promise<TrialError> {
    const error = await checking.then(() => null, (reason: unknown) => reason)
    assert.ok(error instanceof KibitzError, String(error))
    return error as TrialError
}

/** Sums the sizes of the values, which a recording without values has, too. */
class Sizes implements Application<{ readonly bytes: number }, number> {
    sum = 0

    apply({ body: { bytes } }: ApplicationEntry<{ readonly bytes: number }>): number {
        this.sum += bytes
        return this.sum
    }

    snapshot(): string {
        return JSON.stringify(this.sum)
    }

    async restore(chunks: AsyncIterable<Uint8Array>): Promise<void> {
        this.sum = JSON.parse(await text(chunks))
    }
}

describe('replayCheck', () => {
    test('replays the journal of a founder from the first entry', async () => {
        const result = await replayCheck(folder('founder'), () => new Store())
        assert.deepEqual([result.entries, result.after], [ENTRIES, '0/0'])
    })

    test('replays the journal of a newcomer from the state in its snapshot', async () => {
        const { entries, after: begin } = await replayCheck(
            { journal: folder('newcomer') }, () => new Store(), { against: () => new Store() })
        assert.ok(entries > 0 && entries <= ENTRIES / 2 && begin !== '0/0', `${entries} ${begin}`)
    })

    test('replays a recording, as objects and as lines', async () => {
        const { entries, through } = await replayCheck(
            { recording: recording() }, () => new Store())
        assert.ok(entries >= ENTRIES, `${entries}`)
        assert.match(through, /^\d+\//)
        const lines = recording().map((input) => JSON.stringify(input))
        assert.equal((await replayCheck({ recording: lines }, () => new Store())).through, through)
    })

    test('replays a recording without its values, as far as the application accepts it',
        async () => {
            const lines = recording().map((input) =>
                redactedText(JSON.parse(redactedText(redactInput(input)))))
            const source = { recording: lines }
            const { entries, redacted } = await replayCheck(source, () => new Sizes())
            assert.deepEqual([entries, redacted], [ENTRIES, ENTRIES])
            const clean = await replayCheck({ recording: recording() }, () => new Store())
            assert.equal(clean.redacted, 0)
            class Strict extends Store {
                override apply(entry: ApplicationEntry<Put>): number | null {
                    assert.equal(typeof entry.body.key, 'string', 'no key')
                    return super.apply(entry)
                }
            }
            const error = await fault(replayCheck(source, () => new Strict()))
            assert.match(error.message, /no key[\s\S]*40 of \d+ steps.*hash in place of/)
        })

    test('replays the recording of a newcomer with the state before it only', async () => {
        const [, newcomer = []] = recordings
        const source = { recording: newcomer }
        const error = await fault(replayCheck(source, () => new Store()))
        assert.deepEqual([error.code, /begins after entry \d/.test(error.message)],
            ['invalid-argument', true])
        const { entries } = await replayCheck(
            source, () => new Store(), { state: JSON.stringify([['key', 1]]) })
        assert.equal(entries, ENTRIES / 2)
    })

    test('replays the inputs after a state with the state of the application then', async () => {
        const replayer = await Replayer.from({ recording: recording() })
        const middle = recording().length - 20
        await replayer.seek(middle)
        const source = { recording: recording().slice(middle), state: replayer.state }
        const all = await replayCheck(source, () => new Store())
        const some = await replayCheck(
            source, () => new Store(), { state: JSON.stringify([['key', 1]]) })
        assert.ok(some.entries > 0 && some.entries < all.entries)
        assert.equal(some.after, replayer.member.inspect().committed)
    })

    test('finds that an application depends on a clock', async () => {
        const error = await fault(replayCheck(folder('founder'), () => new ClockStore()))
        assert.deepEqual([error.code, error.finding.kind], ['application-failed', 'clock'])
        assert.match(error.message, /entry \d+\/\d+ .*at .key0: .*Date\.now/)
    })

    test('finds another behaviour, and the first entry with it', async () => {
        const error = await fault(replayCheck(
            folder('founder'), () => new ForgetfulStore(), { against: () => new Store() }))
        assert.equal(error.finding.kind, 'other-behaviour')
        assert.match(error.message, /result of entry .*"value":0.* differs: 1 and null/)
    })

    test('finds an application that does not understand an old value or state', async () => {
        class Strict extends Store {
            override apply(): number | null {
                throw new Error('a value of version 1')
            }
        }
        const error = await fault(replayCheck(folder('founder'), () => new Strict()))
        assert.equal(error.finding.kind, 'application-error')
        assert.match(error.message, /apply ends at entry .* a value of version 1/)
        class Empty extends Store {
            override restore(): Promise<void> {
                throw new Error('a state of version 1')
            }
        }
        const other = await fault(replayCheck(folder('newcomer'), () => new Empty()))
        assert.match(other.message, /restore .*: a state of version 1/)
    })

    test('reports the progress, and ends on a signal', async () => {
        const reports: number[] = []
        await replayCheck(folder('founder'), () => new Store(), {
            progress: (done, of) => reports.push(done, of)
        })
        assert.equal(reports.at(-1), reports.at(-2))
        const controller = new AbortController()
        controller.abort(new Error('enough'))
        const error = await fault(replayCheck(
            folder('founder'), () => new Store(), { signal: controller.signal }))
        assert.equal(error.code, 'aborted')
        await assert.rejects(
            replayCheck(folder('nowhere'), () => new Store()), { code: 'invalid-argument' })
    })
})
