import '../base/packages.js'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { handler, type Mountable } from './handler.js'

/** The part of a request of fastify that the plugin uses. */
export interface FastifyRequestLike {
    readonly raw: IncomingMessage
}

/** The part of a reply of fastify that the plugin uses. */
export interface FastifyReplyLike {
    readonly raw: ServerResponse
    hijack(): unknown
}

/** The part of an instance of fastify that the plugin uses, in versions 4 and 5. */
export interface FastifyLike {
    removeAllContentTypeParsers(): void
    addContentTypeParser(
        type: string,
        parser: (request: unknown, payload: unknown, done: (error: Error | null) => void) => void
    ): unknown
    route(options: {
        readonly method: ('GET' | 'POST')[]
        readonly url: string
        readonly handler: (request: FastifyRequestLike, reply: FastifyReplyLike) => void
    }): unknown
}

/** The argument of the plugin, besides `prefix`. */
export interface MountedColleague {
    /** The Colleague, which starts with the option `mount`. */
    readonly colleague: Mountable
}

/**
 * A plugin of fastify that serves a Colleague under a prefix:
 * `app.register(kibitz, { prefix: '/members', colleague })`. Start the Colleague with the option
 * `mount`: the url at which peers reach the prefix. The plugin reads the bodies itself, within
 * the limits of the Colleague, and not within `bodyLimit`.
 */
export function kibitz(
    app: FastifyLike, { colleague }: MountedColleague, done: (error?: Error) => void
): void {
    const serve = handler(colleague)
    // The plugin has a scope of its own, so these parsers are those of its routes only.
    app.removeAllContentTypeParsers()
    app.addContentTypeParser('*', (_request, _payload, parsed) => parsed(null))
    app.route({
        method: ['GET', 'POST'],
        url: '/*',
        handler: (request, reply) => {
            reply.hijack()
            serve(request.raw, reply.raw)
        }
    })
    done()
}
