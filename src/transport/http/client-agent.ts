import { Agent, type ClientRequest } from 'node:http'
import { Agent as TlsAgent } from 'node:https'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Certificates } from '../security/certificates.js'
import type { NameLookup } from '../name-lookup.js'

/** How long a client keeps an idle socket, in milliseconds; less than the server does. */
const IDLE_MS = 15_000

/** What the sockets of a client depend on. */
export interface AgentTerms {
    /** How many sockets there may be to one addressee. */
    readonly socketsMax: number
    readonly certificates: Certificates | null
    readonly names: NameLookup
}

/** The host name that a socket was opened for. */
const hostnames = new WeakMap<Duplex, string>()

/** Makes an agent that keeps idle sockets, as long as their address is one of their name. */
export function makeAgent({ socketsMax, certificates, names }: AgentTerms): Agent {
    const options = {
        keepAlive: true,
        maxSockets: socketsMax,
        timeout: IDLE_MS,
        lookup: names.lookup
    }
    // A session that is resumed is not checked again.
    const agent =
        certificates === null
            ? new Agent(options)
            : new TlsAgent({ ...options, ...certificates.forClient(), maxCachedSessions: 0 })
    const keeps = agent.keepSocketAlive.bind(agent) as (socket: Duplex) => unknown
    agent.keepSocketAlive = (socket: Duplex): boolean => {
        const hostname = hostnames.get(socket)
        const { remoteAddress } = socket as Socket
        const hasLeft = hostname !== undefined && names.hasLeft(hostname, remoteAddress)
        return !hasLeft && Boolean(keeps(socket))
    }
    return agent
}

/** Tells the look-ups which address of a host name a request has reached. */
export function noteAddress(request: ClientRequest, hostname: string, names: NameLookup): void {
    request.once('socket', (socket) => {
        hostnames.set(socket, hostname)
        if (socket.connecting) {
            socket.once('connect', () => names.onConnected(hostname, socket.remoteAddress))
        }
    })
}
