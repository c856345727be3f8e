import { freeze } from '../../base/freeze.js'
import type { Monotonic } from '../../base/monotonic.js'
import { own } from '../../base/own-property.js'
import { isAtMost } from '../log/entry.js'
import type {
    Census,
    CensusRecord,
    Entry, Government, GovernmentBody,
    Incarnation,
    LogEntry,
    Properties,
    Republic,
    Request,
    Synchronize,
    Unreachable,
    UserBody,
    Welcome
} from '../messages/messages.js'
import type { Relocation } from '../messages/moves.js'
import { nullGovernment, succeed } from './government.js'
import { FIRST_VERSION } from './versions.js'

/** The state of a `Citizenship`. */
export interface CitizenshipState {
    readonly id: string
    readonly cookie: string | number | null
    readonly republic: Republic | null
    readonly founding: string
    readonly immigrated: Monotonic
    readonly exiled: boolean
    readonly government: Government
    readonly census: readonly (readonly [Monotonic, Census[Monotonic]])[]
}

/** The answer to a request that the member does not read. */
export const UNREACHABLE: Unreachable = Object.freeze({ method: 'unreachable', exiled: false })
const EXILED: Unreachable = Object.freeze({ method: 'unreachable', exiled: true })

/** Makes the application's form of a user entry. */
export function handOutEntry({ promise, previous, body }: Entry): LogEntry {
    return Object.freeze({
        module: 'paxos',
        method: 'entry',
        promise,
        previous,
        body: body as UserBody
    })
}

/**
 * Makes the application's form of a government entry: the change, and the whole government after
 * the change.
 */
export function handOutGovernment(
    { promise, previous }: Entry,
    body: GovernmentBody,
    government: Government
): LogEntry {
    return Object.freeze({
        module: 'paxos',
        method: 'government',
        promise,
        previous,
        body,
        government
    })
}

/**
 * A stored census record. Each entry of the citizen changes the record in place; callers get
 * copies.
 */
interface StoredRecord extends Omit<CensusRecord, 'published' | 'moved'> {
    published: string
    moved?: number
}

/**
 * The member's identity, and the committed log's facts about every member: the government and the
 * census (session table). In a running engine, only `found`, `welcome` and `enact` change these
 * facts.
 */
export class Citizenship {
    readonly id: string
    /** Differs between two processes with the same id. `null` before `join`. */
    cookie: string | number | null = null
    republic: Republic | null
    /** Chosen when the republic was founded; empty before admission. */
    founding = ''
    /** `0/0` before admission. */
    immigrated: Monotonic = '0/0'
    /** The log has exiled the member, and the member takes no further part. */
    exiled = false
    government: Government
    readonly #census = new Map<Monotonic, StoredRecord>()

    constructor(id: string, republic: Republic | null) {
        this.id = id
        this.republic = republic
        this.government = nullGovernment(republic)
    }

    /** Whether the member has been admitted. */
    get isCitizen(): boolean {
        return this.immigrated !== '0/0'
    }

    /** The member's name on messages. */
    get incarnation(): Incarnation {
        return { id: this.id, immigrated: this.immigrated }
    }

    /** The incarnation with an id in the current government; `null` if no citizen has the id. */
    incarnationOf(id: string): Incarnation | null {
        const immigrated = own(this.government.immigrated.promise, id)
        return immigrated === undefined ? null : { id, immigrated }
    }

    /** Whether an incarnation is a citizen of the government in force. */
    isKnown(immigrated: Monotonic): boolean {
        return Object.hasOwn(this.government.immigrated.id, immigrated)
    }

    /**
     * Founds the republic. The result is the first entry of the log: a government of the founder
     * alone.
     *
     * @param version The version of the republic.
     */
    found(founding: string, properties: Properties, version: number): Entry {
        this.founding = founding
        this.cookie = 0
        this.government = nullGovernment(this.republic)
        const body: GovernmentBody = {
            promise: '1/0',
            majority: [this.id],
            minority: [],
            immigrate: { id: this.id, properties, cookie: 0 },
            naturalize: this.id,
            exile: null,
            promote: null,
            ...(version === FIRST_VERSION ? { demote: null, map: {} } : { map: {}, version })
        }
        return Object.freeze({ promise: '1/0', previous: '0/0', body: Object.freeze(body) })
    }

    /** Takes the start state that came with the member's admission. */
    welcome({ founding, government, census }: Welcome): void {
        this.founding = founding
        this.government = government
        this.#census.clear()
        for (const [immigrated, record] of Object.entries(census)) {
            this.#census.set(immigrated, { ...record })
        }
    }

