import '../base/packages.js'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { rejectArgument } from '../base/errors.js'
import type { Kibitzer } from '../member/kibitzer.js'
import { mountedMemberOf } from './mounts.js'

/** The part of a Colleague that a server needs. */
export interface Mountable {
    readonly kibitzer: Kibitzer
}

/** A request listener for a server of `node:http`, and a middleware for Express. */
export type MountedHandler = (request: IncomingMessage, response: ServerResponse) => void

/** The states that a Colleague without a transport shows, by path. */
const STATES = { livez: 200, readyz: 503, health: 200 } as const

/** Answers a request while the Colleague is not connected. */
function answerUnconnected(isDestroyed: boolean, path: string, response: ServerResponse): void {
    const [, name] = /\/(livez|readyz|health)(?:\?.*)?$/.exec(path) ?? []
    const status = name === undefined ? 503 : STATES[name as keyof typeof STATES]
    const state = isDestroyed ? 'stopping' : name === 'livez' ? 'alive' : 'starting'
    const body = JSON.stringify({ state })
    // The body of the request stays unread, so no other request can follow on this connection.
    const headers = { 'content-type': 'application/json', 'content-length': body.length }
    response.writeHead(status, { ...headers, connection: 'close' })
    response.end(body)
}

/**
 * Serves a Colleague on your own server of `node:http` or `node:https`, or in Express. Start the
 * Colleague with the option `mount`: the url at which peers reach the handler. All options,
 * `keys` too, are options of `start` or `listen`. The server chooses the path and the time limit
 * of a request. A body parser may have read the request. Before the start, and after the end, the
 * probes answer and every other request receives 503.
 *
 * @throws KibitzError `invalid-argument`.
 */
export function handler(colleague: Mountable): MountedHandler {
    if (typeof (colleague as Partial<Mountable> | null)?.kibitzer?.request !== 'function') {
        rejectArgument('The argument of handler must be a Colleague.')
    }
    return (request, response) => {
        const { kibitzer } = colleague
        const member = mountedMemberOf(kibitzer)
        if (member === undefined) {
            answerUnconnected(kibitzer.destroyed, request.url ?? '', response)
        } else {
            member.serve(request, response)
        }
    }
}
