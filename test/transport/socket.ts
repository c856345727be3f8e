import { connect, type Socket } from 'node:net'

/** The responses of a server to a raw socket. */
export interface Exchange {
    /** The statuses of the responses, in order. */
    readonly statuses: readonly number[]
    /** All received text. */
    readonly text: string
}

/** Opens a raw connection to a URL. */
export function dial(url: string): Promise<Socket> {
    const { hostname, port } = new URL(url)
    return new Promise((resolve, reject) => {
        const socket = connect(Number(port), hostname, () => resolve(socket))
        socket.once('error', reject)
    })
}

/** Reads until the server closes the connection, for any reason. */
export function readUntilClosed(socket: Socket): Promise<Exchange> {
    return new Promise((resolve) => {
        let text = ''
        socket.setEncoding('latin1')
        socket.on('data', (chunk) => {
            text += chunk
        })
        socket.on('error', () => {})
        socket.on('close', () => {
            const heads = [...text.matchAll(/HTTP\/1\.1 (\d{3})/g)]
            resolve({ statuses: heads.map(([, status]) => Number(status)), text })
        })
    })
}

/** Sends bytes as they are, and reads until the server closes the connection. */
export async function sendRaw(
    url: string, ...parts: readonly (string | Buffer)[]
): Promise<Exchange> {
    const socket = await dial(url)
    const exchange = readUntilClosed(socket)
    for (const part of parts) {
        socket.write(part)
    }
    return await exchange
}

/** A request with `connection: close` by default. */
export function request(
    body: string | Buffer,
    headers: Readonly<Record<string, string | null>> = {},
    line: string = 'POST /kibitz HTTP/1.1'
): Buffer {
    const all: Record<string, string | null> = {
        host: 'a', connection: 'close', 'content-type': 'application/json',
        'content-length': String(Buffer.byteLength(body)), ...headers
    }
    const lines = Object.entries(all).flatMap(([name, value]) =>
        value === null ? [] : [`${name}: ${value}`])
    return Buffer.concat([Buffer.from([line, ...lines, '', ''].join('\r\n')), Buffer.from(body)])
}
