import { KibitzError } from '../error.js'
import type { WaitOptions } from '../entries.js'
import { abortSignal, fitting, type OptionTable } from '../option-table.js'
import { isRepublic } from '../options.js'
import type { Republic } from '../paxos/message.js'
import type { Discover } from './discovery.js'

/** Which republic to found. */
export interface BootstrapRequest {
    /** The run of the service. @default the option `islandId`, else the time */
    readonly islandId?: Republic | null
}

/** Which republic to join, and through which members. */
export interface Joining extends BootstrapRequest, WaitOptions {
    readonly through: Discover | readonly string[]
}

/** What each field of a request to found a republic may be. */
export const BOOTSTRAP_REQUEST: OptionTable<BootstrapRequest> = {
    islandId: fitting('the name of a republic: 1 to 256 characters, or a whole number', isRepublic)
}

/** What each field of a request to join a republic may be. */
export const JOIN_REQUEST: OptionTable<Joining> = {
    ...BOOTSTRAP_REQUEST,
    signal: abortSignal,
    through: {
        expected: "a list of addresses, such as ['host:port'], or a function that yields members",
        fits: (value) => typeof value === 'function' || isListOfTexts(value)
    }
}

function isListOfTexts(value: unknown): boolean {
    return Array.isArray(value) && value.every((item) => typeof item === 'string')
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
