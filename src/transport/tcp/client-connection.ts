import type { WireCall } from '../../guard/envelope.js'
import { parseJson } from '../opaque.js'
import { NotFrames, type PendingCall, PendingCalls, unreachable } from './pending-calls.js'
import { CallSize } from '../message-size.js'
import { type Frame, FRAME_OVERHEAD, KINDS, LongFrame } from './frame.js'
import {
    type ClientConnectionTerms, type Connection, RetiredConnections
} from './outgoing-connection.js'
import { makeHello, GREETING_MAX, Session, HandshakeError } from './handshake.js'
import { FramedSocket } from './framed-socket.js'
import { SilenceCounter } from './silence.js'

/** If more bytes of calls wait to be sent, further calls are rejected. */
const BACKLOG_BYTES_MAX = 16 * 1024 * 1024

/** The first pause before another dial, in milliseconds. Each further pause is twice as long. */
const BACKOFF_MIN_MS = 20

/**
 * The calling side of the connections to one addressee. The first call dials; after a loss, a later
 * call dials again, after a pause that grows. Many calls are in flight at once.
 *
 * 1. Each call ends once: with an answer, or with a rejection when the connection is lost.
 * 2. If the addressee is silent while calls wait, the client sends a ping; without a reply, the
 *    client cuts the connection.
 * 3. If the keys, the certificates or the address have changed, or the server asks the client to
 *    leave, new calls use a new connection at once. The old connection finishes its calls within a
 *    bound.
 */
export class ClientConnection {
    readonly #terms: ClientConnectionTerms
    readonly #size: CallSize
    #connection: Connection | null = null
    readonly #retired = new RetiredConnections()
    #failures = 0
    #nextDialAt = Number.NEGATIVE_INFINITY
    readonly #silence = new SilenceCounter()
    #idleTicks = 0

    constructor(terms: ClientConnectionTerms) {
        this.#terms = terms
        this.#size = new CallSize(terms.bytesMax)
    }

    /** Sends a call, and resolves with the answer. Rejects if the connection is lost. */
    call(envelope: WireCall, signal: AbortSignal): Promise<unknown> {
        return new Promise((resolve, reject) => {
            const text = this.#size.write(envelope)
            const to = envelope.method === 'receive' ? envelope.body.to.id : null
            this.#retireOutdated()
            const connection = this.#connection ?? this.#dial()
            const call = { text, to, signal, resolve, reject }
            const id = connection.pendingCalls.add(call)
            this.#idleTicks = 0
            if (connection.stage === 'open') {
                this.#send(connection, id, call)
            }
        })
    }

    /**
     * Checks time limits. The client calls `tick` at a fixed interval.
     *
     * @returns The number of ticks since the last call; 0 while a call is in flight.
     */
    tick(): number {
        const now = performance.now()
        this.#retired.checkLimits(now)
        const connection = this.#connection
        connection?.pendingCalls.rejectAborted()
        const hasCalls = connection !== null && connection.pendingCalls.size !== 0
        if (connection !== null && connection.stage !== 'open') {
            if (now - connection.dialledAt > this.#terms.connectTimeout) {
                connection.framedSocket.cut()
            }
        } else if (connection !== null && hasCalls) {
            this.#silence.tick(connection.framedSocket)
        } else {
            this.#silence.reset()
        }
        this.#idleTicks = hasCalls || this.#retired.size !== 0 ? 0 : this.#idleTicks + 1
        return this.#idleTicks
    }

    /** Cuts all connections. The calls in flight reject. */
    cut(): void {
        const current = this.#connection === null ? [] : [this.#connection]
        for (const connection of [...this.#retired.all, ...current]) {
            connection.framedSocket.cut()
            this.#onLost(connection)
        }
    }

    #onFrame(connection: Connection, { kind, id, payload }: Frame): void {
        if (this.#connection !== connection && !this.#retired.has(connection)) {
            return
        }
        if (connection.stage === 'open' && kind === KINDS.answer) {
            this.#rejectOutdatedPeer(connection)
            this.#noteAnswer(connection)
            this.#onAnswer(connection, id, payload)
        } else if (connection.stage === 'greeting' && kind === KINDS.challenge) {
            this.#onChallenge(connection, payload)
        } else if (connection.stage === 'open' && kind === KINDS.refused) {
            this.#onRefused(connection, id, payload)
        } else if (connection.stage === 'open' && kind === KINDS.leave) {
            connection.isLeaveRequested = true
            this.#retireOutdated()
        } else if (connection.stage !== 'open' || kind !== KINDS.pong) {
            throw new HandshakeError('malformed', 'The server has sent an unexpected frame.')
        }
    }

    /** Throws a HandshakeError if the key or the certificate is no longer valid. */
    #rejectOutdatedPeer({ session, socket, version }: Connection): void {
        if (session?.isOf(this.#terms.keys) === false) {
            throw new HandshakeError('unknown-key', 'The key is no longer known.')
        }
        if (version !== this.#terms.version() && !this.#terms.isCertified(socket)) {
            throw new HandshakeError('bad-certificate', 'The certificate is no longer valid.')
        }
    }

