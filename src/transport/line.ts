import type { Socket } from 'node:net'
import { KibitzError } from '../error.js'
import type { WireCall } from '../guard/envelope.js'
import { parseJson } from '../opaque.js'
import type { Peer } from '../peer.js'
import { type Asked, Questions } from './asked.js'
import { type Frame, FRAME_OVERHEAD, KINDS } from './frame.js'
import type { HeldKey, KeyRing } from './keys.js'
import { greet, GREETING_MAX, Pact, Stranger } from './seal.js'
import { Wire } from './wire.js'

/** How many bytes of calls may wait to be taken before there is no sense in making more. */
const BACKLOG_MAX = 16 * 1024 * 1024

/** How long the first wait for another dial is, in milliseconds; each next one is twice as long. */
const BACKOFF_MIN = 20

/** After how many ticks without a sign of life it is asked for, and then no longer waited for. */
const QUIET_TICKS = 1
const DEAD_TICKS = 3

/** What a line needs of its client. */
export interface LineTerms {
    /** Opens a connection. Calls `reached` with who is there, if there is proof; or it closes. */
    readonly dial: (reached: (peer: Peer | null) => void) => Socket
    readonly keys: KeyRing | null
    /** How often the certificates have been replaced. */
    readonly version: () => number
    readonly bytesMax: number
    /** How long it may take to reach the addressee and be known to it, in milliseconds. */
    readonly connectTimeout: number
    /** How long it waits at most before it dials again, in milliseconds. */
    readonly backoffMax: number
    /** Tells that it was cut for what arrived. */
    readonly failed: (reason: Stranger['reason']) => void
}

/** One connection, from its dial to its end. */
interface Connection {
    readonly wire: Wire
    readonly since: number
    /** The certificates that it was made under. */
    readonly version: number
    stage: 'dialling' | 'greeting' | 'open'
    peer: Peer | null
    pact: Pact | null
    /** The key that was spoken under, and what was said. */
    spoken: { readonly key: HeldKey; readonly hello: Buffer } | null
    /** Whether an answer has come. */
    isProven: boolean
    /** Whether the callee wants no more calls on it. */
    isLeft: boolean
}

function unreachable(what: string): KibitzError {
    return new KibitzError('unreachable', what)
}

/**
 * The asking end of a connection to one addressee, which is dialled when it is called and dialled
 * again, after a while that grows, when it was lost. Many calls are under way at once.
 *
 * 1. Each call is settled once: answered, or rejected when the connection is lost.
 * 2. Who falls silent while calls wait is asked for a sign of life, and cut off where none comes.
 */
export class Line {
    readonly #terms: LineTerms
    readonly #asked = new Questions()
    #connection: Connection | null = null
    #failures = 0
    #dialAgainAt = Number.NEGATIVE_INFINITY
    #quietTicks = 0
    #heardAt = 0
    #idleTicks = 0

    constructor(terms: LineTerms) {
        this.#terms = terms
    }

    /** Calls. Rejects where the addressee cannot be reached, or not any more. */
    call(envelope: WireCall, signal: AbortSignal): Promise<unknown> {
        return new Promise((resolve, reject) => {
            const text = this.#write(envelope)
            const to = envelope.method === 'receive' ? envelope.body.to.id : null
            if (this.#isOutdated()) {
                this.cut()
            }
            const connection = this.#connection ?? this.#dial()
            const asked = { text, to, signal, resolve, reject }
            const id = this.#asked.add(asked)
            this.#idleTicks = 0
            if (connection.stage === 'open') {
                this.#send(connection, id, asked)
            }
        })
    }

    /**
     * To be called now and then.
     *
     * @returns For how many calls of this nothing was asked; 0 where something is under way.
     */
    tick(): number {
        this.#asked.drop()
        const connection = this.#connection
        if (connection !== null && connection.stage !== 'open') {
            if (performance.now() - connection.since > this.#terms.connectTimeout) {
                connection.wire.cut()
            }
        } else if (connection !== null && this.#asked.size !== 0) {
            this.#listen(connection)
        } else {
            this.#quietTicks = 0
        }
        this.#idleTicks = this.#asked.size === 0 ? this.#idleTicks + 1 : 0
        return this.#idleTicks
    }

    /** Cuts the connection. The calls under way reject. */
    cut(): void {
        if (this.#connection !== null) {
            this.#connection.wire.cut()
            this.#lose(this.#connection)
        }
    }

