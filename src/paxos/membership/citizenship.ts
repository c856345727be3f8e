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
import { nullGovernment, succeed } from './government.js'


/** The written form of a citizenship. */
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

const STRANGER: Unreachable = Object.freeze({ method: 'unreachable', exiled: false })
const EXILE: Unreachable = Object.freeze({ method: 'unreachable', exiled: true })

/** A published entry in the form for the application. */
export function handOutEntry({ promise, previous, body }: Entry): LogEntry {
    return Object.freeze({
        module: 'paxos',
        method: 'entry',
        promise,
        previous,
        body: body as UserBody
    })
}

/** A government in the form for the application: the whole government after the entry. */
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

/** A session record in memory: each entry changes the record in place; `snapshot` copies it. */
interface Fold extends Omit<CensusRecord, 'published'> {
    published: string
}

/**
 * The identity of the member, the government in force, and the census (the session table), all as
 * of the committed log. After admission, only `enact` changes them.
 */
export class Citizenship {
    readonly id: string
    /** Differs from the cookie of an earlier process of the id. `null` before `join`. */
    cookie: string | number | null = null
    republic: Republic | null
    /** Drawn when the republic was founded; empty before admission. */
    founding = ''
    /** `0/0` before admission. */
    immigrated: Monotonic = '0/0'
    /** The log has exiled the member; it takes no further part. */
    exiled = false
    government: Government
    readonly #census = new Map<Monotonic, Fold>()

    constructor(id: string, republic: Republic | null) {
        this.id = id
        this.republic = republic
        this.government = nullGovernment(republic)
    }

    /** Whether the member has been admitted. */
    get isCitizen(): boolean {
        return this.immigrated !== '0/0'
    }

    /** The sender in the member's messages. */
    get incarnation(): Incarnation {
        return { id: this.id, immigrated: this.immigrated }
    }

    /** The citizen with an id, in the government in force. */
    incarnationOf(id: string): Incarnation | null {
        const immigrated = own(this.government.immigrated.promise, id)
        return immigrated === undefined ? null : { id, immigrated }
    }

    /** Whether an incarnation is a citizen of the government in force. */
    isKnown(immigrated: Monotonic): boolean {
        return Object.hasOwn(this.government.immigrated.id, immigrated)
    }

    /** Founds the republic with the member alone in its first government. */
    found(founding: string, properties: Properties): Entry {
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
            demote: null,
            map: {}
        }
        return Object.freeze({ promise: '1/0', previous: '0/0', body: Object.freeze(body) })
    }

    /** Takes over the state before the member's admission. */
    welcome({ founding, government, census }: Welcome): void {
        this.founding = founding
        this.government = government
        this.#census.clear()
        for (const [immigrated, record] of Object.entries(census)) {
            this.#census.set(immigrated, { ...record })
        }
    }

    /** The written form. */
    state(): CitizenshipState {
        const { id, cookie, republic, founding, immigrated, exiled, government } = this
        const census = [...this.#census].map(
            ([promise, record]): [Monotonic, CensusRecord] => [promise, { ...record }]
        )
        return { id, cookie, republic, founding, immigrated, exiled, government, census }
    }

    /** Restores a written form. */
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

    /** The session record of an incarnation. */
    recordOf(immigrated: Monotonic): CensusRecord | null {
        return this.#census.get(immigrated) ?? null
    }

    /** The welcome of a newcomer with the next entry as admission: the state now. */
    snapshot(): Welcome {
        const { founding, government } = this
        const records = [...this.#census].map(([immigrated, { cookie, published }]) => {
            return [immigrated, Object.freeze({ cookie, published })]
        })
        const census: Census = Object.freeze(Object.fromEntries(records))
        return Object.freeze({ founding, government, census })
    }

    /** Applies a committed entry. Returns the entry in the form for the application. */
    enact(entry: Entry): LogEntry {
        const { promise, body } = entry
        if (!('majority' in body)) {
            this.#count(body)
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
        return handOutGovernment(entry, body, this.government)
    }

    #count({ immigrated, cookie }: UserBody): void {
        const record = this.#census.get(immigrated)
        if (record !== undefined) {
            record.published = cookie
        }
    }

    /**
     * Why a request is not for the member; `null` if it is. A process that is not the addressed
     * incarnation counts nowhere. (Michael et al., DISC 2017.)
     */
    reject(request: Request): Unreachable | null {
        const { republic, founding, from, to } = request
        if (this.exiled || republic !== this.republic) {
            return STRANGER
        }
        const isNamed = to.id === this.id
        if (!this.isCitizen) {
            return isNamed && this.#mayAdmit(request) ? null : STRANGER
        }
        if (founding !== this.founding) {
            return STRANGER
        }
        if (this.hasExiled(from)) {
            // Any citizen tells an exiled member of the exile, whichever incarnation was addressed.
            return EXILE
        }
        // A sender without an incarnation asks no citizen, and a ballot belongs to one incarnation.
        const owns = !('ballot' in request) || request.ballot.endsWith(`/${from.immigrated}`)
        const isOurs = isNamed && to.immigrated === this.immigrated
        return isOurs && owns && from.immigrated !== '0/0' ? null : STRANGER
    }

    /** Whether the log, as far as the member knows, has admitted and exiled an incarnation. */
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
