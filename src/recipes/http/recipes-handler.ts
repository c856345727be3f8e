import '../../base/packages.js'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { rejectArgument } from '../../base/errors.js'
import { callable, count, fitting, type OptionTable, readOptions } from
    '../../base/option-table.js'
import type { Composition, PartsByName } from '../compose.js'
import { type RecipesAction, RecipesServer } from './recipes-server.js'

/** The options of the service. */
export interface RecipesHandlerOptions {
    /**
     * Decides whether a client may make a request; `() => true` if your server has decided before.
     * An exception answers the request with 500.
     */
    readonly authorize: (
        request: IncomingMessage, action: RecipesAction
    ) => boolean | Promise<boolean>
    /**
     * The path before the names of the parts, such as `/recipes`. Express and the plugin of fastify
     * remove the path. @default none
     */
    readonly prefix?: string
    /** The most bytes of a body. @default 1048576 */
    readonly bodyMax?: number
    /** The number of requests that are under way at the same time. @default 1000 */
    readonly requestsMax?: number
    /**
     * The number of the leases of clients and of the requests that wait for a lease, together.
     * @default 1000
     */
    readonly leasesMax?: number
}

const HANDLER_OPTIONS: OptionTable<RecipesHandlerOptions> = {
    authorize: callable,
    prefix: fitting('a path without a slash at its end, such as /recipes', (value) =>
        typeof value === 'string' && value.length <= 1000 && /^(?:\/[^/?#]+)*$/.test(value)),
    bodyMax: count(2 ** 30),
    requestsMax: count(1_000_000),
    leasesMax: count(1_000_000)
}

/** A request listener for a server of `node:http`, and a middleware for Express. */
export type RecipesHandler = (request: IncomingMessage, response: ServerResponse) => void

/**
 * Serves the recipes of a composition on your own server of `node:http`, or in Express. `README.md`
 * of the recipes lists the calls. The handler answers every request that reaches the handler.
 *
 * @throws KibitzError `invalid-argument`.
 */
export function recipesHandler(
    composition: Composition<PartsByName>, options: RecipesHandlerOptions
): RecipesHandler {
    const {
        authorize, prefix = '', bodyMax = 1024 * 1024, requestsMax = 1000, leasesMax = 1000
    } = readOptions('recipesHandler', options, HANDLER_OPTIONS, ['authorize'])
    if (typeof (composition as Partial<Composition<PartsByName>> | null)?.connect !== 'function') {
        rejectArgument('The first argument of recipesHandler is a composition.')
    }
    const server = new RecipesServer(composition,
        { authorize, prefix, bodyMax, requestsMax, leasesMax })
    return (request, response) => {
        void server.serve(request, response)
    }
}
