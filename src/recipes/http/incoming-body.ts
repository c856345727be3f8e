import type { IncomingMessage } from 'node:http'
import { aborted } from '../../base/abort-signal.js'
import { KibitzError, rejectArgument } from '../../base/errors.js'

/** A request whose body a parser of the host may have read. */
type ParsedRequest = IncomingMessage & { readonly body?: unknown }

function tooLarge(max: number): KibitzError {
    return new KibitzError('too-large',
        `The body has more than ${max} bytes (option bodyMax). Nothing was done; send less.`)
}

/** Reads a body. The rest of a body that is too large stays unread. */
function read(request: IncomingMessage, max: number): Promise<string> {
    return new Promise((resolve, reject) => {
        const chunks: Buffer[] = []
        let size = 0
        const take = (chunk: Buffer): void => {
            size += chunk.length
            chunks.push(chunk)
            if (size > max) {
                request.off('data', take)
                request.pause()
                reject(tooLarge(max))
            }
        }
        request.on('data', take)
        request.once('end', () => resolve(Buffer.concat(chunks).toString('utf8')))
        request.once('error', reject)
        request.once('close', () => reject(aborted('The body of a request', null)))
    })
}

function parse(text: string): unknown {
    try {
        return JSON.parse(text)
    } catch (cause) {
        return rejectArgument('The body is no JSON.', cause)
    }
}

/**
 * The JSON object in the body of a request; an empty object without a body.
 *
 * @param max The most bytes of a body that no parser of the host has read.
 * @throws KibitzError `too-large`, `invalid-argument`.
 */
export async function bodyOf(request: ParsedRequest, max: number): Promise<object> {
    const isParsed = request.body !== undefined && request.readableEnded
    if (Number(request.headers['content-length']) > max && !isParsed) {
        throw tooLarge(max)
    }
    const text = isParsed ? '' : await read(request, max)
    const value = isParsed ? request.body : text === '' ? {} : parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
        ? value
        : rejectArgument('The body is no JSON object.')
}
