import type { IncomingMessage, ServerResponse } from 'node:http'
import { rejectArgument } from '../../base/errors.js'
import { isWildcard, OwnAddresses } from '../address.js'
import { connectClient } from '../connect-client.js'
import { handlersOf, httpSendOf, sharedTerms } from '../http/from-options.js'
import { withDefaults } from '../http/options.js'
import { Paths } from '../http/paths.js'
import { certificatesOf } from '../security/certificates.js'
import { ringOf } from '../security/keys.js'
import { tcpSendOf } from '../tcp/from-options.js'
import { rejectOverTls } from '../tls-address.js'
import { type MixedSend, mixedSendOf } from './client.js'
import type { ConnectedMember, MixedOptions } from './listener.js'

/** A member on a server of the user. */
export interface MountedMember {
    /** The url at which peers call this member. */
    readonly url: string
    readonly client: MixedSend
    /** Answers a request of the server. */
    serve(request: IncomingMessage, response: ServerResponse): void
    /** Closes the connections of the client. */
    close(): void
}

/**
 * Reads the url at which the user's server has the member.
 *
 * @throws KibitzError `invalid-argument`.
 */
function readBase(mount: string): URL {
    const url = URL.canParse(mount) ? new URL(mount) : null
    const isUsable = url !== null && /^https?:$/.test(url.protocol) && !isWildcard(url)
        && url.port !== '0' && `${url.username}${url.password}${url.search}${url.hash}` === ''
    return isUsable
        ? url
        : rejectArgument(
              'mount is the url at which peers reach handler(colleague) on your server, for ' +
                  `example http://one.example:8080/members, not ${mount}.`
          )
}

/**
 * Connects a member that has no port: a server of the user passes requests to `serve`. The path of
 * a request may be whole, or without the path of `mount`, as Express leaves it. The caller has
 * checked the options.
 *
 * @throws KibitzError `invalid-argument`.
 */
export function mountMixed(
    kibitzer: ConnectedMember,
    given: MixedOptions,
    mount: string
): MountedMember {
    const base = readBase(mount)
    const keys = ringOf(given.keys)
    const options = keys === null ? given : { ...given, keys }
    const settings = withDefaults(options)
    const certificates = certificatesOf(options.tls)
    if (certificates === null) {
        rejectOverTls(mount)
    }
    const folder = base.pathname.replace(/\/+$/, '')
    const url = `${base.origin}${folder}${settings.path}`
    const ownAddresses = new OwnAddresses()
    ownAddresses.add(url)
    const terms = sharedTerms(options, { onProven: () => {}, isOwn: ownAddresses.has })
    const paths = new Paths(kibitzer, handlersOf(kibitzer, terms, settings))
    const client = mixedSendOf(
        tcpSendOf(options, certificates, kibitzer),
        httpSendOf(options, certificates, kibitzer),
        certificates !== null
    )
    const close = connectClient(kibitzer, client, options, { certificates, usages: ['clientAuth'] })
    return Object.freeze({
        url,
        client,
        serve: (request: IncomingMessage, response: ServerResponse): void => {
            const { url: target = '' } = request
            const isWhole = target.startsWith(`${folder}/`)
            paths.serveAt(isWhole ? target.slice(folder.length) : target, request, response)
        },
        close
    })
}
