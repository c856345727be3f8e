import type { AddressInfo, Server, Socket } from 'node:net'
import { KibitzError } from '../base/errors.js'
import { MemberLogger } from '../base/member-logger.js'
import type { OptionKind } from '../base/option-table.js'
import type { Counting } from './http/route.js'

const LOOPBACK = /^(?:localhost|::1|127(?:\.\d{1,3}){3})$/

/** Addresses that stand for all interfaces, in the spelling of `URL`. */
const WILDCARDS: readonly unknown[] = ['0.0.0.0', '[::]', '[::ffff:0:0]']

/** What an option may be that is an address to listen on. */
export const HOST: OptionKind = {
    expected: 'the address to listen on, a text',
    fits: (value) => typeof value === 'string' && value.length <= 1024
}

/** What there is to keep strangers out. */
export interface Protection {
    readonly host: string
    readonly insecure: boolean
    /** Whether whoever comes must prove to be a member. */
    readonly isGuarded: boolean
}

/** Where a listener listens, and what the listener tells its peers. */
export interface Announcement {
    readonly scheme: 'http' | 'https' | 'tcp' | 'tls'
    readonly host: string
    readonly path: string
    readonly advertise: string | undefined
}

function refuse(what: string): never {
    throw new KibitzError('invalid-argument', what)
}

/**
 * Refuses an address that other machines reach, where nothing keeps strangers out.
 *
 * @throws KibitzError `invalid-argument`.
 */
export function checkExposure({ host, insecure, isGuarded }: Protection): void {
    if (!insecure && !isGuarded && !LOOPBACK.test(host)) {
        throw new KibitzError(
            'invalid-argument',
            `Whoever reaches ${host} could pass for a member. Nothing was started; give tls or ` +
                'keys, listen on a loopback address, or say insecure: true.'
        )
    }
}

/** An address as a url, which it may be already. */
function spell(address: string, scheme: string): string {
    const isUrl = /^[a-z]+:\/\//i.test(address)
    const isBareIp = !address.startsWith('[') && address.split(':').length > 2
    return isUrl ? address : `${scheme}://${isBareIp ? `[${address}]` : address}`
}

function parse(address: string, scheme: string): URL | null {
    const text = spell(address, scheme)
    // The parser normalizes host names and addresses of web schemes only.
    const web = text.replace(/^(?:tcp|tls):/i, 'http:')
    return URL.canParse(text) && URL.canParse(web) ? new URL(text) : null
}

function isWildcard(url: URL): boolean {
    const { hostname } = new URL(`http://${url.host}`)
    return WILDCARDS.includes(hostname)
}

/** The url of an `advertise`, with a port only if the option names one. */
function checkAdvertise(advertise: unknown, { scheme, path }: Announcement): URL {
    const url = typeof advertise === 'string' ? parse(advertise, scheme) : null
    const isUsable =
        url !== null &&
        url.protocol === `${scheme}:` &&
        url.hostname !== '' &&
        url.port !== '0' &&
        !isWildcard(url) &&
        (path !== '' || /^\/?$/.test(url.pathname)) &&
        `${url.username}${url.password}${url.search}${url.hash}` === ''
    return isUsable
        ? url
        : refuse(
              `advertise is the address that peers call, 'host', 'host:port' or ` +
                  `'${scheme}://host:port${path}', not ${String(advertise)}. Nothing was started.`
          )
}

/**
 * Checks, before a listener starts, that peers can call the address that they are told.
 *
 * @throws KibitzError `invalid-argument`.
 */
export function checkAnnouncement(announcement: Announcement): void {
    const { advertise, host, scheme } = announcement
    if (advertise !== undefined) {
        checkAdvertise(advertise, announcement)
        return
    }
    const url = host === '' ? null : parse(host, scheme)
    if (url === null || url.hostname === '' || isWildcard(url)) {
        refuse(
            `Peers cannot call ${host === '' ? "host: ''" : host}, which names no single ` +
                'machine. Nothing was started. Name the address that peers call, for example ' +
                "advertise: 'one.example' or advertise: 'one.example:8080'."
        )
    }
}

/** The url that peers are told, once the port is known. A host name stays a host name. */
export function announcedUrl(announcement: Announcement, port: number): string {
    const { advertise, host, scheme, path } = announcement
    if (advertise === undefined) {
        return `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}${path}`
    }
    const url = checkAdvertise(advertise, announcement)
    const isPortNamed = /^[^/]+\/\/(?:\[.*\]|[^/:]*):\d/.test(spell(advertise, scheme))
    const authority = isPortNamed ? authorityOf(url) : `${url.hostname}:${port}`
    return `${scheme}://${authority}${/^\/?$/.test(url.pathname) ? path : url.pathname}`
}

/** `host:port` of a url, with the port always named. */
export function authorityOf({ protocol, hostname, port }: URL): string {
    return `${hostname}:${port === '' ? (protocol === 'https:' ? 443 : 80) : port}`
}

/** The addresses of one listener, as a caller may name them: `host:port`. */
export class OwnAddresses {
    readonly #announced = new Set<string>()

    /** Adds the address of a url. */
    add(url: string): void {
        this.#announced.add(authorityOf(new URL(url)))
    }

    /** Whether a caller over a connection means this listener. */
    readonly has = (to: string, { localAddress = '', localPort }: Socket): boolean => {
        const address = localAddress.replace(/^::ffff:(?=\d+\.)/i, '')
        const host = address.includes(':') ? `[${address}]` : address
        return (
            this.#announced.has(to) ||
            to === `${host}:${localPort}` ||
            (LOOPBACK.test(address) && to === `localhost:${localPort}`)
        )
    }
}

/**
 * Lets a server listen on a port of its own, which workers of `node:cluster` do not share.
 * Resolves with the port. From then on an error of the server is logged: a connection that could
 * not be accepted harms only its caller.
 */
export function listen(
    server: Server,
    name: string,
    port: number,
    host: string,
    { paxos }: Counting
): Promise<number> {
    const logger = new MemberLogger(name, () => paxos ?? { id: '', republic: null })
    return new Promise((resolve, reject) => {
        const onError = (cause: NodeJS.ErrnoException): void => {
            const code = cause.code === 'EADDRINUSE' ? 'address-in-use' : 'invalid-argument'
            const what = `Nothing listens on ${host}:${port}: ${cause.message}. Choose another.`
            reject(new KibitzError(code, what, { cause }))
        }
        server.once('error', onError)
        server.listen({ port, host, exclusive: true }, () => {
            server.off('error', onError)
            server.on('error', ({ message }) => logger.warn('server', { message }))
            resolve((server.address() as AddressInfo).port)
        })
    })
}

/** The `url` in the properties of a member, if it is one of a scheme. @throws KibitzError */
export function urlOf(properties: unknown, schemes: readonly string[]): URL {
    const isRecord = typeof properties === 'object' && properties !== null
    const url = isRecord && 'url' in properties ? properties.url : undefined
    const parsed = typeof url === 'string' && URL.canParse(url) ? new URL(url) : null
    if (parsed === null || !schemes.includes(parsed.protocol) || parsed.hostname === '') {
        const which = schemes.join(' or ')
        throw new KibitzError('unreachable', `The properties have no url that begins with ${which}`)
    }
    return parsed
}
