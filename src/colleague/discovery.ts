import { lookup } from 'node:dns/promises'
import { itemsOf } from '../base/bounded-list.js'
import { KibitzError } from '../base/errors.js'
import { admitProperties } from '../member/options.js'
import type { Properties } from '../paxos/messages/messages.js'

/**
 * Yields where members of the republic may be found, as properties that the transport understands.
 * It is asked anew in each round; what it throws counts as nobody found, and so does an answer that
 * does not come within `outOfBandTimeout`, is no list, or names more than 1,024 members.
 */
export type Discover = () => readonly Properties[] | Promise<readonly Properties[]>

/** What the address of a member begins with where it names no path. */
const PATH = '/kibitz'

/** How many addresses a list has at most. */
export const ADDRESSES_MAX = 1024

/** A name in DNS is no longer. */
const NAME_MAX = 255

function reject(what: string): never {
    throw new KibitzError('invalid-argument', `${what} Nothing was started; correct the call.`)
}

function urlOf(address: unknown): string {
    if (typeof address !== 'string') {
        reject('An address is a text: host:port, or a url.')
    }
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
    if (list.length > ADDRESSES_MAX) {
        reject(`A list has ${ADDRESSES_MAX} addresses at most.`)
    }
    const properties = Object.freeze(list.map((address) => Object.freeze({ url: urlOf(address) })))
    return () => properties
}

/**
 * Members at whatever addresses a name has in DNS, all on one port: a headless service, say.
 *
 * @param resolve Yields the addresses of a name. @default what the system does
 * @throws KibitzError `invalid-argument`.
 */
export function dns(
    name: string,
    port: number,
    resolve?: ((name: string) => Promise<readonly string[]>) | null
): Discover {
    if (typeof name !== 'string' || name === '' || name.length > NAME_MAX) {
        reject(`A name in DNS is a text of 1 to ${NAME_MAX} characters.`)
    }
    if (!Number.isInteger(port) || port < 1 || port > 65_535) {
        reject('A port is a whole number from 1 to 65535.')
    }
    const look = resolve ?? resolveAll
    if (typeof look !== 'function') {
        reject('What resolves a name is a function.')
    }
    return async () => {
        const found = await look(name)
        return found.map((address) => ({
            url: urlOf(`${address.includes(':') ? `[${address}]` : address}:${port}`)
        }))
    }
}

/**
 * Reads a list of addresses that the user found.
 *
 * @throws KibitzError `invalid-argument` where it is no list, or too long a list.
 */
export function readDiscovered(found: unknown): readonly Properties[] {
    const items = itemsOf(found, ADDRESSES_MAX)
    if (items === null) {
        reject(`What finds members yields a list of ${ADDRESSES_MAX} at most.`)
    }
    return items.map((item) => admitProperties(item as Properties))
}

/** What an error says, whatever was thrown. */
export function messageOf(error: unknown): string {
    try {
        return error instanceof Error ? String(error.message) : String(error)
    } catch {
        return 'an error that cannot be read'
    }
}

/** The error of a function that has found no address in time. */
export function discoveryTimedOut(limitMs: number): KibitzError {
    const what = `no address was found within ${limitMs} ms (option outOfBandTimeout)`
    return new KibitzError('unreachable', what)
}

async function resolveAll(name: string): Promise<readonly string[]> {
    const found = await lookup(name, { all: true })
    return found.map(({ address }) => address)
}
