import type { IncomingMessage, ServerResponse } from 'node:http'
import { type RequestHandler, refusePath } from './request-handler.js'
import type { Counting } from './route.js'

/** The path that a request names, without the query, and without the address of a proxied form. */
function pathOf(target: string): string {
    const [path = ''] = target.replace(/^https?:\/\/[^/?#]*/i, '').split('?', 1)
    return path
}

/**
 * The paths of a listener. A path that is read by GET is found with any query: probes and their
 * proxies add queries. Every other path is found only as it is written.
 */
export class Paths {
    readonly #counting: Counting
    readonly #desks: ReadonlyMap<string, RequestHandler>

    constructor(counting: Counting, desks: ReadonlyMap<string, RequestHandler>) {
        this.#counting = counting
        this.#desks = desks
    }

    /** Serves one request, or refuses the request if its path is unknown. */
    readonly serve = (request: IncomingMessage, response: ServerResponse): void => {
        const { url = '' } = request
        const read = this.#desks.get(pathOf(url))
        const requestHandler = read?.isReader === true ? read : this.#desks.get(url)
        if (requestHandler === undefined) {
            refusePath(this.#counting, request, response)
        } else {
            void requestHandler.serve(request, response)
        }
    }
}
