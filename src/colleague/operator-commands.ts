import { itemsOf } from '../base/bounded-list.js'
import { KibitzError } from '../base/errors.js'
import type { WaitOptions } from '../base/abort-signal.js'
import { abortSignal, fitting, type OptionTable } from '../base/option-table.js'
import { isRepublic } from '../member/options.js'
import type { Republic } from '../paxos/messages/messages.js'
import { ADDRESSES_MAX, type Discover } from './discovery.js'

/** Which republic to found. */
export interface BootstrapRequest {
    /** The run of the service. @default the option `islandId`, else the time */
    readonly islandId?: Republic | null
}

/** Which republic to join, and through which members. */
export interface JoinCommand extends BootstrapRequest, WaitOptions {
    readonly through: Discover | readonly string[]
}

/** What each field of a request to found a republic may be. */
export const BOOTSTRAP_REQUEST: OptionTable<BootstrapRequest> = {
    islandId: fitting('the name of a republic: 1 to 256 characters, or a whole number', isRepublic)
}

/** What each field of a request to join a republic may be. */
export const JOIN_REQUEST: OptionTable<JoinCommand> = {
    ...BOOTSTRAP_REQUEST,
    signal: abortSignal,
    through: {
        expected: "a list of addresses, such as ['host:port'], or a function that yields members",
        fits: (value) => typeof value === 'function' || isListOfTexts(value)
    }
}

function isListOfTexts(value: unknown): boolean {
    const items = itemsOf(value, ADDRESSES_MAX)
    return items?.every((item) => typeof item === 'string') === true
}

const COMMANDS = ['health', 'kibitz', 'join', 'bootstrap', 'shutdown'] as const

/** What a Colleague is told by name. */
export type OperatorCommand = (typeof COMMANDS)[number]

/** Whether a Colleague knows an order. */
export function isOperatorCommand(type: unknown): type is OperatorCommand {
    return COMMANDS.some((order) => order === type)
}

function reject(what: string): never {
    throw new KibitzError('invalid-argument', `${what} Nothing was done; correct it.`)
}

/** The fields of an order, each read once. */
function fieldsOf(body: unknown): Readonly<Record<string, unknown>> {
    try {
        return typeof body === 'object' && body !== null ? { ...body } : {}
    } catch {
        return reject('The fields of the order cannot be read.')
    }
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
    const fields = fieldsOf(body)
    return { ...islandOf(fields), through: addressesOf(fields['through']) }
}

/**
 * Reads a list of addresses, each once.
 *
 * @throws KibitzError `invalid-argument`.
 */
export function addressesOf(through: unknown): readonly string[] {
    try {
        const items = itemsOf(through, ADDRESSES_MAX)
        if (items === null) {
            reject('To join takes { through: [address, …] }, of no more than 1024 addresses.')
        }
        return items.map((address) =>
            typeof address === 'string' ? address : reject('An address is a string.'))
    } catch (cause) {
        throw cause instanceof KibitzError ? cause : new KibitzError('invalid-argument',
            'The list of addresses cannot be read. Nothing was done; correct it.', { cause })
    }
}
