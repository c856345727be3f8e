import type { Dispatch } from '../../src/publisher/islander-types.js'
import { Monotonic } from '../../src/base/monotonic.js'
import type { LogEntry, UserBody } from '../../src/paxos/messages/messages.js'
import { governmentBody, governmentOf, userBody } from './sample.js'

type Seen = Pick<LogEntry, 'method' | 'promise' | 'body'>

interface Proposal {
    readonly promise: string
    readonly body: UserBody
}

/** A model of a leader and a log, with only the guarantees that a publisher may rely on. */
export class Leader {
    /** The committed entries, after a government that admits `0`. */
    readonly log: Seen[] = []
    #promise = '1/0'
    #queue: readonly Proposal[] = []
    #highest = '0'
    #version: number

    /** @param version The version of the republic. @default 1 */
    constructor(version: number = 1) {
        this.#version = version
        this.#govern({ immigrate: { id: '0', properties: null, cookie: 0 } })
    }

    /**
     * Accepts a batch, each cookie once; `null` if a cookie was refused. From version 2 on, a
     * cookie that the leader has is skipped, and a batch behind a gap gets the answer `gap`.
     */
    take({ messages }: Pick<Dispatch, 'messages'>): Record<string, string> | 'gap' | null {
        const receipts: Record<string, string> = {}
        for (const { cookie, body } of messages) {
            const verdict = this.#judge(cookie)
            if (verdict === 'gap' || verdict === null) {
                return verdict
            }
            if (verdict === 'new') {
                this.#highest = cookie
                this.#promise = Monotonic.increment(this.#promise, 1)
                const proposal = { promise: this.#promise, body: userBody(cookie, body) }
                this.#queue = [...this.#queue, proposal]
                receipts[cookie] = this.#promise
            }
        }
        return receipts
    }

    #judge(cookie: string): 'new' | 'known' | 'gap' | null {
        const [life, number] = wordsOf(cookie)
        const [lastLife, lastNumber] = wordsOf(this.#highest)
        if (life === 0) {
            return lastLife === 0 && number > lastNumber ? 'new' : null
        }
        if (this.#version === 1) {
            return null
        }
        if (life < lastLife || (life === lastLife && number <= lastNumber)) {
            return 'known'
        }
        return number === (life === lastLife ? lastNumber + 1 : 1) ? 'new' : 'gap'
    }

    /** Commits so many of the waiting entries. */
    commit(count: number): void {
        for (const { promise, body } of this.#queue.slice(0, count)) {
            this.log.push({ method: 'entry', promise, body })
        }
        this.#queue = this.#queue.slice(count)
    }

    /** A government raises the version of the republic. */
    upgrade(): void {
        this.#version = 2
        this.reshape()
    }

    /** A government goes before the waiting entries. */
    reshape(): void {
        const government = Monotonic.increment(this.#promise, 0)
        const map: Record<string, string> = {}
        this.#promise = government
        this.#queue = this.#queue.map(({ promise, body }) => {
            this.#promise = Monotonic.increment(this.#promise, 1)
            map[promise] = this.#promise
            return { promise: this.#promise, body }
        })
        this.#push(government, { map })
    }

    /** A collapse: so many of the waiting entries have been recorded; the others are gone. */
    collapse(kept: number): void {
        this.commit(kept)
        this.#queue = []
        const committed = this.log.flatMap(({ body }) => 'cookie' in body ? [body.cookie] : [])
        this.#highest = committed.at(-1) ?? '0'
        this.#promise = Monotonic.increment(this.#promise, 0)
        this.#govern({ map: null })
    }

    /** Writes and commits the waiting entries. */
    settle(): void {
        this.commit(this.#queue.length)
    }

    /** The published values in the log, without flushes. */
    values(): unknown[] {
        return this.log.flatMap(({ body }) => {
            return 'cookie' in body && body.body !== null ? [body.body] : []
        })
    }

    #govern(change: Parameters<typeof governmentBody>[1]): void {
        this.#push(this.#promise, change)
    }

    #push(promise: string, change: Parameters<typeof governmentBody>[1]): void {
        const body = governmentBody(promise, {
            ...change, ...(this.#version > 1 && { version: this.#version })
        })
        this.log.push({ method: 'government', promise, body })
    }
}

/** The words of a cookie: the life, 0 before version 2, and the number. */
function wordsOf(cookie: string): readonly [life: number, number: number] {
    const words = cookie.split('/').map((word) => Number.parseInt(word, 16))
    return words.length === 1 ? [0, words[0] ?? 0] : [words[0] ?? 0, words[1] ?? 0]
}

/** A government entry as a log hands it out. */
export function governed(
    promise: string,
    change: Parameters<typeof governmentBody>[1] = {}
): LogEntry {
    return {
        module: 'paxos', method: 'government', promise, previous: '',
        body: governmentBody(promise, change), government: governmentOf('0')
    }
}

/** A user's entry as a log hands it out. */
export function committed(promise: string, cookie: string, body: unknown = cookie): LogEntry {
    return {
        module: 'paxos', method: 'entry', promise, previous: '', body: userBody(cookie, body)
    }
}
