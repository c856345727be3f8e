import type { Socket } from 'node:net'
import type { WireCall } from '../../guard/envelope.js'
import { parseJson } from '../opaque.js'
import type { Peer } from '../authenticated-peer.js'
import { type PendingCall, PendingCalls, unreachable } from './pending-calls.js'
import { CallSize } from '../message-size.js'
import { type Frame, FRAME_OVERHEAD, KINDS } from './frame.js'
import type { KeyRing } from '../security/keys.js'
import { type Connection, RetiredConnections } from './outgoing-connection.js'
import { greet, GREETING_MAX, Session, HandshakeError } from './handshake.js'
import { FramedSocket } from './framed-socket.js'

/** How many bytes of calls may wait to be taken before there is no sense in making more. */
const BACKLOG_MAX = 16 * 1024 * 1024

/** How long the first wait for another dial is, in milliseconds; each next one is twice as long. */
const BACKOFF_MIN = 20

/** After how many ticks without a sign of life it is asked for, and then no longer waited for. */
const QUIET_TICKS = 1
const DEAD_TICKS = 3

/** What a line needs of its client. */
export interface ClientConnectionTerms {
    /** Opens a connection. Calls `reached` with who is there, if there is proof; or it closes. */
    readonly dial: (reached: (peer: Peer | null) => void) => Socket
    /** Whether the peer at the other end may still be believed, and is still at its address. */
    readonly isCurrent: (socket: Socket) => boolean
    /** Whether the certificate at the other end still counts. */
    readonly isBelieved: (socket: Socket) => boolean
    readonly keys: KeyRing | null
    /** How often the certificates have been replaced. */
    readonly version: () => number
    readonly bytesMax: number
    /** How long it may take to reach the addressee and be known to it, in milliseconds. */
    readonly connectTimeout: number
    /** How long it waits at most before it dials again, in milliseconds. */
    readonly backoffMax: number
    /** Tells that it was cut for what arrived. */
    readonly failed: (reason: HandshakeError['reason']) => void
}

/**
 * The asking end of a connection to one addressee, which is dialled when it is called and dialled
 * again, after a while that grows, when it was lost. Many calls are under way at once.
 *
 * 1. Each call is settled once: answered, or rejected when the connection is lost.
 * 2. Who falls silent while calls wait is asked for a sign of life, and cut off where none comes.
 * 3. If keys, certificates or the address have changed, or the callee asks for it, new calls go
 *    over a new connection at once. The old one finishes its calls, within a bound.
 */
export class ClientConnection {
    readonly #terms: ClientConnectionTerms
    readonly #size: CallSize
    #connection: Connection | null = null
    readonly #retired = new RetiredConnections()
    #failures = 0
    #dialAgainAt = Number.NEGATIVE_INFINITY
    #quietTicks = 0
    #heardAt = 0
    #idleTicks = 0

    constructor(terms: ClientConnectionTerms) {
        this.#terms = terms
        this.#size = new CallSize(terms.bytesMax)
    }

