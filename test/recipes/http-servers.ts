import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { recipes } from '../../src/recipes/http/fastify.js'
import {
    type RecipesHandler, recipesHandler, type RecipesHandlerOptions
} from '../../src/recipes/http/recipes-handler.js'
import {
    compose, type Composition, Counter, Jobs, Leadership, Locks, RateLimit, ReplicatedMap, Sequence
} from '../../src/recipes/index.js'
import { Colleague, inMemory } from '../../src/index.js'
import { MemoryNetwork } from '../../src/transport/memory.js'
import {
    express4, express5, type Express, fastify, type Middleware, type Mounted, serve
} from '../frameworks/mounts.js'

/** The parts of the served composition. */
export type ServedParts = {
    readonly config: ReplicatedMap, readonly locks: Locks, readonly office: Leadership,
    readonly jobs: Jobs, readonly visits: Counter, readonly ids: Sequence,
    readonly logins: RateLimit
}

/** Puts the recipes of a composition on a server under `/base/recipes`. */
export type MountRecipes =
    (composition: Composition<ServedParts>, options: RecipesHandlerOptions) => Promise<Mounted>

function viaExpress(express: Express, ...parsers: readonly Middleware[]): MountRecipes {
    return async (composition, options) => {
        const app = express()
        for (const parser of parsers) {
            app.use(parser)
        }
        app.use('/base/recipes', recipesHandler(composition, options))
        return await serve(createServer(app), '/base/recipes')
    }
}

/** Each server with which the recipes work. */
export const SERVERS: Readonly<Record<string, MountRecipes>> = {
    'node:http': async (composition, options) => {
        const handle: RecipesHandler =
            recipesHandler(composition, { ...options, prefix: '/base/recipes' })
        return await serve(createServer(handle), '/base/recipes')
    },
    'express 4': viaExpress(express4),
    'express 5 behind a parser of JSON': viaExpress(express5, express5.json()),
    'fastify': async (composition, options) => {
        const app = fastify()
        app.post('/mine', ({ body }) => Promise.resolve(body))
        app.register(recipes, { prefix: '/base/recipes', composition, ...options })
        const place = await app.listen({ port: 0, host: '127.0.0.1' })
        return { url: `${place}/base/recipes`, close: () => void app.close() }
    }
}

/** An answer of the service. */
export interface Answer {
    readonly status: number
    readonly headers: Headers
    readonly body: Record<string, unknown>
}

/** A member on a server. */
export class ServedRecipes implements AsyncDisposable {
    readonly composition: Composition<ServedParts>
    readonly colleague: Colleague<never>
    readonly mounted: Mounted

    private constructor(
        composition: Composition<ServedParts>, colleague: Colleague<never>, mounted: Mounted
    ) {
        this.composition = composition
        this.colleague = colleague
        this.mounted = mounted
    }

    /** Starts a member, and mounts its recipes. */
    static async start(
        mount: MountRecipes, options: Partial<RecipesHandlerOptions> = {}
    ): Promise<ServedRecipes> {
        const composition = compose<ServedParts>({
            config: new ReplicatedMap({ entriesMax: 3 }), locks: new Locks(),
            office: new Leadership(), jobs: new Jobs(), visits: new Counter(),
            ids: new Sequence(), logins: new RateLimit({ limit: 2, per: 3_600_000 })
        })
        const colleague = new Colleague({
            islandName: 'served', colleagueId: 'a', application: composition
        })
        colleague.ended.catch(() => {})
        composition.connect(colleague)
        await colleague.start({ attach: inMemory(new MemoryNetwork()), founders: ['a'] })
        const mounted = await mount(composition, { authorize: () => true, ...options })
        return new ServedRecipes(composition, colleague as Colleague<never>, mounted)
    }

    /** Makes a request. */
    async ask(method: string, path: string, body?: unknown): Promise<Answer> {
        const response = await fetch(`${this.mounted.url}${path}`, {
            method, ...(body === undefined ? {} : {
                body: JSON.stringify(body), headers: { 'content-type': 'application/json' }
            })
        })
        assert.equal(response.headers.get('content-type'), 'application/json')
        const { status, headers } = response
        return { status, headers, body: await response.json() as Record<string, unknown> }
    }

    /** The status and the code of an answer with an error. */
    async fail(method: string, path: string, body?: unknown): Promise<unknown[]> {
        const { status, body: { error } } = await this.ask(method, path, body)
        const { code, message } = error as { readonly code: string, readonly message: string }
        assert.match(message, /\.$/)
        return [status, code]
    }

    async [Symbol.asyncDispose](): Promise<void> {
        this.mounted.close()
        await this.composition.stop()
        this.colleague.destroy()
        await this.colleague.ended.catch(() => {})
    }
}
