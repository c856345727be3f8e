import { type Agent, type IncomingMessage, request as httpRequest } from 'node:http'
import { KibitzError } from '../error.js'
import type { Properties } from '../paxos/message.js'
import { collect, parse } from './bytes.js'

function urlOf(properties: Properties): URL {
    const isRecord = typeof properties === 'object' && properties !== null
    const url = isRecord && 'url' in properties ? properties.url : undefined
    if (typeof url !== 'string' || !URL.canParse(url) || !/^http:/i.test(url)) {
        throw new KibitzError('unreachable', 'The properties have no url that begins with http:')
    }
    return new URL(url)
}

/** Sends a request and waits for the head of the response. Follows no redirect, asks no proxy. */
function head(url: URL, body: Buffer, agent: Agent, signal: AbortSignal): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
        const headers = { 'content-type': 'application/json', 'content-length': body.length }
        let hasAnswered = false
        const answered = (response: IncomingMessage): void => {
            hasAnswered = true
            resolve(response)
        }
        const request = httpRequest(url, { method: 'POST', agent, headers, signal }, answered)
        request.on('error', reject)
        request.on('close', () => {
            if (!hasAnswered) {
                reject(new KibitzError('unreachable', 'The connection was closed.'))
            }
        })
        request.end(body)
    })
}

/** How a value is posted. */
interface Posting {
    readonly agent: Agent
    readonly bytesMax: number
    readonly signal: AbortSignal
}

/** What a response says, whatever its status. */
export interface Exchange {
    readonly status: number
    readonly value: unknown
}

/** Posts a value to the `url` in the properties, and resolves with the response, read whole. */
export async function exchange(
    properties: Properties,
    value: unknown,
    { agent, bytesMax, signal }: Posting
): Promise<Exchange> {
    const url = urlOf(properties)
    const body = Buffer.from(JSON.stringify(value))
    if (body.length > bytesMax) {
        throw new KibitzError('too-large', `A call of ${body.length} bytes was not sent.`)
    }
    const response = await head(url, body, agent, signal)
    const status = response.statusCode ?? 0
    const isJson = /^application\/json\b/i.test(response.headers['content-type'] ?? '')
    const bytes = status === 200 || isJson ? await collect(response, bytesMax) : null
    if (bytes === null) {
        response.destroy()
        throw new KibitzError('unreachable', `The answer was ${status}, or too long.`)
    }
    // Some frameworks send nothing for null.
    return { status, value: bytes.length === 0 ? null : parse(bytes) }
}

/** Posts a value to the `url` in the properties, and resolves with what the response says. */
export async function post(
    properties: Properties,
    value: unknown,
    options: Posting
): Promise<unknown> {
    const { status, value: answer } = await exchange(properties, value, options)
    if (status !== 200) {
        throw new KibitzError('unreachable', `The answer was ${status}.`)
    }
    return answer
}
