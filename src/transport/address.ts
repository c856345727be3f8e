import type { AddressInfo, Server, Socket } from 'node:net'
import { KibitzError } from '../base/errors.js'
import { MemberLogger } from '../base/member-logger.js'
import type { OptionKind } from '../base/option-table.js'
import type { Counting } from './http/route.js'
import { isSameOverTls, NeedsTls, rejectOverTls } from './tls-address.js'

const LOOPBACK = /^(?:localhost|::1|127(?:\.\d{1,3}){3})$/

/** Whether a host is this machine: a name, or an address without brackets. */
export function isLoopback(host: string): boolean {
    return LOOPBACK.test(host)
}

/** Addresses that stand for all interfaces, as `URL` writes them. */
const WILDCARDS: readonly unknown[] = ['0.0.0.0', '[::]', '[::ffff:0:0]']

/** The kind of the option `host`. */
export const HOST: OptionKind = {
    expected: 'the address to listen on, a text',
    fits: (value) => typeof value === 'string' && value.length <= 1024
}

/** The protection of a listener. */
export interface Protection {
    readonly host: string
    readonly insecure: boolean
    /** Whether each caller must prove a key or a certificate. */
    readonly isGuarded: boolean
}

/** The address of a listener, and the address that peers call. */
export interface Announcement {
    readonly scheme: 'http' | 'https' | 'tcp' | 'tls'
    readonly host: string
    readonly path: string
    readonly advertise: string | undefined
}

function refuse(what: string): never {
    throw new KibitzError('invalid-argument', what)
}

/** Refuses an unprotected listener on an address that other machines can reach. */
export function checkExposure({ host, insecure, isGuarded }: Protection): void {
    if (!insecure && !isGuarded && !isLoopback(host)) {
        throw new KibitzError(
            'invalid-argument',
            `Any caller that reaches ${host} could act as a member. Nothing was started; give ` +
                'tls or keys, listen on a loopback address, or set insecure: true.'
        )
    }
}

/** The address as a url. An address that is a url stays as written. */
function spell(address: string, scheme: string): string {
    const isUrl = /^[a-z]+:\/\//i.test(address)
    const isBareIp = !address.startsWith('[') && address.split(':').length > 2
    return isUrl ? address : `${scheme}://${isBareIp ? `[${address}]` : address}`
}

function parse(address: string, scheme: string): URL | null {
    const text = spell(address, scheme)
    // `URL` normalizes host names only for the schemes of the web.
    const web = text.replace(/^(?:tcp|tls):/i, 'http:')
    return URL.canParse(text) && URL.canParse(web) ? new URL(text) : null
}

/** Whether the host of a url stands for all interfaces. */
export function isWildcard(url: URL): boolean {
    const { hostname } = new URL(`http://${url.host}`)
    return WILDCARDS.includes(hostname)
}

/** The option `advertise` as a url. The url has a port only if the option names a port. */
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

/** Checks, before a listener starts, that peers can call the announced address. */
export function checkAnnouncement(announcement: Announcement): void {
    const { advertise, host, scheme } = announcement
    if (advertise !== undefined) {
        if (isSameOverTls(advertise, `${scheme}:`)) {
            rejectOverTls(advertise)
        }
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

/** The url that peers call, once the port is known. A host name is not resolved. */
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

/** The `host:port` of a url. A missing port becomes the default port of the scheme. */
export function authorityOf({ protocol, hostname, port }: URL): string {
    return `${hostname}:${port === '' ? (protocol === 'https:' ? 443 : 80) : port}`
}

/** The addresses of one listener, each as `host:port`, as a caller may name them. */
export class OwnAddresses {
    readonly #announced = new Set<string>()

    /** Adds the address of a url. */
    add(url: string): void {
        this.#announced.add(authorityOf(new URL(url)))
    }

    /**
     * Whether `to` names this listener, as seen from a connection that the listener has accepted.
     */
    readonly has = (to: string, { localAddress = '', localPort }: Socket): boolean => {
        const address = localAddress.replace(/^::ffff:(?=\d+\.)/i, '')
        const host = address.includes(':') ? `[${address}]` : address
        return (
            this.#announced.has(to) ||
            to === `${host}:${localPort}` ||
            (isLoopback(address) && to === `localhost:${localPort}`)
        )
    }
}

/**
 * Makes a server listen on a port of its own; workers of `node:cluster` do not share the port.
 * Resolves with the port. Afterwards, an error of the server is logged: a connection that cannot be
 * accepted affects only its caller.
 *
 * @throws KibitzError `address-in-use`; `invalid-argument` for any other failure to listen.
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
            reject(new KibitzError(code,
                `This member cannot listen on ${host}:${port}: ${cause.message}. Nothing was `
                    + 'started. Choose another address.', { cause }))
        }
        server.once('error', onError)
        server.listen({ port, host, exclusive: true }, () => {
            server.off('error', onError)
            server.on('error', ({ message }) => logger.warn('server', { message }))
            resolve((server.address() as AddressInfo).port)
        })
    })
}

/**
 * The `url` in the properties of a member.
 *
 * @throws KibitzError `unreachable` if the properties have no `url` of this scheme.
 */
export function urlOf(properties: unknown, scheme: string): URL {
    const isRecord = typeof properties === 'object' && properties !== null
    const url = isRecord && 'url' in properties ? properties.url : undefined
    const parsed = typeof url === 'string' && URL.canParse(url) ? new URL(url) : null
    if (parsed !== null && isSameOverTls(url, scheme)) {
        throw new NeedsTls(url)
    }
    if (parsed === null || parsed.protocol !== scheme || parsed.hostname === '') {
        const what = `The properties have no url that begins with ${scheme}`
        throw new KibitzError('unreachable', what)
    }
    return parsed
}
