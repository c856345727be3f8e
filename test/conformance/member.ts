/** The one government both sides are held to, in our words. */
export interface Government {
    readonly republic: string | number | null
    readonly promise: string
    readonly majority: readonly string[]
    readonly minority: readonly string[]
    readonly constituents: readonly string[]
    readonly naturalized: readonly string[]
    readonly properties: Readonly<Record<string, unknown>>
    readonly immigrated: {
        readonly id: Readonly<Record<string, string>>
        readonly promise: Readonly<Record<string, string>>
    }
}

/**
 * What a government's entry says has changed. Only the names of the members count: each side keeps
 * notes of its own beside them. `promote` is sorted, since the reference orders it for its splices.
 */
export interface Change {
    readonly immigrate: string | null
    readonly exile: string | null
    readonly naturalize: string | null
    readonly promote: readonly string[]
    readonly demote: string | null
    /** Old promise to new promise, or `null` where the government came of a collapse. */
    readonly map: Readonly<Record<string, string>> | null
}

/** One entry of a member's log, in the form in which both sides are compared. */
export type Logged = { readonly promise: string, readonly previous: string } & (
    { readonly kind: 'government', readonly government: Government, readonly change: Change } |
    { readonly kind: 'entry', readonly id: string, readonly cookie: string, readonly body: unknown }
)

/** One round of requests an engine wants sent; `responses` is filled in by whoever sends it. */
export interface Communique {
    readonly cookie: unknown
    readonly envelopes: readonly { readonly to: string, readonly request: unknown }[]
    readonly responses: Record<string, unknown>
}

/** What an Islander wants enqueued at the leader, in one piece. */
export interface Batch {
    readonly cookie: string
    readonly messages: readonly {
        readonly id: string
        readonly cookie: string
        readonly body: unknown
    }[]
}

/** The promises a leader gave, by cookie; `null` when it took nothing. */
export type Receipts = Readonly<Record<string, string>> | null

/** What fixes one republic for all its members, on both sides alike. */
export interface Terms {
    readonly republic: string
    readonly ping: number
    readonly timeout: number
    readonly parliamentSize: number
}

/**
 * One member: an engine and its Islander, wired as a Kibitzer wires them. It has no network and no
 * clock; the `Island` is both. Whatever enters the engine reaches the Islander before the call
 * returns.
 */
export interface Member {
    readonly id: string
    /** Tells this incarnation of the id from another, once it has joined. */
    readonly cookie: string | number | null
    bootstrap(now: number): void
    /** Makes this member a newcomer, which `admit` at a leader then names. */
    join(now: number): void
    /** Asks this member, as leader, to admit the newcomer, and tells whether it will. */
    admit(now: number, newcomer: Member, naturalized: boolean): boolean
    naturalize(): void
    publish(body: string): void
    /** Fires what is due on the calendar and tells whether anything was. */
    tick(now: number): boolean
    takeCommuniques(): Communique[]
    takeBatches(): Batch[]
    request(now: number, request: unknown): unknown
    response(now: number, cookie: unknown, responses: Record<string, unknown>): void
    /** Asks this member, as leader, to take a batch. */
    enqueue(now: number, batch: Batch): Receipts
    sent(now: number, cookie: string, receipts: Receipts): void
    /** No member accepted the last batch, and the delay before another try has passed. */
    retry(now: number): void
    /** `null` before admission. */
    leader(): string | null
    log(): readonly Logged[]
    health(): { readonly waiting: number, readonly pending: number }
}

export type Settle = (id: string, terms: Terms, now: number) => Member

/** Where a member can be reached; it says the same on both sides, so that it can be compared. */
export function propertiesOf(id: string): { location: string } {
    return { location: `at ${id}` }
}
