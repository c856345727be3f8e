import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

/** The language of a connection, by its first byte. */
export type Language = 'frames' | 'http'

/** A relay in front of a port. Notes which language each connection speaks. */
export class LanguageRecorder {
    /** The `host:port` of the relay. */
    readonly at: string
    /** The languages of the connections, in the order of their first bytes. */
    readonly languages: Language[] = []
    /** The port behind the relay. */
    port: number
    readonly close: () => Promise<void>

    private constructor(at: string, port: number, close: () => Promise<void>) {
        this.at = at
        this.port = port
        this.close = close
    }

    /** Opens a relay on a free port. */
    static async open(port: number = 0): Promise<LanguageRecorder> {
        const sockets = new Set<Socket>()
        const server = createServer((inbound) => {
            const outbound = connect(recorder.port, '127.0.0.1')
            inbound.once('data', (chunk: Buffer) => {
                recorder.languages.push(chunk[0] === 0 ? 'frames' : 'http')
            })
            for (const [one, other] of [[inbound, outbound], [outbound, inbound]] as const) {
                sockets.add(one)
                one.pipe(other)
                one.on('error', () => {}).on('close', () => other.destroy())
            }
        })
        await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
        const { port: at } = server.address() as AddressInfo
        const recorder = new LanguageRecorder(`127.0.0.1:${at}`, port, () => {
            for (const socket of sockets) {
                socket.destroy()
            }
            return new Promise((resolve) => server.close(() => resolve()))
        })
        return recorder
    }
}
