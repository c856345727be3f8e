import { createServer, type Server } from 'node:net'

/** Below the ports that the system gives to outgoing connections and to servers on port 0. */
const [LOWEST, HIGHEST] = [10_000, 32_000]

/** The ports of a block: the guard's port, and the ports that the process gives away. */
const BLOCK = 25

const BLOCKS = Math.floor((HIGHEST - LOWEST) / BLOCK)

/** A server on a port of this machine; `null` if the port is taken. */
async function listenOn(port: number): Promise<Server | null> {
    const server = createServer()
    const isListening = await new Promise<boolean>((resolve) => {
        server.once('error', () => resolve(false))
        server.listen(port, '127.0.0.1', () => resolve(true))
    })
    return isListening ? server : null
}

/** Whether a server can listen on a port of this machine. */
async function isFree(port: number): Promise<boolean> {
    const server = await listenOn(port)
    if (server !== null) {
        await new Promise((resolve) => server.close(resolve))
    }
    return server !== null
}

/**
 * Claims a block of ports for this process, and returns the ports. A guard listens on the first
 * port of the block until the process ends. So no other process claims the block.
 */
async function claimBlock(): Promise<number[]> {
    const start = Math.floor(Math.random() * BLOCKS)
    for (let turn = 0; turn < BLOCKS; turn++) {
        const first = LOWEST + (start + turn) % BLOCKS * BLOCK
        const guard = await listenOn(first)
        if (guard !== null) {
            guard.unref()
            return Array.from({ length: BLOCK - 1 }, (_, index) => first + 1 + index)
        }
    }
    throw new Error(`each of the ${BLOCKS} blocks of ports is claimed`)
}

/** The ports of the claimed block that the process has not given away yet. */
let left: Promise<number[]> = Promise.resolve([])

async function nextPort(): Promise<number> {
    for (;;) {
        const port = (await left).shift()
        if (port === undefined) {
            left = claimBlock()
        } else if (await isFree(port)) {
            return port
        }
    }
}

/**
 * Ports of this machine that were free a moment ago. The system never takes such a port by itself,
 * no other process of the tests draws the port while this process runs, and this process draws
 * the port once. So a port stays free until a server of the test listens on the port, and between
 * two lives of that server.
 */
export async function freePorts(count: number): Promise<readonly number[]> {
    const ports: number[] = []
    while (ports.length < count) {
        ports.push(await nextPort())
    }
    return ports
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
    return await nextPort()
}
