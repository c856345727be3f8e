import assert from 'node:assert/strict'
import { dispatchedHere } from '../../src/member/relay.js'
import type { BatchReply, Dispatch } from '../../src/publisher/islander-types.js'
import { Islander } from '../../src/publisher/islander.js'
import { drain } from '../support/alone.js'
import { Leader } from './leader.js'

/** An input of an Islander, as a journal records it. */
type Input =
    | { readonly kind: 'publish', readonly value: number }
    | { readonly kind: 'sent', readonly cookie: string, readonly reply: BatchReply | null,
        readonly refused: string | null }
    | { readonly kind: 'push', readonly at: number }
    | { readonly kind: 'retry' }
    | { readonly kind: 'revive' }

interface Answer {
    readonly cookie: string
    readonly reply: BatchReply | null
    /** The process that sent the dispatch. */
    readonly process: number
}

/**
 * A publisher with a journal, a model of a leader, and a bad connection between them. Dispatches
 * leave before the disk holds the inputs that caused the dispatches. A crash loses any suffix of
 * the journal. If the model keeps lives, a crash does not lose the record with which a life began.
 */
export class PublisherModel {
    readonly leader: Leader
    islander = new Islander('0')
    readonly #keepsLives: boolean
    #process = 1
    #dispatches = this.islander.outbox.shifter()
    /** The recorded inputs, and how many are on the disk. */
    #journal: Input[] = []
    #stable = 0
    #seen = 0
    #values = 0
    #hasWindow = false
    /** The values of the present process, by ticket less one. */
    published: number[] = []
    /** The values that a crash has erased from the journal. Each may be in the log, or not. */
    readonly erased = new Set<number>()
    readonly givenUp = new Set<number>()
    #outgoing: (Dispatch & { readonly process: number })[] = []
    readonly #arrived: Dispatch[] = []
    #incoming: Answer[] = []

    constructor(version: number, keepsLives: boolean = true) {
        this.#keepsLives = keepsLives
        this.leader = new Leader(version)
    }

    /** The ids of the values in the log. */
    get logged(): readonly number[] {
        return this.leader.values() as number[]
    }

    publish(count: number): void {
        for (let nth = 0; nth <= count; nth++) {
            this.#play({ kind: 'publish', value: this.#values++ })
        }
    }

    arrive(at: number): void {
        for (const dispatch of this.#outgoing.splice(at % (this.#outgoing.length || 1), 1)) {
            this.#arrived.push(dispatch)
            const { cookie, process } = dispatch
            this.#incoming.push({ cookie, process, reply: this.leader.take(dispatch) })
        }
    }

    /** A batch that has arrived arrives again, long after. */
    again(at: number): void {
        const dispatch = this.#arrived[at % (this.#arrived.length || 1)]
        if (dispatch !== undefined) {
            this.leader.take(dispatch)
        }
    }

    /** A dispatch is lost, or refused with a status. */
    lose(at: number, refused: string | null): void {
        for (const lost of this.#outgoing.splice(at % (this.#outgoing.length || 1), 1)) {
            this.#answer({ ...lost, reply: null }, refused)
        }
    }

    /** The call fails for the publisher, but the batch still arrives. */
    cut(at: number, refused: string | null): void {
        const dispatch = this.#outgoing[at % (this.#outgoing.length || 1)]
        if (dispatch !== undefined) {
            this.#answer({ ...dispatch, reply: null }, refused)
        }
    }

    hear(at: number): void {
        for (const answer of this.#incoming.splice(at % (this.#incoming.length || 1), 1)) {
            this.#answer(answer, null)
        }
    }

    forget(at: number): void {
        this.#incoming.splice(at % (this.#incoming.length || 1), 1)
    }

    retry(): void {
        this.#play({ kind: 'retry' })
    }

    see(count: number): void {
        const end = Math.min(this.leader.log.length, this.#seen + count)
        while (this.#seen < end) {
            this.#play({ kind: 'push', at: this.#seen })
        }
    }

    flush(): void {
        this.#stable = this.#journal.length
    }

    /** The record with which a life begins is on the disk before a publish of the life leaves. */
    #keepLife(): void {
        if (this.#keepsLives) {
            this.flush()
        }
    }

    /** The process dies; the journal keeps so many of its unsynchronized records. */
    crash(kept: number): void {
        const journal = this.#journal.slice(0, this.#stable + kept)
        const before = new Set(this.published)
        this.#process++
        this.islander = new Islander('0')
        this.#dispatches = this.islander.outbox.shifter()
        this.#journal = []
        this.published = []
        this.#seen = 0
        for (const input of journal) {
            this.#apply(input)
            this.#settle()
        }
        drain(this.#dispatches)
        for (const value of before) {
            if (!this.published.includes(value)) {
                this.erased.add(value)
            }
        }
        this.#journal = journal
        this.#play({ kind: 'revive' })
        this.#keepLife()
    }

    #answer({ cookie, reply, process }: Answer, refused: string | null): void {
        if (process === this.#process) {
            this.#play({ kind: 'sent', cookie, reply, refused })
        }
    }

    #play(input: Input): void {
        this.#journal.push(input)
        this.#apply(input)
        const isNew = this.islander.state().window !== undefined
        if (isNew && !this.#hasWindow) {
            this.#hasWindow = true
            this.#keepLife()
        }
        for (const dispatch of drain(this.#dispatches)) {
            this.#outgoing.push({ ...dispatch, process: this.#process })
        }
        this.#settle()
    }

    #apply(input: Input): void {
        const { islander } = this
        switch (input.kind) {
            case 'publish':
                this.published.push(input.value)
                assert.equal(islander.publish(input.value), this.published.length)
                break
            case 'sent': {
                const { promises, refused = input.refused } = dispatchedHere(input.reply)
                islander.sent(input.cookie, promises, refused)
                break
            }
            case 'push': {
                const entry = this.leader.log[input.at]
                assert(entry !== undefined && input.at === this.#seen)
                this.#seen++
                islander.push(entry)
                break
            }
            case 'retry':
                islander.retry()
                break
            default:
                islander.revive()
        }
    }

    #settle(): void {
        for (const { ticket, promise } of this.islander.takeSettled()) {
            const value = this.published[ticket - 1] ?? -1
            const entry = this.leader.log.find((each) => each.promise === promise)
            if (promise === null) {
                this.givenUp.add(value)
            } else {
                assert(entry !== undefined && 'cookie' in entry.body)
                assert.equal(entry.body.body, value, 'a ticket is settled where its value is')
            }
        }
    }

    /** No message is lost from now on. */
    heal(): void {
        for (let round = 0; round < 40; round++) {
            while (this.#outgoing.length !== 0) {
                this.arrive(0)
            }
            this.leader.settle()
            while (this.#incoming.length !== 0) {
                this.hear(0)
            }
            this.see(this.leader.log.length)
            this.retry()
        }
    }
}
