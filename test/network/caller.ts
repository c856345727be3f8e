import { connect, createServer } from 'node:net'

/** What became of a call to an address. */
export type Outcome = 'answered' | 'refused' | 'silent'

/** How long an answer may take that comes at all, in milliseconds. */
const PATIENCE_MS = 1500

/** Sends a text to a machine; the listener returns the same text. */
function call(address: string, port: number): Promise<Outcome> {
    return new Promise((resolve) => {
        const socket = connect(port, address, () => socket.write('hello'))
        const end = (outcome: Outcome): void => {
            resolve(outcome)
            socket.destroy()
        }
        AbortSignal.timeout(PATIENCE_MS).addEventListener('abort', () => end('silent'))
        socket.on('data', () => end('answered'))
        socket.on('error', ({ code }: NodeJS.ErrnoException) =>
            end(code === 'ECONNREFUSED' || code === 'ECONNRESET' ? 'refused' : 'silent'))
    })
}

const port = Number(process.argv[2])
process.on('message', async (address: string) => {
    process.send?.(await call(address, port))
})
process.on('disconnect', () => process.exit())
createServer((socket) => {
    socket.on('error', () => {})
    socket.pipe(socket)
}).listen(port, '0.0.0.0', () => process.send?.('ready'))
