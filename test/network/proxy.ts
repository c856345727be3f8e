import { createServer, type Socket, connect } from 'node:net'

/** What befalls what is diverted on one way, from address to address. */
export type Trouble =
    /** Connections are made, and nothing is read from them nor said. */
    | { readonly name: 'deaf' }
    /** Every byte takes so many milliseconds, and keeps its order. */
    | { readonly name: 'late'; readonly ms: number }
    /** Now and then a bit changes. */
    | { readonly name: 'mangled' }
    /** Nothing arrives before all that was held arrives at once. */
    | { readonly name: 'held' }

/** What the proxy is told to do. */
export type ProxyOrder =
    | { readonly name: 'trouble'; readonly from: string; readonly to: string;
        readonly trouble: Trouble }
    /** Lets go what was held, and lets what comes pass. */
    | { readonly name: 'release' }
    /** Forgets all troubles and closes every connection. */
    | { readonly name: 'clear' }

/** What the proxy says, once it listens and after every order. */
export interface ProxyReport {
    readonly name: 'done'
}

const troubles = new Map<string, Trouble>()
const sockets = new Set<Socket>()
let gates: (() => void)[] = []

function passed(trouble: Trouble | undefined): Promise<void> {
    switch (trouble?.name) {
        case 'late':
            return new Promise((resolve) => {
                AbortSignal.timeout(trouble.ms).addEventListener('abort', () => resolve())
            })
        case 'held':
            return new Promise((resolve) => {
                gates.push(resolve)
            })
        default:
            return Promise.resolve()
    }
}

/** Of how many pieces one is mangled. */
const MANGLED = 5
let pieces = 0

/** What arrives of some bytes. */
function arriving(bytes: Buffer, trouble: Trouble | undefined): Buffer {
    if (trouble?.name !== 'mangled' || ++pieces % MANGLED !== 0) {
        return bytes
    }
    const mangled = Buffer.from(bytes)
    const place = (pieces * 31) % mangled.length
    mangled[place] = (mangled[place] ?? 0) ^ (1 << (pieces % 8))
    return mangled
}

/** Carries bytes from one socket to the other, in their order, and the end of them. */
function carry(from: Socket, to: Socket, way: string): void {
    let last = Promise.resolve()
    const after = (act: () => void): void => {
        last = Promise.all([last, passed(troubles.get(way))]).then(act)
    }
    from.on('data', (bytes) => after(() => {
        if (!to.destroyed) {
            to.write(arriving(bytes, troubles.get(way)))
        }
    }))
    from.on('close', () => after(() => to.destroy()))
    from.on('error', () => {})
}

function keep(socket: Socket): Socket {
    sockets.add(socket)
    return socket.on('close', () => sockets.delete(socket))
}

/** Stands in for whoever is called, in whose name the hub has delivered the connection here. */
function accept(caller: Socket): void {
    const { remoteAddress = '', localAddress = '', localPort = 0 } = caller
    const way = `${remoteAddress}>${localAddress}`
    keep(caller)
    if (troubles.get(way)?.name === 'deaf') {
        caller.pause().on('error', () => {})
        return
    }
    const callee = keep(connect(localPort, localAddress))
    carry(caller, callee, way)
    carry(callee, caller, `${localAddress}>${remoteAddress}`)
}

function release(): void {
    troubles.clear()
    const held = gates
    gates = []
    for (const open of held) {
        open()
    }
}

function obey(order: ProxyOrder): void {
    if (order.name === 'trouble') {
        troubles.set(`${order.from}>${order.to}`, order.trouble)
        return
    }
    release()
    if (order.name === 'clear') {
        for (const socket of sockets) {
            socket.destroy()
        }
    }
}

const report = (): void => {
    const done: ProxyReport = { name: 'done' }
    process.send?.(done)
}
process.on('message', (order: ProxyOrder) => {
    obey(order)
    report()
})
process.on('disconnect', () => process.exit())
createServer({ pauseOnConnect: false }, accept).listen(Number(process.argv[2]), '0.0.0.0', report)