    /** The connection is lost: its calls reject, and the pause before the next dial starts. */
    #onLost(connection: Connection): void {
        if (this.#connection === connection) {
            this.#connection = null
            this.#silence.reset()
            this.#failures = connection.hasAnswered ? 0 : this.#failures + 1
            if (this.#failures !== 0) {
                const { backoffMax } = this.#terms
                const pauseMs = Math.min(backoffMax, BACKOFF_MIN_MS * 2 ** (this.#failures - 1))
                this.#nextDialAt = performance.now() + pauseMs
            }
        }
        this.#retired.delete(connection)
        const error = unreachable('The connection was lost or could not be made.')
        connection.pendingCalls.rejectAll(connection.isHttp ? new NotFrames() : error)
    }

    #onError(connection: Connection, error: unknown): void {
        connection.isHttp = error instanceof LongFrame && error.isHttp && !connection.hasAnswered
        if (!connection.isHttp) {
            const reason = error instanceof HandshakeError ? error.reason : 'malformed'
            this.#terms.onTurnedAway(reason)
        }
    }

    /**
     * Retires the connection if its key, its certificates or its address are outdated, or the
     * server has asked to leave. New calls then use a new connection.
     */
    #retireOutdated(): void {
        const { keys, version, isCurrent } = this.#terms
        const connection = this.#connection
        if (connection === null || connection.stage !== 'open') {
            return
        }
        const { session, isLeaveRequested, pendingCalls, framedSocket } = connection
        const isOldKey = session?.isFirstOf(keys) === false || connection.version !== version()
        if (!isLeaveRequested && !isOldKey && isCurrent(connection.socket)) {
            return
        }
        this.#connection = null
        this.#silence.reset()
        this.#retired.add(connection, performance.now())
        if (pendingCalls.size === 0 || session?.isOf(keys) === false) {
            framedSocket.cut()
            this.#onLost(connection)
        }
    }

    #dial(): Connection {
        if (performance.now() < this.#nextDialAt) {
            throw unreachable('The last dial failed; the pause before the next dial is not over.')
        }
        const socket = this.#terms.dial((peer) => {
            if (this.#connection === connection) {
                connection.peer = peer
                this.#sendHello(connection)
            }
        })
        const framedSocket = new FramedSocket(socket, GREETING_MAX, {
            onFrame: (frame) => this.#onFrame(connection, frame),
            onError: (error) => this.#onError(connection, error),
            onClosed: () => this.#onLost(connection)
        })
        const connection: Connection = {
            socket,
            framedSocket,
            pendingCalls: new PendingCalls(),
            dialledAt: performance.now(),
            version: this.#terms.version(),
            stage: 'dialling',
            peer: null,
            session: null,
            sentHello: null,
            hasAnswered: false,
            isHttp: false,
            isLeaveRequested: false,
            retiredAt: null
        }
        this.#connection = connection
        return connection
    }

    #sendHello(connection: Connection): void {
        const key = this.#terms.keys?.first ?? null
        const hello = makeHello(key)
        connection.framedSocket.send(KINDS.hello, 0, hello)
        if (key === null) {
            this.#open(connection)
        } else {
            connection.stage = 'greeting'
            connection.sentHello = { key, hello }
        }
    }

    #onChallenge(connection: Connection, challenge: Buffer): void {
        const { sentHello } = connection
        if (sentHello === null) {
            return
        }
        const session = Session.take(sentHello.key, sentHello.hello, challenge)
        connection.session = session
        connection.framedSocket.send(KINDS.proof, 0, session.proof())
        const { calls, answers } = session.frameMacs()
        connection.framedSocket.setMacs({ incoming: answers, outgoing: calls })
        this.#open(connection)
    }

    #open(connection: Connection): void {
        connection.stage = 'open'
        connection.framedSocket.limit = this.#terms.bytesMax + FRAME_OVERHEAD
        for (const [id, call] of connection.pendingCalls.all) {
            this.#send(connection, id, call)
        }
    }

    #noteAnswer(connection: Connection): void {
        if (!connection.hasAnswered) {
            connection.hasAnswered = true
            this.#terms.onAnswered(connection.socket)
        }
    }

    /** The server has refused a call for its size, and accepts no other call on this connection. */
    #onRefused(connection: Connection, id: number, payload: Buffer): void {
        const error = this.#size.onRefused(payload)
        this.#noteAnswer(connection)
        connection.pendingCalls.take(id)?.reject(error)
        connection.framedSocket.cut()
        this.#onLost(connection)
    }

    #send(connection: Connection, id: number, call: PendingCall): void {
        const { framedSocket, peer } = connection
        const { text, to, signal, reject } = call
        const isMeant = peer === null || to === null || to === peer.id
        if (signal.aborted || !isMeant || framedSocket.backlog > BACKLOG_BYTES_MAX) {
            connection.pendingCalls.take(id)
            const reason = isMeant ? 'Too many bytes wait to be sent.' : 'Another member answers.'
            reject(signal.aborted ? signal.reason : unreachable(reason))
            return
        }
        framedSocket.send(KINDS.call, id, text)
        call.text = ''
    }

    #onAnswer(connection: Connection, id: number, payload: Buffer): void {
        const { pendingCalls, framedSocket, retiredAt } = connection
        const call = pendingCalls.take(id)
        if (retiredAt !== null && pendingCalls.size === 0) {
            framedSocket.cut()
        }
        try {
            if (payload.length === 0) {
                throw unreachable('The answer of the addressee is missing or too large.')
            }
            call?.resolve(parseJson(payload))
        } catch (error) {
            call?.reject(error)
        }
    }
}
