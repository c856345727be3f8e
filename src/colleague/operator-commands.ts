import { itemsOf } from '../base/bounded-list.js'
import { KibitzError } from '../base/errors.js'
import { WAIT_OPTIONS, type WaitOptions } from '../base/abort-signal.js'
import { fitting, type OptionKind, type OptionTable } from '../base/option-table.js'
import { isRepublic } from '../member/options.js'
import type { Republic } from '../paxos/messages/messages.js'
import { addresses, ADDRESSES_MAX, type Discover } from './discovery.js'

/** The republic to found. */
export interface BootstrapRequest {
    /** The run of the service. @default the option `islandId`, else the current time */
    readonly islandId?: Republic | null
}

/** The republic to found, and the addresses of members of an earlier republic. */
export interface FoundRequest extends BootstrapRequest {
    /**
     * Asks these addresses first: if a member of a republic of this island answers, nothing is
     * founded. @default none: asks no address
     */
    readonly through?: Discover | readonly string[]
}

/** The republic to join, and the addresses of members. */
export interface JoinRequest extends WaitOptions {
    /**
     * Addresses of members (`host:port` or urls, at most 1,024), or a function that finds members.
     */
    readonly through: Discover | readonly string[]
    /** The run of the service. @default the option `islandId`, else the run of the asked member */
    readonly islandId?: Republic | null
}

/** The allowed values of each field of a bootstrap request. */
export const BOOTSTRAP_REQUEST: OptionTable<BootstrapRequest> = {
    islandId: fitting('the name of a republic: 1 to 256 characters, or a whole number', isRepublic)
}

const THROUGH: OptionKind = {
    expected: "a list of addresses, such as ['host:port'], or a function that finds members",
    fits: (value) => typeof value === 'function' || isListOfTexts(value)
}

/** The allowed values of each option of a founding. */
export const FOUND_REQUEST: OptionTable<FoundRequest> = { ...BOOTSTRAP_REQUEST, through: THROUGH }

/** The allowed values of each field of a join request. */
export const JOIN_REQUEST: OptionTable<JoinRequest> = {
    ...BOOTSTRAP_REQUEST,
    ...WAIT_OPTIONS,
    through: THROUGH
}

function isListOfTexts(value: unknown): boolean {
    const items = itemsOf(value, ADDRESSES_MAX)
    return items?.every((item) => typeof item === 'string') === true
}

const COMMANDS = ['health', 'kibitz', 'join', 'bootstrap', 'exile', 'shutdown'] as const

/** The name of an operator command. */
export type OperatorCommand = (typeof COMMANDS)[number]

/** Whether a value is the name of an operator command. */
export function isOperatorCommand(type: unknown): type is OperatorCommand {
    return COMMANDS.some((command) => command === type)
}

function reject(what: string): never {
    throw new KibitzError('invalid-argument', `${what} Nothing was done; correct the command.`)
}

/** The fields of a command, each read once. */
function fieldsOf(body: unknown): Readonly<Record<string, unknown>> {
    try {
        return typeof body === 'object' && body !== null ? { ...body } : {}
    } catch {
        return reject('The fields of the command cannot be read.')
    }
}

function islandOf(body: unknown): { readonly islandId?: Republic } {
    const { islandId } = fieldsOf(body)
    if (islandId === undefined || islandId === null) {
        return {}
    }
    return typeof islandId === 'string' || typeof islandId === 'number'
        ? { islandId }
        : reject('An islandId must be a text or a whole number.')
}

/**
 * Reads the body of a `bootstrap` command: `{ islandId? }`.
 *
 * @throws KibitzError `invalid-argument` if the body is malformed.
 */
export function readBootstrap(body: unknown): BootstrapRequest {
    return islandOf(body)
}

/**
 * Reads the body of an `exile` command: `{ id }`.
 *
 * @throws KibitzError `invalid-argument` if the body names no member.
 */
export function readExile(body: unknown): string {
    const { id } = fieldsOf(body)
    return typeof id === 'string' ? id : reject('exile needs { id } with the id of a member.')
}

/**
 * Reads the body of a `join` command: `{ through: [address, …], islandId? }`.
 *
 * @throws KibitzError `invalid-argument` if the body is malformed.
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
 * @throws KibitzError `invalid-argument` if the value is no list of at most 1,024 texts.
 */
export function addressesOf(through: unknown): readonly string[] {
    try {
        const items = itemsOf(through, ADDRESSES_MAX)
        if (items === null) {
            reject('join needs { through: [address, …] } with at most 1024 addresses.')
        }
        return items.map((address) =>
            typeof address === 'string' ? address : reject('An address must be a text.'))
    } catch (cause) {
        throw cause instanceof KibitzError ? cause : new KibitzError('invalid-argument',
            'The list of addresses cannot be read. Nothing was done; correct the list.', { cause })
    }
}

/**
 * The function that finds the members of an option `through`.
 *
 * @throws KibitzError `invalid-argument`.
 */
export function discoverOf(through: Discover | readonly string[]): Discover {
    return typeof through === 'function' ? through : addresses(...addressesOf(through))
}
