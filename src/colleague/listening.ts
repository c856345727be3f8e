import { KibitzError, rejectArgument } from '../base/errors.js'
import { fitting, flag, type OptionTable, readOptions, text } from '../base/option-table.js'
import type { Properties } from '../paxos/messages/messages.js'
import { addressesOf, isFrames } from '../transport/mixed/addresses.js'
import { listenMixed, MIXED_OPTIONS, type MixedOptions } from '../transport/mixed/listener.js'
import { isOverTls, NeedsTls } from '../transport/tls-address.js'
import { openMount } from './mounts.js'
import type { Reply } from './out-of-band-messages.js'
import {
    listenForProbes, PROBES, type ProbesListener, type ProbesOptions, probesOf, readProbes
} from './probes.js'
import { routesOf } from './routes.js'
import type { Attach, Attachable } from './transport.js'

/** The port of a Colleague. */
export interface ListenColleagueOptions extends Omit<MixedOptions, 'path'> {
    /**
     * How peers call this member: `'tcp'`, with frames over TCP, while the same port also speaks
     * HTTP; or `'http'`, over HTTP alone. This member calls each peer as that peer wants to be
     * called, so members may differ. @default 'tcp'
     */
    readonly transport?: 'tcp' | 'http'
    /**
     * The url at which peers reach `handler(colleague)`, or the plugin of fastify, on a server of
     * your own, for example `http://one.example:8080/members`. The member then opens no port, and
     * peers call it over HTTP. @default none: the member opens a port
     */
    readonly mount?: string
    /**
     * Also serves `POST /join`, `/bootstrap`, `/exile` and `/shutdown`. Then every client that
     * reaches the port can command this member. @default false
     */
    readonly operable?: boolean
    /**
     * Also serves `/livez`, `/readyz` and `/health` on a second port, in plain HTTP, for probes
     * that have no certificate for `tls`. @default none
     */
    readonly probes?: ProbesOptions
}

const { path: _path, ...PASSED_ON } = MIXED_OPTIONS

/** The allowed values of each option. */
export const LISTEN_COLLEAGUE_OPTIONS: OptionTable<ListenColleagueOptions> = {
    ...PASSED_ON,
    transport: fitting("'tcp' or 'http'", (value) => value === 'tcp' || value === 'http'),
    mount: text(2048),
    operable: flag,
    probes: PROBES
}

/**
 * The address of a member for out-of-band questions: `/oob` at its `location` (`host:port`, a
 * property of the ancestor `kibitz@0.17.3`), else `oob` in the folder of its `url`.
 */
function outOfBandAddress(properties: Properties): Properties {
    const { location } = (properties ?? {}) as Readonly<Record<string, unknown>>
    const isAncestor = typeof location === 'string'
    const base = isAncestor ? `http://${location}/` : addressesOf(properties, false).url
    return base !== null && URL.canParse(base) ? { url: new URL('oob', base).href } : properties
}

/** Refuses a question to an address over TLS by a member without TLS. */
function rejectQuestion(properties: Properties, callsTls: boolean): void {
    const { url } = (properties ?? {}) as Readonly<Record<string, unknown>>
    if (!callsTls && isOverTls(url)) {
        throw new NeedsTls(url)
    }
}

/**
 * The address for peers that the user has given: by the option `advertise`, or by the property
 * `url`. `undefined` if the user has given none.
 *
 * @throws KibitzError `invalid-argument` if the two differ, or if the `url` is no url of the
 * transport, or is a url of HTTP without a path.
 */
function statedAddress(
    url: unknown,
    advertise: string | undefined,
    transport: 'tcp' | 'http'
): string | undefined {
    if (url === undefined) {
        return advertise
    }
    const isUrl = typeof url === 'string' && URL.canParse(url) && isCallable(url, transport)
    if (isUrl && (advertise === undefined || advertise === url)) {
        return url
    }
    const frames = transport === 'tcp' ? 'tcp://one.example:8080 or ' : ''
    throw new KibitzError(
        'invalid-argument',
        isUrl
            ? `properties.url is ${url}, but advertise is ${advertise}. Nothing was started; ` +
                  'leave out one of the two.'
            : `properties.url must be the url that peers call, for example ${frames}` +
                  `http://one.example:8080/kibitz, not ${String(url)}. Nothing was started; ` +
                  'correct the url, or remove the url and give listen the option advertise.'
    )
}

/** Whether a url is an address for frames, if the transport has frames, or has a path for HTTP. */
function isCallable(url: string, transport: 'tcp' | 'http'): boolean {
    const { pathname } = new URL(url)
    return isFrames(url) ? transport === 'tcp' && /^\/?$/.test(pathname) : pathname !== '/'
}

/** Refuses the options of a port for a member without a port. */
function checkMount({ mount, port, host, advertise, transport }: ListenColleagueOptions): void {
    if (mount !== undefined && (port ?? host ?? advertise ?? transport) !== undefined) {
        rejectArgument(
            'With mount, the member opens no port and peers call the url of mount. Leave out ' +
                'port, host, advertise and transport.'
        )
    }
}

function openProbes(
    options: Required<ProbesOptions> | null,
    colleague: Attachable
): Promise<ProbesListener | null> {
    const routes = probesOf(() => colleague.readiness())
    return options === null
        ? Promise.resolve(null)
        : listenForProbes(options, routes, colleague.kibitzer)
}

/**
 * Connects a Colleague over one port: serves calls of members with frames and over HTTP, or over
 * HTTP alone, and serves `/oob` for out-of-band questions and the probes over HTTP. Calls each
 * other member with frames or over HTTP, as the properties of that member say.
 *
 * @throws KibitzError `invalid-argument` if an option is unusable. The returned function rejects
 * with `address-in-use` or `invalid-argument`.
 */
export function overNetwork(options: ListenColleagueOptions | null = {}): Attach {
    const settings = readOptions('listen', options, LISTEN_COLLEAGUE_OPTIONS)
    const { operable = false, probes: probesOptions, transport = 'tcp', mount, ...rest } = settings
    checkMount(settings)
    const probes = probesOptions === undefined ? null : readProbes(probesOptions)
    return async (colleague) => {
        const { url: own } = colleague.properties
        const routes = { ...rest.routes, ...routesOf(colleague, operable) }
        const advertise = statedAddress(own, rest.advertise, transport)
        const listening = { ...rest, routes, ...(advertise === undefined ? {} : { advertise }) }
        const listener = await (mount === undefined
            ? listenMixed(colleague.kibitzer, listening, transport === 'tcp')
            : openMount(colleague.kibitzer, listening, mount))
        const prober = await openProbes(probes, colleague).catch(async (error) => {
            await listener.close()
            throw error
        })
        const { url, tcp, client } = listener
        const callsTls = rest.tls !== undefined
        const frames = tcp === null || own !== undefined ? {} : { tcp }
        return Object.freeze({
            properties: Object.freeze({ url: own ?? url, ...frames }),
            ask: async (to: Properties, post: unknown, signal: AbortSignal): Promise<Reply> => {
                rejectQuestion(to, callsTls)
                const address = outOfBandAddress(to)
                const { status, value } = await client.exchange(address, post, signal)
                return (status === 200 ? { result: value } : value) as Reply
            },
            callsTls,
            carriesBytes: true,
            ...(prober === null ? {} : { probes: prober.url }),
            close: async () => {
                await Promise.all([listener.close(), prober?.close()])
            }
        })
    }
}
