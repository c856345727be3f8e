import type { IncomingMessage, ServerResponse } from 'node:http'
import { type RequestHandler, refusePath } from './request-handler.js'
import type { Counting } from './route.js'

/** The path of a request, without the query and without the origin of a proxied request. */
function pathOf(target: string): string {
    const [path = ''] = target.replace(/^https?:\/\/[^/?#]*/i, '').split('?', 1)
    return path
}

/**
 * The paths of a listener. The path of a GET route matches any query, because probes and proxies
 * add queries. Every other path must match exactly.
 */
export class Paths {
    readonly #counting: Counting
    readonly #handlers: ReadonlyMap<string, RequestHandler>

    constructor(counting: Counting, handlers: ReadonlyMap<string, RequestHandler>) {
        this.#counting = counting
        this.#handlers = handlers
    }

    /** Serves a request, or refuses the request if the path is unknown. */
    readonly serve = (request: IncomingMessage, response: ServerResponse): void => {
        this.serveAt(request.url ?? '', request, response)
    }

    /** Serves a request whose path differs from its `url`. */
    serveAt(target: string, request: IncomingMessage, response: ServerResponse): void {
        const reader = this.#handlers.get(pathOf(target))
        const handler = reader?.isReader === true ? reader : this.#handlers.get(target)
        if (handler === undefined) {
            refusePath(this.#counting, request, response)
        } else {
            void handler.serve(request, response)
        }
    }
}
