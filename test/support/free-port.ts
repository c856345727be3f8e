import { createServer } from 'node:net'

/** Below the ports that the system gives to outgoing connections and to servers on port 0. */
const [LOWEST, HIGHEST] = [10_000, 32_000]

/** Whether a server can listen on a port of this machine. */
async function isFree(port: number): Promise<boolean> {
    const server = createServer()
    const isListening = await new Promise<boolean>((resolve) => {
        server.once('error', () => resolve(false))
        server.listen(port, '127.0.0.1', () => resolve(true))
    })
    if (isListening) {
        await new Promise((resolve) => server.close(resolve))
    }
    return isListening
}

/**
 * Ports of this machine that were free a moment ago. The system never takes such a port by itself.
 * So a port stays free until a server listens on the port, and between two lives of a server,
 * unless another test draws the same port.
 */
export async function freePorts(count: number): Promise<readonly number[]> {
    const ports = new Set<number>()
    while (ports.size < count) {
        const port = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST))
        if (await isFree(port)) {
            ports.add(port)
        }
    }
    return [...ports]
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
    const [port = 0] = await freePorts(1)
    return port
}
