import type { Socket } from 'node:net'
import { parseJson } from '../opaque.js'
import type { Peer } from '../authenticated-peer.js'
import { hasEnded } from '../security/certificates.js'
import { type Frame, FRAME_OVERHEAD, KINDS, type LongFrame } from './frame.js'
import type { InboundBudget } from '../inbound-budget.js'
import type { KeyRing } from '../security/keys.js'
import { GREETING_MAX, Session, readHello, HandshakeError } from './handshake.js'
import { type FrameMacs, FramedSocket, type SocketEnd } from './framed-socket.js'

/** How many bytes of answers may wait to be taken before no more calls are. */
const BACKLOG_MAX = 1024 * 1024

/**
 * For how long a caller that was asked to leave may still call, in milliseconds: a caller that
 * obeys has not heard of it when it sends its last calls.
 */
const LEAVE_MS = 1000

/** What a listener gives to each of its connections. */
export interface ServerConnectionTerms {
    /** Answers a call; never rejects. */
    readonly answer: (envelope: unknown, peer: Peer | null) => Promise<unknown>
    readonly keys: KeyRing | null
    /** Whether the certificate that a caller has shown still counts. */
    readonly isBelieved: (socket: Socket) => boolean
    readonly bytesMax: number
    /** Memory for frames that are not whole yet, shared by all connections of the listener. */
    readonly budget: InboundBudget
    /** How many calls of one connection may be under way; the next waits in the network. */
    readonly callsMax: number
    /** How long a caller may take to say hello, a frame to arrive, and silence to last. */
    readonly patience: {
        readonly hello: number
        readonly frame: number
        readonly silence: number
    }
}

/** What a connection tells its listener. */
export interface ServerConnectionEvents {
    /** It speaks as a member does. */
    onProven(): void
    /** It was cut for what arrived. */
    onFailed(reason: HandshakeError['reason'] | 'too-large' | 'too-slow'): void
    /** It is gone. */
    onClosed(): void
}

/**
 * The answering end of a connection: takes calls, as many at once as there may be, and answers
 * each as soon as its answer is there.
 */
export class ServerConnection implements SocketEnd {
    readonly #terms: ServerConnectionTerms
    readonly #events: ServerConnectionEvents
    readonly #peer: Peer | null
    readonly #socket: Socket
    readonly #wire: FramedSocket
    readonly #since = performance.now()
    #stage: 'greeting' | 'proving' | 'open' = 'greeting'
    #session: Session | null = null
    /** Since when the caller is asked to come back on another connection. */
    #leavingSince: number | null = null
    /** Whether no more calls are taken. */
    #isClosing = false
    #underWay = 0
    /** Since when answers pile up that the caller does not take; `null` where they do not. */
    #stuckSince: number | null = null

