import { lookup } from 'node:dns/promises'
import { itemsOf } from '../base/bounded-list.js'
import { KibitzError } from '../base/errors.js'
import { admitProperties } from '../member/options.js'
import { isFrames } from '../transport/mixed/addresses.js'
import { rejectOverTls } from '../transport/tls-address.js'
import { withinTimeLimit } from './time-limit.js'
import type { Properties } from '../paxos/messages/messages.js'

/**
 * Finds members of the republic. Returns their properties in the form that the transport expects,
 * for HTTP `{ url }`. `join` calls the function in each round. If the function throws, or returns
 * no list of at most 1,024 members within `outOfBandTimeout`, the round has no addresses.
 */
export type Discover = () => readonly Properties[] | Promise<readonly Properties[]>

/** The path of an address that has no path. */
const PATH = '/kibitz'

/** The maximum number of addresses in a list. */
export const ADDRESSES_MAX = 1024

const SCHEMES = /^(?:https?|tcp|tls)$/i

/** The longest name in DNS, in characters. */
const NAME_MAX = 255

function reject(what: string): never {
    throw new KibitzError('invalid-argument', `${what} Nothing was started; correct the call.`)
}

function urlOf(address: unknown): string {
    if (typeof address !== 'string') {
        reject('An address must be a text: host:port, or a url.')
    }
    const [, scheme = '', slashes = ''] = /^([a-z][a-z0-9+.-]*):(\/+)/i.exec(address) ?? []
    if (slashes !== '' && (slashes.length !== 2 || !SCHEMES.test(scheme))) {
        reject(slashes.length === 2
            ? `The address ${address} has the scheme ${scheme}: write host:port, or a url with `
                + 'http:, https:, tcp: or tls:.'
            : `The address ${address} needs two slashes after ${scheme}: write `
                + `${scheme}://${address.slice(scheme.length + 1 + slashes.length)}.`)
    }
    const text = slashes === '' ? `http://${address}` : address
    if (!URL.canParse(text)) {
        throw new KibitzError(
            'invalid-argument',
            `${address} is no address. Nothing was started; write host:port, or a url.`
        )
    }
    const url = new URL(text)
    return isFrames(text) ? text : url.pathname === '/' ? new URL(PATH, url).href : url.href
}

/**
 * Refuses each address over TLS in a list. A function that finds members is not called.
 *
 * @throws KibitzError `invalid-argument`.
 */
export function rejectListOverTls(through: unknown): void {
    for (const address of itemsOf(through, ADDRESSES_MAX) ?? []) {
        rejectOverTls(address)
    }
}

/**
 * Finds members at known addresses, each `host:port` or a url (`http:`, `https:`, `tcp:`, `tls:`).
 * `host:port` fits every transport and, with `tls`, stands for an address over TLS. An address
 * without a path receives the path `/kibitz`.
 *
 * @throws KibitzError `invalid-argument` if an address is malformed, or if the list has more than
 * 1,024 addresses.
 */
export function addresses(...list: readonly string[]): Discover {
    if (list.length > ADDRESSES_MAX) {
        reject(`A list of addresses has at most ${ADDRESSES_MAX} items.`)
    }
    const properties = Object.freeze(list.map((address) => Object.freeze({ url: urlOf(address) })))
    return () => properties
}

/**
 * Finds members at all addresses of a DNS name, on one port; for example a headless service of
 * Kubernetes.
 *
 * @param resolve Returns the addresses of a name. @default the resolver of the system
 * @throws KibitzError `invalid-argument` if the name, the port or `resolve` is unusable.
 */
export function dns(
    name: string,
    port: number,
    resolve?: ((name: string) => Promise<readonly string[]>) | null
): Discover {
    if (typeof name !== 'string' || name === '' || name.length > NAME_MAX) {
        reject(`A DNS name must be a text of 1 to ${NAME_MAX} characters.`)
    }
    if (!Number.isInteger(port) || port < 1 || port > 65_535) {
        reject('A port must be a whole number from 1 to 65535.')
    }
    const lookUp = resolve ?? resolveAll
    if (typeof lookUp !== 'function') {
        reject('The argument resolve must be a function.')
    }
    return async () => {
        const found = await lookUp(name)
        return found.map((address) => ({
            url: urlOf(`${address.includes(':') ? `[${address}]` : address}:${port}`)
        }))
    }
}

/**
 * Calls a `Discover` function, for at most `limitMs` milliseconds. Rejects with `unreachable` after
 * that time, with `invalid-argument` if the value is no list of at most 1,024 properties, with the
 * error of the function, or with the reason of the signal.
 */
export async function discoverWithin(
    discover: Discover,
    limitMs: number,
    signal: AbortSignal
): Promise<readonly Properties[]> {
    const late = (): KibitzError => discoveryTimedOut(limitMs)
    return readDiscovered(await withinTimeLimit(() => discover(), [signal], limitMs, late))
}

function readDiscovered(found: unknown): readonly Properties[] {
    const items = itemsOf(found, ADDRESSES_MAX)
    if (items === null) {
        reject(`A function that finds members must return a list of at most ${ADDRESSES_MAX}.`)
    }
    return items.map((item) => admitProperties(item as Properties))
}

/** The message of any thrown value. Never throws. */
export function messageOf(error: unknown): string {
    try {
        return error instanceof Error ? String(error.message) : String(error)
    } catch {
        return 'an unreadable error'
    }
}

function discoveryTimedOut(limitMs: number): KibitzError {
    const what = `no address was found within ${limitMs} ms (option outOfBandTimeout)`
    return new KibitzError('unreachable', what)
}

async function resolveAll(name: string): Promise<readonly string[]> {
    const found = await lookup(name, { all: true })
    return found.map(({ address }) => address)
}
