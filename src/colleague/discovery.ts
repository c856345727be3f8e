import { lookup } from 'node:dns/promises'
import { KibitzError } from '../error.js'
import type { Properties } from '../paxos/message.js'

/**
 * Yields where members of the republic may be found, as properties that the transport understands.
 * It is asked anew in each round; what it throws counts as nobody found.
 */
export type Discover = () => readonly Properties[] | Promise<readonly Properties[]>

/** What the address of a member begins with where it names no path. */
const PATH = '/kibitz'

function urlOf(address: string): string {
    const text = /^https?:\/\//i.test(address) ? address : `http://${address}`
    if (!URL.canParse(text)) {
        throw new KibitzError(
            'invalid-argument',
            `${address} is no address: write host:port, or a url. Nothing was started.`
        )
    }
    const url = new URL(text)
    return url.pathname === '/' ? new URL(PATH, url).href : url.href
}

/**
 * Members at known addresses, `host:port` or a url.
 *
 * @throws KibitzError `invalid-argument`.
 */
export function addresses(...list: readonly string[]): Discover {
    const properties = Object.freeze(list.map((address) => Object.freeze({ url: urlOf(address) })))
    return () => properties
}

/**
 * Members at whatever addresses a name has in DNS, all on one port: a headless service, say.
 *
 * @param resolve Yields the addresses of a name. @default what the system does
 */
export function dns(
    name: string,
    port: number,
    resolve: (name: string) => Promise<readonly string[]> = resolveAll
): Discover {
    return async () => {
        const found = await resolve(name)
        return found.map((address) => ({
            url: urlOf(`${address.includes(':') ? `[${address}]` : address}:${port}`)
        }))
    }
}

async function resolveAll(name: string): Promise<readonly string[]> {
    const found = await lookup(name, { all: true })
    return found.map(({ address }) => address)
}
