import { KibitzError } from '../error.js'
import type { Republic } from '../paxos/message.js'

/** Which republic to found. */
export interface BootstrapRequest {
    /** The run of the service. @default the option `islandId`, else the time */
    readonly islandId?: Republic
}

const ORDERS = ['health', 'kibitz', 'join', 'bootstrap', 'shutdown'] as const

/** What a Colleague is told by name. */
export type Order = (typeof ORDERS)[number]

/** Whether a Colleague knows an order. */
export function isOrder(type: unknown): type is Order {
    return ORDERS.some((order) => order === type)
}

function reject(what: string): never {
    throw new KibitzError('invalid-argument', `${what} Nothing was done; correct it.`)
}

function fieldsOf(body: unknown): Readonly<Record<string, unknown>> {
    return typeof body === 'object' && body !== null ? { ...body } : {}
}

function islandOf(body: unknown): { readonly islandId?: Republic } {
    const { islandId } = fieldsOf(body)
    if (islandId === undefined || islandId === null) {
        return {}
    }
    return typeof islandId === 'string' || typeof islandId === 'number'
        ? { islandId }
        : reject('An islandId is a word or a whole number.')
}

/**
 * An order to found a republic, as it arrived: `{ islandId? }`.
 *
 * @throws KibitzError `invalid-argument`.
 */
export function readBootstrap(body: unknown): BootstrapRequest {
    return islandOf(body)
}

/**
 * An order to join a republic, as it arrived: `{ through: [address, …], islandId? }`.
 *
 * @throws KibitzError `invalid-argument`.
 */
export function readJoin(
    body: unknown
): BootstrapRequest & { readonly through: readonly string[] } {
    const { through } = fieldsOf(body)
    if (!Array.isArray(through) || through.length > 1024) {
        reject('To join takes { through: [address, …] }, of no more than 1024 addresses.')
    }
    const found = Array.from(through as readonly unknown[], (one) =>
        typeof one === 'string' ? one : reject('An address is a string.')
    )
    return { ...islandOf(body), through: found }
}