    constructor(
        socket: Socket,
        peer: Peer | null,
        terms: ServerConnectionTerms,
        events: ServerConnectionEvents
    ) {
        this.#terms = terms
        this.#events = events
        this.#peer = peer
        this.#socket = socket
        this.#wire = new FramedSocket(socket, GREETING_MAX, this, terms.budget)
        socket.on('drain', () => this.#relax())
    }

    /** Takes what the caller says. */
    take({ kind, id, payload }: Frame): void {
        if (this.#stage === 'greeting' && kind === KINDS.hello) {
            this.#greet(payload)
        } else if (this.#stage === 'proving' && kind === KINDS.proof) {
            this.#session?.checkProof(payload)
            this.#open()
        } else if (this.#stage === 'open' && kind === KINDS.call) {
            this.#call(id, payload)
        } else if (this.#stage === 'open' && kind === KINDS.ping) {
            this.#wire.send(KINDS.pong, id, '')
        } else {
            throw new HandshakeError('malformed', 'A caller has said something out of turn.')
        }
    }

    /** Refuses a call for its size, and takes no other call: the caller leaves, or is cut. */
    refuse({ id }: LongFrame): boolean {
        if (this.#stage !== 'open') {
            return false
        }
        this.#wire.send(KINDS.refused, id, String(this.#terms.bytesMax))
        this.#leavingSince ??= performance.now()
        this.#events.onFailed('too-large')
        return true
    }

    /** The connection was cut for what arrived. */
    fail(fault: unknown): void {
        this.#events.onFailed(fault instanceof HandshakeError ? fault.reason : 'malformed')
    }

    /** The connection is gone. Answers that are not there yet go nowhere. */
    closed(): void {
        this.#events.onClosed()
    }

    /** Cuts the connection if it takes too long, or if its key is no longer known. */
    tend(now: number): void {
        const { hello, frame, silence } = this.#terms.patience
        const isLate = (since: number | null, ms: number): boolean =>
            since !== null && now - since > ms
        const isIdle = this.#stage === 'open' && this.#underWay === 0
        if (this.#stage === 'open' && !this.#isKeyKnown()) {
            this.#cut('unknown-key')
        } else if (this.#stage !== 'open' && isLate(this.#since, hello)) {
            this.#cut('too-slow')
        } else if (isLate(this.#wire.amidstSince, frame) || isLate(this.#stuckSince, frame)) {
            this.#cut('too-slow')
        } else if (isIdle && isLate(this.#wire.heardAt, silence)) {
            // Nobody has done anything wrong.
            this.#wire.cut()
        } else if (this.#leavingSince !== null) {
            this.#close(now - this.#leavingSince)
        } else if (hasEnded(this.#socket)) {
            this.#cut('bad-certificate')
        }
    }

    /**
     * The certificates of the listener have changed: cuts a caller whose certificate counts no
     * more, and asks every other caller to come back on another connection.
     */
    renew(): void {
        if (!this.#terms.isBelieved(this.#socket)) {
            this.#cut('bad-certificate')
        } else if (this.#leavingSince === null) {
            this.#leavingSince = performance.now()
            this.#wire.send(KINDS.leave, 0, '')
        }
    }

    /** Cuts the connection. */
    cut(): void {
        this.#wire.cut()
    }

    #cut(reason: 'bad-certificate' | 'too-slow' | 'unknown-key'): void {
        this.#wire.cut()
        this.#events.onFailed(reason)
    }

    #greet(payload: Buffer): void {
        const { keys } = this.#terms
        const hello = readHello(payload)
        if (keys !== null) {
            const { session, challenge } = Session.answer(keys, hello)
            this.#session = session
            this.#wire.send(KINDS.challenge, 0, challenge)
            this.#stage = 'proving'
        } else if (hello.keyId === '') {
            this.#open()
        } else {
            throw new HandshakeError('unknown-key', 'A caller named a key where there is none.')
        }
    }

    #open(): void {
        if (this.#session !== null) {
            const { calls, answers } = this.#session.seals()
            const seals: FrameMacs = { incoming: calls, outgoing: answers }
            this.#wire.seal(seals)
        }
        this.#wire.limit = this.#terms.bytesMax + FRAME_OVERHEAD
        this.#stage = 'open'
        this.#events.onProven()
    }

    /** Takes no more calls of a caller that does not leave, and cuts the connection. */
    #close(forMs: number): void {
        this.#isClosing = forMs > LEAVE_MS
        const isDone = this.#isClosing && this.#underWay === 0
        if (isDone || forMs > this.#terms.patience.frame) {
            this.#wire.cut()
        }
    }

    #isKeyKnown(): boolean {
        const { keys } = this.#terms
        return keys === null || this.#session?.isOf(keys) === true
    }

    #call(id: number, payload: Buffer): void {
        if (!this.#isKeyKnown()) {
            throw new HandshakeError('unknown-key', 'A key is no longer known.')
        }
        if (this.#isClosing) {
            return
        }
        const envelope = parseJson(payload)
        this.#underWay++
        if (this.#underWay >= this.#terms.callsMax) {
            this.#wire.pause()
        }
        this.#terms.answer(envelope, this.#peer).then((answer) => this.#answer(id, answer))
    }

    #answer(id: number, answer: unknown): void {
        this.#underWay--
        this.#wire.send(KINDS.answer, id, this.#write(answer))
        if (this.#wire.backlog > BACKLOG_MAX) {
            this.#stuckSince ??= performance.now()
            this.#wire.pause()
        } else {
            this.#relax()
        }
    }

    /** An answer as JSON; nothing where it could not be carried. */
    #write(answer: unknown): string {
        const { bytesMax } = this.#terms
        try {
            const text = JSON.stringify(answer ?? null) ?? ''
            const isShort = text.length * 3 <= bytesMax || Buffer.byteLength(text) <= bytesMax
            return isShort ? text : ''
        } catch {
            return ''
        }
    }

    #relax(): void {
        if (this.#wire.backlog <= BACKLOG_MAX) {
            this.#stuckSince = null
            if (this.#underWay < this.#terms.callsMax) {
                this.#wire.resume()
            }
        }
    }
}
