import { randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { isSameSecret } from '../base/constant-time.js'
import { refusalOf } from './inspector.js'
import { documentOf, type PageFiles } from './page-files.js'

/** Answers a question of the page. */
export interface AnswerSource {
    answer(question: string): Promise<object>
}

/** The page may load its own files from this server, and nothing else. */
const POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    + "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

const HEADERS: Readonly<Record<string, string>> = {
    'content-security-policy': POLICY,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-resource-policy': 'same-origin',
    'cross-origin-opener-policy': 'same-origin',
    'cache-control': 'no-store'
}

/** The length of a request target, in characters. */
const TARGET_MAX = 4_096

/**
 * Serves the page on this machine alone.
 *
 * 1. The server listens on the loopback address, and answers only requests with its own address as
 *    `Host`: a foreign page in the browser cannot reach the server through a name.
 * 2. Every path begins with a random token, so that other users of the machine cannot read along.
 * 3. The server answers GET alone, and changes nothing.
 */
export class InspectServer {
    readonly #inspector: AnswerSource
    readonly #page: PageFiles
    readonly #token = randomBytes(16).toString('hex')
    readonly #server: Server
    #host = ''

    constructor(inspector: AnswerSource, page: PageFiles) {
        this.#inspector = inspector
        this.#page = page
        this.#server = createServer({ maxHeaderSize: 2 * TARGET_MAX }, (request, response) => {
            void this.#serve(request, response)
        })
    }

    /** Listens; returns the link of the page. Port 0 is any free port. */
    async listen(port: number): Promise<string> {
        await new Promise<void>((resolve, reject) => {
            this.#server.once('error', reject)
            this.#server.listen(port, '127.0.0.1', resolve)
        })
        const address = this.#server.address()
        const bound = typeof address === 'object' && address !== null ? address.port : port
        this.#host = `127.0.0.1:${bound}`
        return `http://${this.#host}/${this.#token}/`
    }

    /** Stops listening, and ends all connections. */
    async close(): Promise<void> {
        const closed = new Promise<void>((resolve) => {
            this.#server.close(() => resolve())
        })
        this.#server.closeAllConnections()
        await closed
    }

    async #serve({ method, url = '', headers }: IncomingMessage, response: ServerResponse):
    Promise<void> {
        if (headers.host !== this.#host) {
            return this.#send(response, 421, 'text/plain', 'Wrong host.\n')
        }
        if (method !== 'GET') {
            return this.#send(response, 405, 'text/plain', 'GET alone.\n')
        }
        const [, token = '', ...rest] = url.split('/')
        if (url.length > TARGET_MAX || !isSameSecret(token, this.#token)) {
            return this.#send(response, 404, 'text/plain', 'Use the whole link that kibitz inspect '
                + 'has printed.\n')
        }
        const path = rest.join('/')
        switch (path) {
            case '':
                return this.#send(response, 200, 'text/html', documentOf('kibitz inspect',
                    '<link rel="stylesheet" href="page.css">',
                    '<script src="page.js"></script>'))
            case 'page.js':
                return this.#send(response, 200, 'text/javascript', this.#page.script)
            case 'page.css':
                return this.#send(response, 200, 'text/css', this.#page.style)
            default:
                return await this.#answer(response, path)
        }
    }

    async #answer(response: ServerResponse, path: string): Promise<void> {
        if (!path.startsWith('api/')) {
            return this.#send(response, 404, 'text/plain', 'There is no such file.\n')
        }
        try {
            const answer = await this.#inspector.answer(path.slice('api/'.length))
            this.#send(response, 200, 'application/json', JSON.stringify(answer))
        } catch (error) {
            try {
                this.#send(response, 400, 'application/json', JSON.stringify(refusalOf(error)))
            } catch (mistake) {
                response.destroy(mistake instanceof Error ? mistake : undefined)
            }
        }
    }

    #send(response: ServerResponse, status: number, type: string, body: string): void {
        response.writeHead(status, { ...HEADERS, 'content-type': `${type}; charset=utf-8` })
        response.end(body)
    }
}
