import '../../base/packages.js'
import type { FastifyReplyLike, FastifyRequestLike } from '../../colleague/fastify.js'
import type { Composition, PartsByName } from '../compose.js'
import { recipesHandler, type RecipesHandlerOptions } from './recipes-handler.js'

/** The part of an instance of fastify that the plugin uses, in versions 4 and 5. */
export interface FastifyForRecipes {
    readonly prefix: string
    removeAllContentTypeParsers(): void
    addContentTypeParser(
        type: string,
        parser: (request: unknown, payload: unknown, done: (error: Error | null) => void) => void
    ): unknown
    route(options: {
        readonly method: ('GET' | 'POST' | 'PUT' | 'DELETE')[]
        readonly url: string
        readonly handler: (request: FastifyRequestLike, reply: FastifyReplyLike) => void
    }): unknown
}

/** The argument of the plugin; fastify itself reads `prefix`. */
export interface MountedRecipes extends RecipesHandlerOptions {
    readonly composition: Composition<PartsByName>
}

/**
 * A plugin of fastify that serves the recipes of a composition under a prefix:
 * `app.register(recipes, { prefix: '/recipes', composition, authorize })`. The hooks of the app run
 * before. The plugin reads the bodies itself, within `bodyMax`, and not within `bodyLimit`.
 */
export function recipes(
    app: FastifyForRecipes, { composition, ...options }: MountedRecipes,
    done: (error?: Error) => void
): void {
    const prefix = app.prefix.replace(/\/$/, '')
    const serve = recipesHandler(composition, { ...options, prefix })
    // The plugin has a scope of its own, so these parsers are those of its routes only.
    app.removeAllContentTypeParsers()
    app.addContentTypeParser('*', (_request, _payload, parsed) => parsed(null))
    for (const url of ['/', '/*']) {
        app.route({
            method: ['GET', 'POST', 'PUT', 'DELETE'],
            url,
            handler: (request, reply) => {
                reply.hijack()
                serve(request.raw, reply.raw)
            }
        })
    }
    done()
}
