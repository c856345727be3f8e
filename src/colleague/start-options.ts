import { itemsOf } from '../base/bounded-list.js'
import { rejectArgument } from '../base/errors.js'
import {
    callable, count, fitting, flag, type OptionTable, pickOptions, readOptions
} from '../base/option-table.js'
import { WAIT_OPTIONS, type WaitLimits, type WaitOptions } from '../base/abort-signal.js'
import { isId } from '../member/options.js'
import { type Discover, rejectListOverTls } from './discovery.js'
import { LISTEN_COLLEAGUE_OPTIONS, type ListenColleagueOptions, overNetwork } from './listening.js'
import { type BootstrapRequest, discoverOf, JOIN_REQUEST } from './operator-commands.js'
import type { FoundingTerms } from './start-messages.js'
import type { Attach, Attachment } from './transport.js'

/**
 * How a member starts, with the same call at every start: the options of `listen`, and the way to
 * the republic.
 */
export interface StartOptions extends ListenColleagueOptions, BootstrapRequest, WaitOptions {
    /**
     * Where the other members may be: addresses, `dns(name, port)`, or a function that returns
     * properties. The member may be among them. @default the `through` of `attach`, else no
     * address: needs `founders` with this member alone, or a journal
     */
    readonly through?: Discover | readonly string[]
    /**
     * The ids of the members that found the republic together, the same list in the same order at
     * every member. The first founder founds, once, after every founder has answered without a
     * republic. @default none: the member only joins
     */
    readonly founders?: readonly string[]
    /**
     * The number of members that found the republic together, if their ids are not known in
     * advance. The member with the smallest id founds. Prefer `founders`: with `expect` the
     * addresses of `through` must name every member, and a pause of a process of more than
     * `outOfBandTimeout` during the founding may found a second republic. @default none
     */
    readonly expect?: number
    /**
     * Whether a member that the republic has exiled in its absence moves its journal aside and
     * joins again as a newcomer. @default true
     */
    readonly rejoin?: boolean
    /**
     * Takes another transport than HTTP; the options of `listen` have no effect then.
     * @default HTTP, by the options of `listen`
     */
    readonly attach?: Attach
}

const FOUNDERS_MAX = 64

function isFounders(value: unknown): boolean {
    const items = itemsOf(value, FOUNDERS_MAX)
    return items !== null && items.length > 0 && items.every(isId)
        && new Set(items).size === items.length
}

/** What each option of a start may be. */
export const START_OPTIONS: OptionTable<StartOptions> = {
    ...LISTEN_COLLEAGUE_OPTIONS,
    ...WAIT_OPTIONS,
    islandId: JOIN_REQUEST.islandId,
    through: JOIN_REQUEST.through,
    founders: fitting('a list of the ids of 1 to 64 members, each once', isFounders),
    expect: count(FOUNDERS_MAX),
    rejoin: flag,
    attach: callable
}

/** The options of a start, checked, with the defaults in place. */
export interface StartRequest {
    readonly attach: Attach
    readonly terms: FoundingTerms
    readonly discover: Discover
    /** Whether a member without a membership in its journal can find a republic. */
    readonly hasContacts: boolean
    readonly islandId: BootstrapRequest['islandId']
    readonly rejoin: boolean
    readonly limits: WaitLimits
}

/**
 * Refuses a start that no address leads to a republic.
 *
 * @throws KibitzError `invalid-argument`.
 */
export function rejectContacts(id: string): never {
    rejectArgument(
        'start needs through, with at least one address, if the journal holds no membership: the ' +
            "addresses of the members, for example ['one.example:7000'], or dns('orders', 7000). " +
            `A service of one member passes founders: ['${id}'].`
    )
}

/**
 * Reads the options of a start.
 *
 * @param id The id of the member.
 * @param hasJournal A member with a journal may need no address.
 * @param attached The transport of the member; `null` if the start connects the member.
 * @throws KibitzError `invalid-argument`.
 */
export function readStart(
    options: StartOptions | null | undefined,
    id: string,
    hasJournal: boolean,
    attached: Pick<Attachment, 'callsTls'> | null
): StartRequest {
    const read = readOptions('start', options, START_OPTIONS)
    const { founders, expect, rejoin = true, islandId, signal, timeout } = read
    const through = read.through ?? read.attach?.through
    if (founders !== undefined && expect !== undefined) {
        rejectArgument('The options founders and expect exclude each other; prefer founders.')
    }
    const isAlone = (founders?.length === 1 && founders[0] === id) || expect === 1
    const hasContacts = isAlone || typeof through === 'function' || (through?.length ?? 0) > 0
    if (!hasContacts && !hasJournal) {
        rejectContacts(id)
    }
    const callsTls = attached === null
        ? read.tls !== undefined || read.attach !== undefined
        : attached.callsTls
    if (callsTls === false) {
        rejectListOverTls(through)
    }
    const listening = pickOptions(read, LISTEN_COLLEAGUE_OPTIONS)
    return Object.freeze({
        attach: read.attach ?? overNetwork(listening),
        terms: Object.freeze({
            founders: founders === undefined ? null : Object.freeze([...founders]),
            expect: expect ?? null
        }),
        discover: discoverOf(through ?? []),
        hasContacts,
        islandId,
        rejoin,
        limits: Object.freeze({ signal: signal ?? undefined, timeout })
    })
}
