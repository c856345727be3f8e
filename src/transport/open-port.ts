import type { Server } from 'node:net'
import type { Kibitzer } from '../member/kibitzer.js'
import { type Announcement, announcedUrl, listen } from './address.js'
import type { Counting } from './http/route.js'

/** A server that does not listen yet. */
interface ClosableServer {
    readonly server: Server
    close(): Promise<void>
}

/** The place of a server, and the address for peers. */
interface Place {
    /** The name of the log lines of the server. */
    readonly name: string
    readonly port: number
    readonly announcement: Announcement
}

/** A port on which a member listens. */
export interface OpenPort {
    /** The address at which peers call the member. */
    readonly url: string
    /** Ends the client and the server, once. Resolves when no socket is open. */
    close(): Promise<void>
}

/**
 * Lets the server of a member listen. The port closes with the Kibitzer, or if the listening fails.
 * Rejects with `address-in-use` or `invalid-argument`.
 *
 * @param disconnect Ends the client of the member.
 */
export async function openPort(
    kibitzer: Pick<Kibitzer, 'destruction'> & Counting,
    server: ClosableServer,
    disconnect: () => void,
    { name, port, announcement }: Place
): Promise<OpenPort> {
    let closing: Promise<void> | null = null
    const close = (): Promise<void> => {
        if (closing === null) {
            disconnect()
            closing = server.close()
        }
        return closing
    }
    try {
        const bound = await listen(server.server, name, port, announcement.host, kibitzer)
        kibitzer.destruction.wait(() => void close())
        return Object.freeze({ url: announcedUrl(announcement, bound), close })
    } catch (error) {
        await close()
        throw error
    }
}