    /** The state, for `restore`. */
    state(): CitizenshipState {
        const { id, cookie, republic, founding, immigrated, exiled, government } = this
        const census = [...this.#census].map(
            ([promise, record]): [Monotonic, CensusRecord] => [promise, { ...record }]
        )
        return { id, cookie, republic, founding, immigrated, exiled, government, census }
    }

    /** Makes a `Citizenship` from a state. */
    static restore(state: CitizenshipState): Citizenship {
        const citizenship = new Citizenship(state.id, state.republic)
        const { cookie, founding, immigrated, exiled, government, census } = state
        Object.assign(citizenship, { cookie, founding, immigrated, exiled })
        citizenship.government = freeze(government)
        for (const [promise, record] of census) {
            citizenship.#census.set(promise, { ...record })
        }
        return citizenship
    }

    /** The census record of an incarnation; `null` if the incarnation is no citizen. */
    recordOf(immigrated: Monotonic): CensusRecord | null {
        return this.#census.get(immigrated) ?? null
    }

    /** The present state: the start state of a newcomer, if the next entry admits the newcomer. */
    snapshot(): Welcome {
        const { founding, government } = this
        const records = [...this.#census].map(([immigrated, record]) => {
            return [immigrated, Object.freeze({ ...record })]
        })
        const census: Census = Object.freeze(Object.fromEntries(records))
        return Object.freeze({ founding, government, census })
    }

    /** Applies a committed entry. Returns the application's form of the entry. */
    enact(entry: Entry): LogEntry {
        const { promise, body } = entry
        if (!('majority' in body)) {
            this.#countPublish(body)
            return handOutEntry(entry)
        }
        this.government = succeed(this.government, body)
        if (body.exile !== null) {
            this.#census.delete(body.exile.promise)
            this.exiled ||= body.exile.promise === this.immigrated
        }
        if (body.immigrate !== null) {
            this.#census.set(promise, { cookie: body.immigrate.cookie, published: '0' })
            if (body.immigrate.id === this.id && !this.isCitizen) {
                this.immigrated = promise
            }
        }
        if (body.move !== undefined) {
            this.#countMove(body.move)
        }
        return handOutGovernment(entry, body, this.government)
    }

    #countMove({ immigrated, number }: Relocation): void {
        const record = this.#census.get(immigrated)
        if (record !== undefined) {
            record.moved = number
        }
    }

    #countPublish({ immigrated, cookie }: UserBody): void {
        const record = this.#census.get(immigrated)
        if (record !== undefined) {
            record.published = cookie
        }
    }

    /**
     * The reason why a request is refused unread; `null` if the request is for the member. A
     * process that is not the addressed incarnation never takes part in the incarnation's name.
     * (Michael et al., DISC 2017.)
     */
    reject(request: Request): Unreachable | null {
        const { republic, founding, from, to } = request
        if (this.exiled || republic !== this.republic) {
            return UNREACHABLE
        }
        const isNamed = to.id === this.id
        if (!this.isCitizen) {
            return isNamed && this.#mayAdmit(request) ? null : UNREACHABLE
        }
        if (founding !== this.founding) {
            return UNREACHABLE
        }
        if (this.hasExiled(from)) {
            // Any member may tell an exiled sender of the exile, even if the request has a
            // different address.
            return EXILED
        }
        // A sender needs an incarnation, and may use only its own ballots.
        const owns = !('ballot' in request) || request.ballot.endsWith(`/${from.immigrated}`)
        const isOurs = isNamed && to.immigrated === this.immigrated
        return isOurs && owns && from.immigrated !== '0/0' ? null : UNREACHABLE
    }

    /** Whether an incarnation was admitted and then exiled, as far as the member knows the log. */
    hasExiled({ immigrated }: Incarnation): boolean {
        return (
            immigrated !== '0/0' &&
            !this.isKnown(immigrated) &&
            isAtMost(immigrated, this.government.promise)
        )
    }

    #mayAdmit(request: Request): request is Synchronize {
        if (request.method !== 'synchronize' || this.cookie === null) {
            return false
        }
        const { welcome, entries, previous, to } = request
        const first = entries[0]
        if (welcome === null || first === undefined) {
            return welcome === null && first === undefined
        }
        const immigrate = 'majority' in first.body ? first.body.immigrate : null
        return (
            first.promise === to.immigrated &&
            first.previous === previous &&
            immigrate !== null &&
            immigrate.id === this.id &&
            immigrate.cookie === this.cookie
        )
    }
}
