import {
    fitting,
    type OptionKind,
    type OptionTable,
    port as portKind,
    readOptions
} from '../base/option-table.js'
import { HOST, listen } from '../transport/address.js'
import { RequestHandler } from '../transport/http/request-handler.js'
import { InboundBudget } from '../transport/inbound-budget.js'
import { Paths } from '../transport/http/paths.js'
import type { Counting, Route, RouteAnswer } from '../transport/http/route.js'
import { BoundedServer } from '../transport/http/server.js'
import type { TurnedAway } from '../transport/authenticated-peer.js'
import type { ReadinessState } from './readiness.js'

/** A plain HTTP port that serves the probes only. */
export interface ProbesOptions {
    /** The number of the port, or 0 for any free port. @default 0 */
    readonly port?: number
    /** The address to listen on; `0.0.0.0` for all addresses. @default '127.0.0.1' */
    readonly host?: string
}

const PROBES_OPTIONS: OptionTable<ProbesOptions> = { port: portKind, host: HOST }

/** The allowed values of the option `probes`. */
export const PROBES: OptionKind = fitting(
    'an object with port and host', (value) => typeof value === 'object' && !Array.isArray(value)
)

/**
 * Checks the options of a port for probes.
 *
 * @throws KibitzError `invalid-argument`. The message names the option.
 */
export function readProbes(options: ProbesOptions): Required<ProbesOptions> {
    return { port: 0, host: '127.0.0.1', ...readOptions('probes', options, PROBES_OPTIONS) }
}

/** The routes of the probes. The answers contain only a word for the state. */
export function probesOf(readiness: () => ReadinessState): Readonly<Record<string, Route>> {
    const shown = (answer: () => RouteAnswer): Route => ({
        method: 'GET',
        answer: () => Promise.resolve(answer()),
        answerUnsigned: answer
    })
    return Object.freeze({
        '/livez': shown(() => ({ status: 200, body: { state: 'alive' } })),
        '/readyz': shown(() => {
            const state = readiness()
            return { status: state === 'ready' ? 200 : 503, body: { state } }
        }),
        '/health': shown(() => ({ status: 200, body: { state: readiness() } }))
    })
}

/** The limits of a port for probes. Times are in milliseconds. */
const LIMITS = {
    headersTimeout: 5000,
    requestTimeout: 5000,
    keepAliveTimeout: 5000,
    headBytesMax: 8192,
    connectionsMax: 64,
    certificates: null
}

/** An open port for probes. */
export interface ProbesListener {
    readonly url: string
    /** Closes the port and every connection. Resolves after the last connection has closed. */
    close(): Promise<void>
}

/**
 * Serves probes on a plain HTTP port. Rejects with `address-in-use` if the port is taken, and with
 * `invalid-argument` if the host is unusable.
 */
export async function listenForProbes(
    { port, host }: Required<ProbesOptions>,
    routes: Readonly<Record<string, Route>>,
    counting: Counting
): Promise<ProbesListener> {
    const shared = {
        method: 'GET' as const,
        bytesMax: 1,
        budget: new InboundBudget(1),
        nonces: new Set<string>(),
        isOwn: () => true,
        isAddressed: true,
        callsMax: 8,
        keys: null,
        peerOf: () => undefined,
        onProven: () => {}
    }
    const handlers = Object.entries(routes).map(([path, route]) => {
        return [path, new RequestHandler(
            counting, { ...shared, answer: () => route.answer(null) }
        )] as const
    })
    const paths = new Paths(counting, new Map(handlers))
    const onTurnedAway = (code: TurnedAway, from: string): void => counting.turnAway?.(code, from)
    const bounded = new BoundedServer({ ...LIMITS, onTurnedAway }, paths.serve)
    const listening = listen(bounded.server, 'kibitz/probes', port, host, counting)
    const bound = await listening.catch((error) => {
        void bounded.close()
        throw error
    })
    const authority = host.includes(':') ? `[${host}]` : host
    return Object.freeze({ url: `http://${authority}:${bound}`, close: () => bounded.close() })
}
