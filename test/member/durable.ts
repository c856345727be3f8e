import { afterEach } from 'node:test'
import { Kibitzer, type KibitzError, type LogEntry } from '../../src/index.js'
import { drain } from '../support/alone.js'
import { at } from '../support/island.js'
import { Notebook, settled } from '../support/notebook.js'

const living: Kibitzer[] = []
const journals: Notebook[] = []

/** Destroys every member that a test has settled, or handed over, once that is over. */
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

/** Sees to it that a member ends with its test. */
export function mind(kibitzer: Kibitzer, journal?: Notebook): void {
    living.push(kibitzer)
    if (journal !== undefined) {
        journals.push(journal)
    }
}

/** A member that has recovered from nothing and listens, and its journal. */
export async function settle(id: string, journal: Notebook = new Notebook()) {
    const kibitzer = new Kibitzer({ id, journal })
    mind(kibitzer, journal)
    const cursors = { log: kibitzer.log.shifter(), read: kibitzer.read.shifter() }
    const recovered = await kibitzer.recover()
    const ended = kibitzer.listen().then(() => null, (error: KibitzError) => error)
    await settled()
    /** What has been put on the log since the last time. */
    const log = (): readonly string[] => drain(cursors.log).map(({ promise }: LogEntry) => promise)
    /** What was called since the last time. */
    const calls = () => drain(cursors.read).map(({ body }) => body)
    return { journal, kibitzer, ended, log, calls, cursors, recovered }
}

/** The same, and it has founded a republic; its flushes wait from then on. */
export async function found() {
    const founder = await settle('a')
    founder.kibitzer.bootstrap('republic', at('a'))
    await settled()
    founder.log()
    founder.journal.isHeld = true
    return founder
}

/** What has become of a promise, as far as it is known. */
export function watch(promise: Promise<unknown>): { outcome: unknown } {
    const watched: { outcome: unknown } = { outcome: 'open' }
    promise.then((value) => { watched.outcome = value }, (error: KibitzError) => {
        watched.outcome = error.code ?? error
    })
    return watched
}

/** A call that asks for admission. */
export function immigration(id: string): unknown {
    const body = { republic: 'republic', id, cookie: '1', properties: at(id), hops: 0 }
    return { module: 'kibitz', method: 'immigrate', body }
}