    #take(connection: Connection, { kind, id, payload }: Frame): void {
        if (this.#connection !== connection) {
            return
        }
        if (connection.stage === 'open' && kind === KINDS.answer) {
            connection.isProven = true
            this.#answer(id, payload)
        } else if (connection.stage === 'greeting' && kind === KINDS.challenge) {
            this.#prove(connection, payload)
        } else if (connection.stage === 'open' && kind === KINDS.leave) {
            connection.isLeft = true
            if (this.#asked.size === 0) {
                this.cut()
            }
        } else if (connection.stage !== 'open' || kind !== KINDS.pong) {
            throw new Stranger('malformed', 'A callee has said something out of turn.')
        }
    }

    /** A connection is lost, and with it what was asked. */
    #lose(connection: Connection): void {
        if (this.#connection !== connection) {
            return
        }
        this.#connection = null
        this.#quietTicks = 0
        this.#failures = connection.isProven ? 0 : this.#failures + 1
        if (this.#failures !== 0) {
            const wait = Math.min(this.#terms.backoffMax, BACKOFF_MIN * 2 ** (this.#failures - 1))
            this.#dialAgainAt = performance.now() + wait
        }
        this.#asked.rejectAll(unreachable('The connection was lost, or was not made.'))
    }

    /**
     * Whether the next call needs another connection: the key of this one is gone, or there are
     * newer keys or certificates and nothing is under way on it.
     */
    #isOutdated(): boolean {
        const { keys, version } = this.#terms
        const connection = this.#connection
        if (connection === null || connection.stage !== 'open') {
            return false
        }
        const { pact } = connection
        const isOlder =
            connection.isLeft ||
            pact?.isFirstOf(keys) === false ||
            connection.version !== version()
        return pact?.isOf(keys) === false || (isOlder && this.#asked.size === 0)
    }

    #dial(): Connection {
        if (performance.now() < this.#dialAgainAt) {
            throw unreachable('The addressee was not reached a moment ago.')
        }
        const socket = this.#terms.dial((peer) => {
            if (this.#connection === connection) {
                connection.peer = peer
                this.#greet(connection)
            }
        })
        const wire = new Wire(socket, GREETING_MAX, {
            take: (frame) => this.#take(connection, frame),
            fail: (fault) => {
                this.#terms.failed(fault instanceof Stranger ? fault.reason : 'malformed')
            },
            closed: () => this.#lose(connection)
        })
        const connection: Connection = {
            wire,
            since: performance.now(),
            version: this.#terms.version(),
            stage: 'dialling',
            peer: null,
            pact: null,
            spoken: null,
            isProven: false,
            isLeft: false
        }
        this.#connection = connection
        return connection
    }

    #greet(connection: Connection): void {
        const key = this.#terms.keys?.first ?? null
        const hello = greet(key)
        connection.wire.send(KINDS.hello, 0, hello)
        if (key === null) {
            this.#open(connection)
        } else {
            connection.stage = 'greeting'
            connection.spoken = { key, hello }
        }
    }

    #prove(connection: Connection, challenge: Buffer): void {
        const { spoken } = connection
        if (spoken === null) {
            return
        }
        const pact = Pact.take(spoken.key, spoken.hello, challenge)
        connection.pact = pact
        connection.wire.send(KINDS.proof, 0, pact.proof())
        const { calls, answers } = pact.seals()
        connection.wire.seal({ incoming: answers, outgoing: calls })
        this.#open(connection)
    }

    #open(connection: Connection): void {
        connection.stage = 'open'
        connection.wire.limit = this.#terms.bytesMax + FRAME_OVERHEAD
        for (const [id, asked] of this.#asked.all) {
            this.#send(connection, id, asked)
        }
    }

    #write(envelope: WireCall): string {
        const text = JSON.stringify(envelope)
        const { bytesMax } = this.#terms
        if (text.length * 3 > bytesMax && Buffer.byteLength(text) > bytesMax) {
            throw new KibitzError('too-large', `A call above ${bytesMax} bytes was not sent.`)
        }
        return text
    }

    #send({ wire, peer }: Connection, id: number, asked: Asked): void {
        const { text, to, signal, reject } = asked
        const isMeant = peer === null || to === null || to === peer.id
        if (signal.aborted || !isMeant || wire.backlog > BACKLOG_MAX) {
            this.#asked.take(id)
            const what = isMeant ? 'The addressee takes no more.' : 'Somebody else is there.'
            reject(signal.aborted ? signal.reason : unreachable(what))
            return
        }
        wire.send(KINDS.call, id, text)
        asked.text = ''
    }

    #answer(id: number, payload: Buffer): void {
        const asked = this.#asked.take(id)
        try {
            if (payload.length === 0) {
                throw unreachable('The addressee has no answer that could be carried.')
            }
            asked?.resolve(parseJson(payload))
        } catch (error) {
            asked?.reject(error)
        }
    }

    #listen(connection: Connection): void {
        const { heardAt } = connection.wire
        this.#quietTicks = heardAt === this.#heardAt ? this.#quietTicks + 1 : 0
        this.#heardAt = heardAt
        if (this.#quietTicks > DEAD_TICKS) {
            connection.wire.cut()
        } else if (this.#quietTicks > QUIET_TICKS) {
            connection.wire.send(KINDS.ping, 0, '')
        }
    }
}
