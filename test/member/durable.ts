import { afterEach } from 'node:test'
import { Kibitzer, type KibitzError, type LogEntry } from '../../src/index.js'
import { drain } from '../support/alone.js'
import { at } from '../support/island.js'
import { Notebook, settled } from '../support/notebook.js'
import '../support/silence.js'

const living: Kibitzer[] = []
const journals: Notebook[] = []

/** Destroys every member of a test after the test. */
export function cleanUp(): void {
    afterEach(() => {
        for (const kibitzer of living.splice(0)) {
            kibitzer.destroy()
        }
        for (const journal of journals.splice(0)) {
            journal.isHeld = false
            journal.flushNow()
        }
    })
}

/** Registers a member that `cleanUp` destroys after the test. */
export function mind(kibitzer: Kibitzer, journal?: Notebook): void {
    living.push(kibitzer)
    if (journal !== undefined) {
        journals.push(journal)
    }
}

/** A listening member without a republic, and its journal. */
export async function settle(id: string, journal: Notebook = new Notebook()) {
    const kibitzer = new Kibitzer({ id, journal })
    mind(kibitzer, journal)
    const cursors = { log: kibitzer.log.shifter(), read: kibitzer.read.shifter() }
    const recovered = await kibitzer.recover()
    const ended = kibitzer.listen().then(() => null, (error: KibitzError) => error)
    await settled()
    /** The entries that reached the log since the last look. */
    const log = (): readonly string[] => drain(cursors.log).map(({ promise }: LogEntry) => promise)
    /** The calls since the last look. */
    const calls = () => drain(cursors.read).map(({ body }) => body)
    return { journal, kibitzer, ended, log, calls, cursors, recovered }
}

/** A member that has founded a republic; later flushes of its journal wait. */
export async function found() {
    const founder = await settle('a')
    founder.kibitzer.bootstrap('republic', at('a'))
    await settled()
    founder.log()
    founder.journal.isHeld = true
    return founder
}

/** The outcome of a promise so far. */
export function watch(promise: Promise<unknown>): { outcome: unknown } {
    const watched: { outcome: unknown } = { outcome: 'open' }
    promise.then((value) => { watched.outcome = value }, (error: KibitzError) => {
        watched.outcome = error.code ?? error
    })
    return watched
}

/** A call that asks for admission. */
export function immigration(id: string): unknown {
    const newcomer = { republic: 'republic', id, cookie: '1', properties: at(id) }
    const body = { ...newcomer, hops: 0, versions: [1, 2] }
    return { module: 'kibitz', method: 'immigrate', body }
}

