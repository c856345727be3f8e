import { respond, type Send } from '../connect.js'
import type { TransportClient } from '../connect-client.js'
import type { Answering, Counting } from '../http/route.js'
import type { InboundBudget } from '../inbound-budget.js'
import { BYTES_MAX } from '../message-size.js'
import { namesOf } from '../name-lookup.js'
import type { Certificates } from '../security/certificates.js'
import { type KeyRing, ringOf } from '../security/keys.js'
import { TcpClient } from './client.js'
import type { ListeningTcp, TcpSendOptions } from './options.js'
import { TcpServer, type TcpServerTerms } from './server.js'

/** The client over TCP. */
export type TcpSend = TransportClient

/** Makes a client that counts rejections at the Kibitzer. */
export function tcpSendOf(
    options: TcpSendOptions,
    certificates: Certificates | null,
    counting: Counting
): TcpSend {
    const client = new TcpClient({
        bytesMax: options.bytesMax ?? BYTES_MAX,
        connectTimeout: options.connectTimeout ?? 400,
        backoffMax: options.backoffMax ?? 250,
        silence: options.silence ?? 200,
        keys: ringOf(options.keys),
        certificates,
        names: namesOf(options.lookup),
        onTurnedAway: (reason, from) => counting.turnAway?.(reason, from)
    })
    const send: Send = (to, envelope, signal) => client.send(to, envelope, signal)
    return Object.assign(send, { close: () => client.close() })
}

/** The parts of a server that do not come from the options alone. */
export interface TcpServerParts extends Pick<TcpServerTerms, 'onHttp'> {
    readonly keys: KeyRing | null
    readonly certificates: Certificates | null
    readonly budget: InboundBudget
}

/** Makes a server of frames that passes calls to the Kibitzer. */
export function tcpServerOf(
    kibitzer: Answering,
    settings: ListeningTcp & Pick<TcpSendOptions, 'bytesMax'>,
    parts: TcpServerParts
): TcpServer {
    return new TcpServer({
        ...parts,
        answer: (envelope, peer) => respond(kibitzer, envelope, { peer: peer ?? undefined }),
        connectionsMax: settings.connectionsMax,
        bytesMax: settings.bytesMax ?? BYTES_MAX,
        callsMax: settings.callsMax,
        timeLimits: {
            hello: settings.handshakeTimeout,
            frame: settings.requestTimeout,
            silence: settings.keepAliveTimeout
        },
        onTurnedAway: (reason, from) => kibitzer.turnAway?.(reason, from)
    })
}
