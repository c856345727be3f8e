import {
    createServer, type IncomingMessage, request as httpRequest, type Server, type ServerResponse
} from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import type { Kibitzer } from '../../src/member/kibitzer.js'
import { answer, handler } from '../../src/transport/http/http.js'
import type { KeyRing } from '../../src/transport/security/keys.js'

/** Where a member is reached, and how the server ends. */
export interface Mounted {
    readonly url: string
    readonly close: () => void
}

/** Puts a member on a route of a server. */
export type Mount = (kibitzer: Kibitzer, keys?: KeyRing) => Promise<Mounted>

/** A middleware of Express. */
export type Middleware =
    (request: IncomingMessage, response: ServerResponse, next: () => void) => void

/** An application of Express. */
export interface ExpressApp {
    (request: IncomingMessage, response: ServerResponse): void
    use(middleware: Middleware): void
    use(path: string, middleware: unknown): void
    post(path: string, handle: unknown): void
}

/** The part of Express that the tests use, in versions 4 and 5. */
export interface Express {
    (): ExpressApp
    json(options?: object): Middleware
    urlencoded(options?: object): Middleware
    raw(options?: object): Middleware
    text(options?: object): Middleware
}

/** The part of fastify that the tests use. */
export interface Fastify {
    post(path: string, handle: (request: { readonly body: unknown }) => Promise<unknown>): void
    register(plugin: unknown, options: object): void
    listen(options: object): Promise<string>
    close(): Promise<void>
}

// Express writes each error to the console otherwise.
process.env['NODE_ENV'] = 'test'

// The packages have no types, or types that need others.
const require = createRequire(import.meta.url)
/** Express 4. */
export const express4: Express = require('express4')
/** Express 5. */
export const express5: Express = require('express')
/** fastify 5. */
export const fastify: (options?: object) => Fastify = require('fastify')

/** Listens on a free port of this machine. */
export async function serve(server: Server, path: string = '/kibitz'): Promise<Mounted> {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    return {
        url: `http://127.0.0.1:${port}${path}`,
        close: () => {
            server.close()
            server.closeAllConnections()
        }
    }
}

/** The handler in Express, behind parsers. */
function viaExpress(express: Express, ...parsers: readonly Middleware[]): Mount {
    return async (kibitzer, keys) => {
        const app = express()
        for (const parser of parsers) {
            app.use(parser)
        }
        app.post('/kibitz', handler(kibitzer, keys === undefined ? {} : { keys }))
        return await serve(createServer(app))
    }
}

/** A route of fastify that hands the parsed body over. */
function viaFastify(take: (kibitzer: Kibitzer, body: unknown) => Promise<unknown>): Mount {
    return async (kibitzer) => {
        const app = fastify()
        app.post('/kibitz', (request) => take(kibitzer, request.body))
        const place = await app.listen({ port: 0, host: '127.0.0.1' })
        return { url: `${place}/kibitz`, close: () => void app.close() }
    }
}

/** What a firewall looks for in a body. */
const SUSPICIOUS = /<script|' or 1=1|union select|__proto__|constructor|\$\{|\.\.\/|\0|\\u/i

/** A proxy that refuses what looks like an attack, and hands on the rest. */
async function behindFirewall(kibitzer: Kibitzer): Promise<Mounted> {
    const inner = await serve(createServer(handler(kibitzer)))
    const proxy = await serve(createServer((request, response) => {
        const chunks: Buffer[] = []
        request.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', () => {
            const body = Buffer.concat(chunks)
            if (SUSPICIOUS.test(body.toString('latin1'))) {
                response.writeHead(403, { 'content-type': 'text/html' }).end('<h1>Forbidden</h1>')
                return
            }
            const { method, headers } = request
            const onward = httpRequest(inner.url, { method, headers }, (answered) => {
                response.writeHead(answered.statusCode ?? 502, answered.headers)
                answered.pipe(response)
            })
            onward.on('error', () => response.destroy())
            onward.end(body)
        })
    }))
    return {
        url: proxy.url,
        close: () => {
            proxy.close()
            inner.close()
        }
    }
}

/** All parsers of Express, with default limits. */
export function parsersOf(express: Express): Middleware[] {
    return [express.json(), express.urlencoded({ extended: true }), express.text(), express.raw()]
}

/** Every way in which the tests mount a member, all with default limits. */
export const MOUNTS: Readonly<Record<string, Mount>> = {
    'express 4': viaExpress(express4),
    'express 4 behind all parsers': viaExpress(express4, ...parsersOf(express4)),
    'express 4 behind a parser of forms':
        viaExpress(express4, express4.urlencoded({ extended: false })),
    'express 4 behind raw bodies': viaExpress(express4, express4.raw({ type: '*/*' })),
    'express 4 behind bodies of text': viaExpress(express4, express4.text({ type: '*/*' })),
    'express 5': viaExpress(express5),
    'express 5 behind all parsers': viaExpress(express5, ...parsersOf(express5)),
    'express 5 behind a parser with a limit of 10 KB':
        viaExpress(express5, express5.json({ limit: '10kb' })),
    'fastify with answer': viaFastify(answer),
    'fastify with request': viaFastify((kibitzer, body) => kibitzer.request(body)),
    'a firewall': behindFirewall
}

/** Mounts of which each leaves a signature something else to check: a stream, a value, a text. */
export const SIGNED: Readonly<Record<string, Mount>> = {
    'express 4 behind a parser of forms': viaExpress(express4, express4.urlencoded({
        extended: false
    })),
    'express 5 behind all parsers': viaExpress(express5, ...parsersOf(express5)),
    'express 5 behind bodies of text': viaExpress(express5, express5.text({ type: '*/*' }))
}
