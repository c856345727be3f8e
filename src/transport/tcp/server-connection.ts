import type { Socket } from 'node:net'
import { parseJson } from '../opaque.js'
import type { Peer } from '../authenticated-peer.js'
import { hasEnded } from '../security/certificates.js'
import { type Frame, FRAME_OVERHEAD, KINDS, type LongFrame } from './frame.js'
import type { InboundBudget } from '../inbound-budget.js'
import type { KeyRing } from '../security/keys.js'
import { GREETING_MAX, Session, readHello, HandshakeError } from './handshake.js'
import { type FrameMacs, FramedSocket, type SocketEvents } from './framed-socket.js'

/** If more bytes of answers wait to be read by the client, the server accepts no further call. */
const BACKLOG_BYTES_MAX = 1024 * 1024

/**
 * The time in which a client that was asked to leave may still call, in milliseconds: the last
 * calls of a client may cross the request to leave.
 */
const LEAVE_MS = 1000

/** The settings of the connections of a listener. */
export interface ServerConnectionTerms {
    /** Answers a call. Never rejects. */
    readonly answer: (envelope: unknown, peer: Peer | null) => Promise<unknown>
    readonly keys: KeyRing | null
    /** Whether the current authorities still certify the client. */
    readonly isCertified: (socket: Socket) => boolean
    readonly bytesMax: number
    /** Memory for incomplete frames, shared by all connections of the listener. */
    readonly budget: InboundBudget
    /** The limit of calls in flight on one connection; the next call waits in the network. */
    readonly callsMax: number
    /**
     * The time limits of the handshake, of an incomplete frame or an unread answer, and of silence,
     * in milliseconds.
     */
    readonly timeLimits: {
        readonly hello: number
        readonly frame: number
        readonly silence: number
    }
}

/** The events of a connection. */
export interface ServerConnectionEvents {
    /** The handshake is complete: the client has spoken as a member does. */
    onProven(): void
    /** The connection was cut, or a call refused, because of the client. */
    onFailed(reason: HandshakeError['reason'] | 'too-large' | 'too-slow'): void
    /** The connection is closed. */
    onClosed(): void
}

/**
 * The answering side of a connection. Accepts many calls at once, up to `callsMax`, and sends each
 * answer as soon as the answer is ready.
 */
export class ServerConnection implements SocketEvents {
    readonly #terms: ServerConnectionTerms
    readonly #events: ServerConnectionEvents
    readonly #peer: Peer | null
    readonly #socket: Socket
    readonly #framedSocket: FramedSocket
    readonly #since = performance.now()
    #stage: 'greeting' | 'proving' | 'open' = 'greeting'
    #session: Session | null = null
    /** Since when the client is asked to use another connection; `null` before. */
    #leavingSince: number | null = null
    /** Whether the connection accepts no further calls. */
    #isClosing = false
    #inFlight = 0
    /**
     * Since when the client leaves too many bytes of answers unread; `null` if the client reads.
     */
    #unreadSince: number | null = null

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
        this.#framedSocket = new FramedSocket(socket, GREETING_MAX, this, terms.budget)
        socket.on('drain', () => this.#resumeIfReady())
    }

    /** Receives a frame of the client. */
    onFrame({ kind, id, payload }: Frame): void {
        if (this.#stage === 'greeting' && kind === KINDS.hello) {
            this.#onHello(payload)
        } else if (this.#stage === 'proving' && kind === KINDS.proof) {
            this.#session?.checkProof(payload)
            this.#open()
        } else if (this.#stage === 'open' && kind === KINDS.call) {
            this.#onCall(id, payload)
        } else if (this.#stage === 'open' && kind === KINDS.ping) {
            this.#framedSocket.send(KINDS.pong, id, '')
        } else {
            throw new HandshakeError('malformed', 'The client has sent an unexpected frame.')
        }
    }

    /**
     * Refuses a call for its size, and accepts no other call: the client leaves, or the connection
     * is cut.
     */
    onLongFrame({ id }: LongFrame): boolean {
        if (this.#stage !== 'open') {
            return false
        }
        this.#framedSocket.send(KINDS.refused, id, String(this.#terms.bytesMax))
        this.#leavingSince ??= performance.now()
        this.#events.onFailed('too-large')
        return true
    }

    /** The socket was cut because of a received frame. */
    onError(error: unknown): void {
        this.#events.onFailed(error instanceof HandshakeError ? error.reason : 'malformed')
    }

    /** The socket is closed. Answers that are not sent yet are dropped. */
    onClosed(): void {
        this.#events.onClosed()
    }