    /** Calls. Rejects where the addressee cannot be reached, or not any more. */
    call(envelope: WireCall, signal: AbortSignal): Promise<unknown> {
        return new Promise((resolve, reject) => {
            const text = this.#size.write(envelope)
            const to = envelope.method === 'receive' ? envelope.body.to.id : null
            this.#retireOutdated()
            const connection = this.#connection ?? this.#dial()
            const asked = { text, to, signal, resolve, reject }
            const id = connection.asked.add(asked)
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
        const now = performance.now()
        this.#retired.tick(now)
        const connection = this.#connection
        connection?.asked.drop()
        const isAsked = connection !== null && connection.asked.size !== 0
        if (connection !== null && connection.stage !== 'open') {
            if (now - connection.since > this.#terms.connectTimeout) {
                connection.wire.cut()
            }
        } else if (connection !== null && isAsked) {
            this.#listen(connection)
        } else {
            this.#quietTicks = 0
        }
        this.#idleTicks = isAsked || this.#retired.size !== 0 ? 0 : this.#idleTicks + 1
        return this.#idleTicks
    }

    /** Cuts every connection. The calls under way reject. */
    cut(): void {
        const current = this.#connection === null ? [] : [this.#connection]
        for (const connection of [...this.#retired.all, ...current]) {
            connection.wire.cut()
            this.#lose(connection)
        }
    }

    #take(connection: Connection, { kind, id, payload }: Frame): void {
        if (this.#connection !== connection && !this.#retired.has(connection)) {
            return
        }
        if (connection.stage === 'open' && kind === KINDS.answer) {
            this.#rejectStranger(connection)
            connection.isProven = true
            this.#answer(connection, id, payload)
        } else if (connection.stage === 'greeting' && kind === KINDS.challenge) {
            this.#prove(connection, payload)
        } else if (connection.stage === 'open' && kind === KINDS.refused) {
            this.#refuse(connection, id, payload)
        } else if (connection.stage === 'open' && kind === KINDS.leave) {
            connection.isLeft = true
            this.#retireOutdated()
        } else if (connection.stage !== 'open' || kind !== KINDS.pong) {
            throw new HandshakeError('malformed', 'A callee has said something out of turn.')
        }
    }

    /** Refuses an answer under a key or a certificate that counts no more. @throws Stranger */
    #rejectStranger({ session, socket, version }: Connection): void {
        if (session?.isOf(this.#terms.keys) === false) {
            throw new HandshakeError('unknown-key', 'A key is no longer known.')
        }
        if (version !== this.#terms.version() && !this.#terms.isBelieved(socket)) {
            throw new HandshakeError('bad-certificate', 'A certificate no longer counts.')
        }
    }

    /** A connection is lost, and with it the calls under way on it. */
    #lose(connection: Connection): void {
        if (this.#connection === connection) {
            this.#connection = null
            this.#quietTicks = 0
            this.#failures = connection.isProven ? 0 : this.#failures + 1
            if (this.#failures !== 0) {
                const { backoffMax } = this.#terms
                const wait = Math.min(backoffMax, BACKOFF_MIN * 2 ** (this.#failures - 1))
                this.#dialAgainAt = performance.now() + wait
            }
        }
        this.#retired.delete(connection)
        connection.asked.rejectAll(unreachable('The connection was lost, or was not made.'))
    }

    /** Lets the connection take no new call if the key, the certificate or the address is old. */
    #retireOutdated(): void {
        const { keys, version, isCurrent } = this.#terms
        const connection = this.#connection
        if (connection === null || connection.stage !== 'open') {
            return
        }
        const { session, isLeft, asked, wire } = connection
        const isOldKey = session?.isFirstOf(keys) === false || connection.version !== version()
        if (!isLeft && !isOldKey && isCurrent(connection.socket)) {
            return
        }
        this.#connection = null
        this.#quietTicks = 0
        this.#retired.add(connection, performance.now())
        if (asked.size === 0 || session?.isOf(keys) === false) {
            wire.cut()
            this.#lose(connection)
        }
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
        const wire = new FramedSocket(socket, GREETING_MAX, {
            take: (frame) => this.#take(connection, frame),
            fail: (fault) => {
                this.#terms.failed(fault instanceof HandshakeError ? fault.reason : 'malformed')
            },
            closed: () => this.#lose(connection)
        })
        const connection: Connection = {
            socket,
            wire,
            asked: new PendingCalls(),
            since: performance.now(),
            version: this.#terms.version(),
            stage: 'dialling',
            peer: null,
            session: null,
            spoken: null,
            isProven: false,
            isLeft: false,
            retiredAt: null
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
        const session = Session.take(spoken.key, spoken.hello, challenge)
        connection.session = session
        connection.wire.send(KINDS.proof, 0, session.proof())
        const { calls, answers } = session.seals()
        connection.wire.seal({ incoming: answers, outgoing: calls })
        this.#open(connection)
    }

    #open(connection: Connection): void {
        connection.stage = 'open'
        connection.wire.limit = this.#terms.bytesMax + FRAME_OVERHEAD
        for (const [id, asked] of connection.asked.all) {
            this.#send(connection, id, asked)
        }
    }

    /** The callee has refused a call for its size, and takes no other call here. */
    #refuse(connection: Connection, id: number, payload: Buffer): void {
        const error = this.#size.onRefused(payload)
        connection.isProven = true
        connection.asked.take(id)?.reject(error)
        connection.wire.cut()
        this.#lose(connection)
    }

    #send(connection: Connection, id: number, asked: PendingCall): void {
        const { wire, peer } = connection
        const { text, to, signal, reject } = asked
        const isMeant = peer === null || to === null || to === peer.id
        if (signal.aborted || !isMeant || wire.backlog > BACKLOG_MAX) {
            connection.asked.take(id)
            const what = isMeant ? 'The addressee takes no more.' : 'Somebody else is there.'
            reject(signal.aborted ? signal.reason : unreachable(what))
            return
        }
        wire.send(KINDS.call, id, text)
        asked.text = ''
    }

    #answer({ asked: waiting, wire, retiredAt }: Connection, id: number, payload: Buffer): void {
        const asked = waiting.take(id)
        if (retiredAt !== null && waiting.size === 0) {
            wire.cut()
        }
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
