import { open } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import { isSameSecret } from '../base/constant-time.js'
import { fitting, type OptionTable, readOptions, text } from '../base/option-table.js'
import { isJournalFile, PIECE_MAX } from './journal-files.js'
import { journalFilesIn } from './journal-sizes.js'

/** The options of `recordingHandler`. */
export interface RecordingHandlerOptions {
    /** The folder of the member's journal. */
    readonly journal: string
    /**
     * A text of at least 32 characters. A request must show the secret; then the caller may be on
     * another machine. @default none: the handler answers callers on this machine alone
     */
    readonly secret?: string
}

/** The least length of a secret, in characters. */
const SECRET_MIN = 32

/** The maximum length of a path and of a secret. */
const TEXT_MAX = 4_096

const OPTIONS: OptionTable<RecordingHandlerOptions> = {
    journal: text(TEXT_MAX),
    secret: fitting(`a text of ${SECRET_MIN} to ${TEXT_MAX} characters`, (value) =>
        typeof value === 'string' && value.length >= SECRET_MIN && value.length <= TEXT_MAX)
}

const LOOPBACK = /^(?:::1|(?:::ffff:)?127\.\d+\.\d+\.\d+)$/
const LOOPBACK_HOST = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])(?::\d+)?$/i

/** Headers of a proxy: behind a proxy on this machine, every caller seems to be on this machine. */
const FORWARDED = ['forwarded', 'via', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip']

function isLocal({ socket, headers }: IncomingMessage): boolean {
    const { remoteAddress = '', localAddress = '' } = socket
    return LOOPBACK.test(remoteAddress) && LOOPBACK.test(localAddress)
        && LOOPBACK_HOST.test(headers.host ?? '')
        && FORWARDED.every((name) => headers[name] === undefined)
}

function isShown(secret: string, { headers }: IncomingMessage): boolean {
    return isSameSecret(headers.authorization ?? '', `Bearer ${secret}`)
}

/** A part of a file, at most `PIECE_MAX` bytes. */
async function pieceOf(path: string, from: number): Promise<Buffer> {
    const file = await open(path, 'r')
    try {
        const bytes = Buffer.alloc(PIECE_MAX)
        const { bytesRead } = await file.read(bytes, 0, PIECE_MAX, from)
        return bytes.subarray(0, bytesRead)
    } finally {
        await file.close()
    }
}

function send(response: ServerResponse, status: number, type: string, body: string | Buffer): void {
    response.writeHead(status, {
        'content-type': type, 'content-length': Buffer.byteLength(body),
        'cache-control': 'no-store', 'x-content-type-options': 'nosniff'
    })
    response.end(body)
}

async function serve(
    { journal, secret }: RecordingHandlerOptions, request: IncomingMessage,
    response: ServerResponse
): Promise<void> {
    const isPermitted = secret === undefined ? isLocal(request) : isShown(secret, request)
    if (!isPermitted) {
        return send(response, 403, 'text/plain', secret === undefined
            ? 'The recording is for callers on the machine of the member.\n'
            : 'Show the secret of the recording.\n')
    }
    if (request.method !== 'GET') {
        return send(response, 405, 'text/plain', 'GET alone.\n')
    }
    const query = new URL(request.url ?? '', 'http://member').searchParams
    const name = query.get('file')
    if (name === null) {
        const files = await journalFilesIn(journal)
        return send(response, 200, 'application/json', JSON.stringify(files))
    }
    const from = Number(query.get('from') ?? '0')
    if (!isJournalFile(name) || !Number.isSafeInteger(from) || from < 0) {
        return send(response, 404, 'text/plain', 'The journal has no such file.\n')
    }
    send(response, 200, 'application/octet-stream', await pieceOf(join(journal, name), from))
}

/**
 * Serves the journal of a member to `kibitz inspect --live URL`: a request listener for a server of
 * `node:http` or `node:https`, and a route handler for Express. The journal holds all published
 * values.
 *
 * 1. The handler reads the files of the journal, and changes nothing.
 * 2. With a secret, each request must show the secret. Without a secret, the handler answers
 *    callers on the same machine alone, without a proxy between, and only under a local name.
 *
 * @throws KibitzError `invalid-argument`.
 */
export function recordingHandler(options: RecordingHandlerOptions):
(request: IncomingMessage, response: ServerResponse) => void {
    const read = readOptions('recordingHandler', options, OPTIONS, ['journal'])
    return (request, response) => {
        request.resume()
        serve(read, request, response).catch(() => {
            // A snapshot may have replaced the file: the caller asks for the list again.
            if (response.headersSent) {
                response.destroy()
            } else {
                send(response, 404, 'text/plain', 'The journal has no such file.\n')
            }
        })
    }
}