    /**
     * Cuts the connection if a time limit has passed, or if the key or the certificate is no longer
     * valid.
     */
    checkLimits(now: number): void {
        const { hello, frame, silence } = this.#terms.timeLimits
        const { incompleteSince } = this.#framedSocket
        const isLate = (since: number | null, ms: number): boolean =>
            since !== null && now - since > ms
        const isIdle = this.#stage === 'open' && this.#inFlight === 0
        if (this.#stage === 'open' && !this.#isKeyKnown()) {
            this.#cut('unknown-key')
        } else if (this.#stage !== 'open' && isLate(this.#since, hello)) {
            this.#cut('too-slow')
        } else if (isLate(incompleteSince, frame) || isLate(this.#unreadSince, frame)) {
            this.#cut('too-slow')
        } else if (isIdle && isLate(this.#framedSocket.receivedAt, silence)) {
            // An idle connection is closed without counting a rejection.
            this.#framedSocket.cut()
        } else if (this.#leavingSince !== null) {
            this.#closeLeaving(now - this.#leavingSince)
        } else if (hasEnded(this.#socket)) {
            this.#cut('bad-certificate')
        }
    }

    /**
     * The certificates of the listener have changed. A client without a valid certificate is cut;
     * every other client is asked to use another connection.
     */
    onCertificatesReplaced(): void {
        if (!this.#terms.isCertified(this.#socket)) {
            this.#cut('bad-certificate')
        } else if (this.#leavingSince === null) {
            this.#leavingSince = performance.now()
            this.#framedSocket.send(KINDS.leave, 0, '')
        }
    }

    /** Cuts the connection. */
    cut(): void {
        this.#framedSocket.cut()
    }

    #cut(reason: 'bad-certificate' | 'too-slow' | 'unknown-key'): void {
        this.#framedSocket.cut()
        this.#events.onFailed(reason)
    }

    #onHello(payload: Buffer): void {
        const { keys } = this.#terms
        const hello = readHello(payload)
        if (keys !== null) {
            const { session, challenge } = Session.answer(keys, hello)
            this.#session = session
            this.#framedSocket.send(KINDS.challenge, 0, challenge)
            this.#stage = 'proving'
        } else if (hello.keyId === '') {
            this.#open()
        } else {
            throw new HandshakeError(
                'unknown-key', 'The client has named a key, but the listener has no keys.'
            )
        }
    }

    #open(): void {
        if (this.#session !== null) {
            const { calls, answers } = this.#session.frameMacs()
            const macs: FrameMacs = { incoming: calls, outgoing: answers }
            this.#framedSocket.setMacs(macs)
        }
        this.#framedSocket.limit = this.#terms.bytesMax + FRAME_OVERHEAD
        this.#stage = 'open'
        this.#events.onProven()
    }

    /**
     * Stops accepting calls of a client that does not leave, and cuts the connection once its calls
     * are answered.
     */
    #closeLeaving(forMs: number): void {
        this.#isClosing = forMs > LEAVE_MS
        const hasFinished = this.#isClosing && this.#inFlight === 0
        if (hasFinished || forMs > this.#terms.timeLimits.frame) {
            this.#framedSocket.cut()
        }
    }

    #isKeyKnown(): boolean {
        const { keys } = this.#terms
        return keys === null || this.#session?.isOf(keys) === true
    }

    #onCall(id: number, payload: Buffer): void {
        if (!this.#isKeyKnown()) {
            throw new HandshakeError('unknown-key', 'The key is no longer known.')
        }
        if (this.#isClosing) {
            return
        }
        const envelope = parseJson(payload)
        this.#inFlight++
        if (this.#inFlight >= this.#terms.callsMax) {
            this.#framedSocket.pause()
        }
        this.#terms.answer(envelope, this.#peer).then((answer) => this.#answer(id, answer))
    }

    #answer(id: number, answer: unknown): void {
        this.#inFlight--
        this.#framedSocket.send(KINDS.answer, id, this.#encode(answer))
        if (this.#framedSocket.backlog > BACKLOG_BYTES_MAX) {
            this.#unreadSince ??= performance.now()
            this.#framedSocket.pause()
        } else {
            this.#resumeIfReady()
        }
    }

    /**
     * The answer as JSON; empty if JSON cannot carry the answer, or if the answer exceeds
     * `bytesMax`.
     */
    #encode(answer: unknown): string {
        const { bytesMax } = this.#terms
        try {
            const text = JSON.stringify(answer ?? null) ?? ''
            const isShort = text.length * 3 <= bytesMax || Buffer.byteLength(text) <= bytesMax
            return isShort ? text : ''
        } catch {
            return ''
        }
    }

    #resumeIfReady(): void {
        if (this.#framedSocket.backlog <= BACKLOG_BYTES_MAX) {
            this.#unreadSince = null
            if (this.#inFlight < this.#terms.callsMax) {
                this.#framedSocket.resume()
            }
        }
    }
}
