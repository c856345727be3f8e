import { Agent, type ClientRequest } from 'node:http'
import { Agent as TlsAgent } from 'node:https'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Certificates } from '../security/certificates.js'
import type { NameLookup } from '../name-lookup.js'

/**
 * The time for which a client keeps an idle socket, in milliseconds; shorter than the time of the
 * server.
 */
const IDLE_MS = 15_000

/** The settings of the sockets of a client. */
export interface AgentTerms {
    /** The limit of sockets to one addressee. */
    readonly socketsMax: number
    readonly certificates: Certificates | null
    readonly names: NameLookup
}

/** The host name for which a socket was opened. */
const hostnames = new WeakMap<Duplex, string>()

/** Makes an agent that keeps an idle socket while its address belongs to its host name. */
export function makeAgent({ socketsMax, certificates, names }: AgentTerms): Agent {
    const options = {
        keepAlive: true,
        maxSockets: socketsMax,
        timeout: IDLE_MS,
        lookup: names.lookup
    }
    // A resumed TLS session skips the check of the certificate.
    const agent =
        certificates === null
            ? new Agent(options)
            : new TlsAgent({ ...options, ...certificates.forClient(), maxCachedSessions: 0 })
    const keepsByDefault = agent.keepSocketAlive.bind(agent) as (socket: Duplex) => unknown
    agent.keepSocketAlive = (socket: Duplex): boolean => {
        const hostname = hostnames.get(socket)
        const { remoteAddress } = socket as Socket
        const hasLeft = hostname !== undefined && names.hasLeft(hostname, remoteAddress)
        return !hasLeft && Boolean(keepsByDefault(socket))
    }
    return agent
}

/** Reports to the look-ups which address of a host name has answered a request. */
export function recordAddress(request: ClientRequest, hostname: string, names: NameLookup): void {
    request.once('socket', (socket) => {
        hostnames.set(socket, hostname)
    })
    request.once('response', ({ socket }) => names.onAnswered(hostname, socket.remoteAddress))
}
