import '../../base/packages.js'
import type { Kibitzer } from '../../member/kibitzer.js'
import { readOptions } from '../../base/option-table.js'
import { quiet } from '../../base/callbacks.js'
import { type Announcement, checkAnnouncement, checkExposure } from '../address.js'
import { openPort } from '../open-port.js'
import { BYTES_MAX } from '../message-size.js'
import { certificatesOf } from '../security/certificates.js'
import { connectClient, type ShownBy } from '../connect-client.js'
import { type TcpSend, tcpSendOf, tcpServerOf } from './from-options.js'
import { budgetOf } from '../inbound-budget.js'
import { ringOf } from '../security/keys.js'
import type { Counting } from '../http/route.js'
import { CONNECT_OPTIONS, type ConnectOptions } from '../call-limits.js'
import { checkArguments, QUEUES } from '../connect.js'
import {
    LISTEN_TCP_OPTIONS,
    type ListenTcpOptions,
    OPTIONS_OF_HTTP,
    TCP_SEND_OPTIONS,
    type TcpOptions,
    type TcpSendOptions,
    withDefaults
} from './options.js'

export type { ListenTcpOptions, TcpOptions, TcpSend, TcpSendOptions }

/** A listening Kibitzer. */
export interface TcpListener {
    /** The url that peers call. Put the url into the properties of this member, as `{ url }`. */
    readonly url: string
    /**
     * Closes every socket, inbound and outgoing. Resolves when no socket is open. `destroy` of the
     * Kibitzer does the same.
     */
    close(): Promise<void>
}

/**
 * A client that sends envelopes as JSON to the `url` in the properties of the addressee. Each
 * address has one kept connection with many calls in flight. Pass the client to `connect`, or use
 * `connectTcp`, which does both.
 */
export function send(options: TcpSendOptions | null = {}): TcpSend {
    const settings = readOptions('send', options, TCP_SEND_OPTIONS, [], OPTIONS_OF_HTTP)
    return tcpSendOf(settings, certificatesOf(settings.tls), {})
}

/**
 * Connects a Kibitzer with its own client. Connect before `bootstrap` and `join`. The connection
 * ends when the Kibitzer is destroyed.
 *
 * @returns The undo of `connect`, which also closes the connections of the client.
 * @throws KibitzError `invalid-argument`.
 */
export function connectTcp(
    kibitzer: Pick<Kibitzer, 'read' | 'write' | 'destruction'> & Counting,
    options: (TcpSendOptions & ConnectOptions) | null = {}
): () => void {
    checkArguments('connectTcp', { kibitzer }, { kibitzer: QUEUES })
    const table = { ...TCP_SEND_OPTIONS, ...CONNECT_OPTIONS }
    const settings = readOptions('connectTcp', options, table, [], OPTIONS_OF_HTTP)
    const certificates = certificatesOf(settings.tls)
    const tcpSend = tcpSendOf(settings, certificates, kibitzer)
    return connectClient(kibitzer, tcpSend, settings, { certificates, usages: ['clientAuth'] })
}

/**
 * Makes a Kibitzer listen on a port of its own, and connects the Kibitzer with a client. Listen
 * before `bootstrap` and `join`, which need the `url`. The listener closes when the Kibitzer is
 * destroyed.
 *
 * @throws KibitzError `address-in-use`, `invalid-argument`.
 */
export function listenTcp(
    kibitzer: Pick<Kibitzer, 'read' | 'write' | 'request' | 'destruction'> & Counting,
    options: ListenTcpOptions | null = {}
): Promise<TcpListener> {
    return quiet(startListener(kibitzer, options))
}

async function startListener(
    kibitzer: Pick<Kibitzer, 'read' | 'write' | 'request' | 'destruction'> & Counting,
    given: ListenTcpOptions | null
): Promise<TcpListener> {
    checkArguments('listenTcp', { kibitzer }, { kibitzer: QUEUES })
    const options = readOptions('listenTcp', given, LISTEN_TCP_OPTIONS, [], OPTIONS_OF_HTTP)
    const settings = withDefaults(options)
    const { port, host } = settings
    const keys = ringOf(options.keys)
    const certificates = certificatesOf(options.tls)
    checkExposure({ ...settings, isGuarded: (keys ?? certificates) !== null })
    const announcement: Announcement = {
        scheme: certificates === null ? 'tcp' : 'tls',
        host,
        path: '',
        advertise: options.advertise
    }
    checkAnnouncement(announcement)
    const budget = budgetOf(options.inboundBytesMax, options.bytesMax ?? BYTES_MAX)
    const server = tcpServerOf(kibitzer, settings, { keys, certificates, budget })
    const shared = { ...options, ...(keys === null ? {} : { keys }) }
    const tcpSend = tcpSendOf(shared, certificates, kibitzer)
    const shownBy: ShownBy = { certificates, usages: ['clientAuth', 'serverAuth'] }
    const disconnect = connectClient(kibitzer, tcpSend, options, shownBy)
    return await openPort(kibitzer, server, disconnect, { name: 'kibitz/tcp', port, announcement })
}
