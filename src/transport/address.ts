import type { AddressInfo, Server } from 'node:net'
import Logger from 'prolific.logger'
import { KibitzError } from '../error.js'

const LOOPBACK = /^(?:localhost|::1|127(?:\.\d{1,3}){3})$/

/** What there is to keep strangers out. */
export interface Protection {
    readonly host: string
    readonly insecure: boolean
    /** Whether whoever comes must prove to be a member. */
    readonly isGuarded: boolean
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

/**
 * Lets a server listen. Resolves with where it does, as `host:port`. From then on what goes wrong
 * with it is logged: a connection that could not be accepted is its caller's misfortune.
 */
export function listen(server: Server, name: string, port: number, host: string): Promise<string> {
    const logger = Logger.createLogger(name)
    return new Promise((resolve, reject) => {
        const onError = (cause: NodeJS.ErrnoException): void => {
            const code = cause.code === 'EADDRINUSE' ? 'address-in-use' : 'invalid-argument'
            const what = `Nothing listens on ${host}:${port}: ${cause.message}. Choose another.`
            reject(new KibitzError(code, what, { cause }))
        }
        server.once('error', onError)
        server.listen(port, host, () => {
            server.off('error', onError)
            server.on('error', ({ message }) => logger.warn('server', { message }))
            const { address, family, port: bound } = server.address() as AddressInfo
            resolve(`${family === 'IPv6' ? `[${address}]` : address}:${bound}`)
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
