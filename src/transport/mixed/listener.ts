import type { Socket } from 'node:net'
import type { Kibitzer } from '../../member/kibitzer.js'
import type { OptionTable } from '../../base/option-table.js'
import type { TurnedAway } from '../authenticated-peer.js'
import { type Announcement, checkAnnouncement, OwnAddresses } from '../address.js'
import { openPort } from '../open-port.js'
import { type ShownBy, connectClient } from '../connect-client.js'
import { handlersOf, httpSendOf, sharedTerms } from '../http/from-options.js'
import { LISTEN_HTTP_OPTIONS, type ListenHttpOptions, withDefaults } from '../http/options.js'
import { Paths } from '../http/paths.js'
import type { Answering } from '../http/route.js'
import { BoundedServer } from '../http/server.js'
import { budgetOf } from '../inbound-budget.js'
import { OPAQUE_BYTES_MAX } from '../message-size.js'
import { type Certificates, certificatesOf } from '../security/certificates.js'
import { type KeyRing, ringOf } from '../security/keys.js'
import { tcpSendOf, tcpServerOf } from '../tcp/from-options.js'
import { rejectOverTls } from '../tls-address.js'
import type { TcpServer } from '../tcp/server.js'
import {
    LISTEN_TCP_OPTIONS, type ListenTcpOptions, withDefaults as withTcpDefaults
} from '../tcp/options.js'
import { webOf } from './addresses.js'
import { type MixedSend, mixedSendOf } from './client.js'

/** The options of HTTP, and the options of frames that HTTP does not have. */
export interface MixedOptions extends ListenHttpOptions, Pick<
    ListenTcpOptions, 'backoffMax' | 'connectTimeout' | 'handshakeTimeout' | 'silence'
> {}

/** The kinds of the options. */
export const MIXED_OPTIONS: OptionTable<MixedOptions> = {
    ...LISTEN_HTTP_OPTIONS, ...LISTEN_TCP_OPTIONS
}

/** A member that listens and calls. */
export interface MixedListener {
    /** The url at which peers call this member over HTTP. */
    readonly url: string
    /** The address at which peers call this member with frames; `null` if it takes none. */
    readonly tcp: string | null
    readonly client: MixedSend
    /** Closes every socket, inbound and outgoing. Resolves when no socket is open. */
    close(): Promise<void>
}

/** The part of a Kibitzer that a listener connects. */
export type ConnectedMember = Pick<Kibitzer, 'read' | 'write' | 'destruction'> & Answering

/** The parts that a listener and its client share. */
interface Shared {
    readonly keys: KeyRing | null
    readonly certificates: Certificates | null
    readonly ownAddresses: OwnAddresses
    /** Whether the port also takes frames. */
    readonly takesFrames: boolean
}

/** A server with one port. */
type Bound = Pick<BoundedServer | TcpServer, 'server' | 'close'>

/** Makes the server: HTTP alone, or frames and HTTP on one port. */
function serverOf(kibitzer: ConnectedMember, options: MixedOptions, shared: Shared): Bound {
    const { keys, certificates, ownAddresses, takesFrames } = shared
    const settings = withDefaults(options)
    const budget = budgetOf(options.inboundBytesMax, options.bytesMax ?? OPAQUE_BYTES_MAX)
    const onTurnedAway = (code: TurnedAway, from: string): void => kibitzer.turnAway?.(code, from)
    const onProven = (socket: Socket): void => httpServer.markProven(socket)
    const onHttp = (socket: Socket): void => httpServer.accept(socket)
    const terms = { ...sharedTerms(options, { onProven, isOwn: ownAddresses.has }), budget }
    const { serve } = new Paths(kibitzer, handlersOf(kibitzer, terms, settings))
    const tcpServer = takesFrames
        ? tcpServerOf(kibitzer, withTcpDefaults(options), { keys, certificates, budget, onHttp })
        : null
    const httpServer = new BoundedServer({
        ...settings,
        certificates,
        onTurnedAway,
        ...(tcpServer === null ? {} : { connectionLimit: tcpServer.connectionLimit })
    }, serve)
    if (tcpServer === null) {
        return httpServer
    }
    const close = async (): Promise<void> => {
        await Promise.all([tcpServer.close(), httpServer.close()])
    }
    return { server: tcpServer.server, close }
}

/** The address for frames at the host and port of a url. */
function framesAt(url: string): string {
    return url.replace(/^http(s?):\/\/([^/]*).*$/, (_, secure, authority) =>
        `${secure === '' ? 'tcp' : 'tls'}://${authority}`)
}

/**
 * Makes a member listen on one port, for HTTP alone or for frames and HTTP, and connects the member
 * with a client that calls each peer with frames or over HTTP, as the properties of the peer say.
 * If `advertise` is a url of HTTP, peers call this member over HTTP. The caller has checked the
 * options. Rejects with `address-in-use` or `invalid-argument`.
 */
export async function listenMixed(
    kibitzer: ConnectedMember,
    given: MixedOptions,
    takesFrames: boolean
): Promise<MixedListener> {
    const keys = ringOf(given.keys)
    const options = keys === null ? given : { ...given, keys }
    const certificates = certificatesOf(options.tls)
    const { path, port, host } = withDefaults(options)
    const { advertise } = options
    if (certificates === null) {
        rejectOverTls(advertise)
    }
    const announcement: Announcement = {
        scheme: certificates === null ? 'http' : 'https',
        host,
        path,
        advertise: takesFrames && advertise !== undefined ? webOf(advertise) : advertise
    }
    checkAnnouncement(announcement)
    const ownAddresses = new OwnAddresses()
    const shared = { keys, certificates, ownAddresses, takesFrames }
    const server = serverOf(kibitzer, options, shared)
    const client = mixedSendOf(
        tcpSendOf(options, certificates, kibitzer),
        httpSendOf(options, certificates, kibitzer),
        certificates !== null
    )
    const shownBy: ShownBy = { certificates, usages: ['clientAuth', 'serverAuth'] }
    const disconnect = connectClient(kibitzer, client, options, shownBy)
    const place = { name: 'kibitz/listener', port, announcement }
    const { url, close } = await openPort(kibitzer, server, disconnect, place)
    ownAddresses.add(url)
    const isHttpOnly = !takesFrames || /^https?:/i.test(advertise ?? '')
    return Object.freeze({ url, tcp: isHttpOnly ? null : framesAt(url), client, close })
}
