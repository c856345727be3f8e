import { KibitzError } from '../base/errors.js'
import { flag, type OptionTable, pickOptions, readOptions } from '../base/option-table.js'
import type { Properties } from '../paxos/messages/messages.js'
import {
    HTTP_SEND_OPTIONS,
    LISTEN_HTTP_OPTIONS,
    type ListenHttpOptions
} from '../transport/http/options.js'
import {
    listenHttp,
    type Route,
    type RouteAnswer,
    send
} from '../transport/http/http.js'
import type { Attach, Attachable } from './transport.js'
import {
    listenForProbes,
    PROBES,
    type ProbesListener,
    type ProbesOptions,
    probesOf,
    readProbes
} from './probes.js'
import type { RefusalCode, Reply } from './out-of-band-messages.js'

/** The HTTP port of a Colleague. */
export interface ListenColleagueOptions extends Omit<ListenHttpOptions, 'path'> {
    /**
     * Also serves `POST /join`, `/bootstrap` and `/shutdown`. Then every client that reaches the
     * port can command this member. @default false
     */
    readonly operable?: boolean
    /**
     * Also serves `/livez`, `/readyz` and `/health` on a second port, in plain HTTP, for probes
     * that have no certificate for `tls`. @default none
     */
    readonly probes?: ProbesOptions
}

const { path: _path, ...PASSED_ON } = LISTEN_HTTP_OPTIONS

/** The allowed values of each option. */
export const LISTEN_COLLEAGUE_OPTIONS: OptionTable<ListenColleagueOptions> = {
    ...PASSED_ON,
    operable: flag,
    probes: PROBES
}

/** The HTTP status for each refusal. */
const STATUSES: Readonly<Record<RefusalCode, number>> = {
    'other-island': 409,
    'other-colleague': 421,
    stateless: 409,
    'not-ready': 425,
    expired: 410,
    'unknown-name': 404,
    malformed: 400,
    'too-large': 413,
    overloaded: 503,
    failed: 500
}

const COMMANDS = ['join', 'bootstrap'] as const

/**
 * The address of a member for out-of-band questions: `/oob` at its `location` (`host:port`, a
 * property of the ancestor `kibitz@0.17.3`), else `oob` in the folder of its `url`.
 */
function outOfBandAddress(properties: Properties, scheme: 'http' | 'https'): Properties {
    const { location, url } = (properties ?? {}) as Readonly<Record<string, unknown>>
    const base = typeof location === 'string' ? `${scheme}://${location}/` : url
    return typeof base === 'string' && URL.canParse(base)
        ? { url: new URL('oob', base).href }
        : properties
}

function routesOf(colleague: Attachable, operable: boolean): Readonly<Record<string, Route>> {
    const probes = probesOf(() => colleague.readiness())
    const health: Route = {
        ...probes['/health'],
        method: 'GET',
        answer: async () => ({ status: 200, body: await colleague.request('health', null) })
    }
    const outOfBand: Route = {
        isAddressed: true,
        answer: async (body) => {
            const reply = await colleague.answer(body)
            return reply.refusal === undefined
                ? { status: 200, body: reply.result }
                : { status: STATUSES[reply.refusal], body: { refusal: reply.refusal } }
        }
    }
    const commands = (operable ? COMMANDS : []).map((command): [string, Route] => [
        `/${command}`,
        { answer: (body) => runCommand(colleague, command, body) }
    ])
    const shutdown: Route = {
        answer: async () => ({
            status: 200,
            body: null,
            afterwards: () => void colleague.request('shutdown', null)
        })
    }
    return Object.freeze({
        ...probes,
        '/oob': outOfBand,
        '/health': health,
        ...Object.fromEntries(commands),
        ...(operable ? { '/shutdown': shutdown } : {})
    })
}

/**
 * The address for peers that the user has given: by the option `advertise`, or by the property
 * `url`. `undefined` if the user has given none.
 *
 * @throws KibitzError `invalid-argument` if the two differ, or if the `url` has no path.
 */
function statedAddress(
    { url }: Readonly<Record<string, unknown>>,
    advertise: string | undefined
): string | undefined {
    if (url === undefined) {
        return advertise
    }
    const isUrl = typeof url === 'string' && URL.canParse(url) && new URL(url).pathname !== '/'
    if (isUrl && (advertise === undefined || advertise === url)) {
        return url
    }
    throw new KibitzError(
        'invalid-argument',
        isUrl
            ? `properties.url is ${url}, but advertise is ${advertise}. Nothing was started; ` +
                  'leave out one of the two.'
            : 'properties.url must be the url that peers call, for example ' +
                  `http://one.example:8080/kibitz, not ${String(url)}. Nothing was started; ` +
                  'correct the url, or remove the url and give listen the option advertise.'
    )
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

/** Runs an operator command. The answer to a failed command contains the code and the message. */
async function runCommand(
    colleague: Attachable,
    command: string,
    body: unknown
): Promise<RouteAnswer> {
    try {
        return { status: 200, body: (await colleague.request(command, body)) ?? null }
    } catch (error) {
        const { code, message } = error as { code?: unknown; message?: unknown }
        return { status: code === 'invalid-argument' ? 400 : 409, body: { code, message } }
    }
}

/**
 * Connects a Colleague over HTTP: serves `/kibitz` for the log, `/oob` for out-of-band questions,
 * and the probes on one port, and calls other members.
 *
 * @throws KibitzError `invalid-argument` if an option is unusable. The returned function rejects
 * with `address-in-use` or `invalid-argument`.
 */
export function overHttp(options: ListenColleagueOptions | null = {}): Attach {
    const settings = readOptions('listen', options, LISTEN_COLLEAGUE_OPTIONS)
    const { operable = false, probes: probesOptions, ...rest } = settings
    const probes = probesOptions === undefined ? null : readProbes(probesOptions)
    return async (colleague) => {
        const routes = { ...rest.routes, ...routesOf(colleague, operable) }
        const stated = statedAddress(colleague.properties, rest.advertise)
        const listener = await listenHttp(colleague.kibitzer, {
            ...rest,
            routes,
            ...(stated === undefined ? {} : { advertise: stated })
        })
        const prober = await openProbes(probes, colleague).catch(async (error) => {
            await listener.close()
            throw error
        })
        const client = send(pickOptions(rest, HTTP_SEND_OPTIONS))
        const scheme = rest.tls === undefined ? 'http' : 'https'
        return Object.freeze({
            properties: Object.freeze({ url: colleague.properties['url'] ?? listener.url }),
            ask: async (to: Properties, post: unknown, signal: AbortSignal): Promise<Reply> => {
                const address = outOfBandAddress(to, scheme)
                const { status, value } = await client.exchange(address, post, signal)
                return (status === 200 ? { result: value } : value) as Reply
            },
            carriesBytes: true,
            ...(prober === null ? {} : { probes: prober.url }),
            close: async () => {
                client.close()
                await Promise.all([listener.close(), prober?.close()])
            }
        })
    }
}
