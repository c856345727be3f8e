// What the conformance suite uses of the reference's packages, which ship no types. Its words are
// its own here (`arrive`, `acclimate`, `depart`); `reference.ts` maps them to ours.

declare module 'reference-paxos' {
    import type Procession from 'procession'

    export interface Government {
        republic: string
        promise: string
        majority: string[]
        minority: string[]
        acclimated: string[]
        constituents: string[]
        properties: Record<string, unknown>
        arrived: { id: Record<string, string>, promise: Record<string, string> }
    }
    export interface GovernmentBody {
        majority: string[]
        minority: string[]
        map: Record<string, string> | null
        arrive?: { id: string, properties: unknown, cookie: unknown }
        departed?: { id: string, promise: string }
        acclimate?: string | null
        promote?: { id: string, index: number }[]
        demote?: string
    }
    export interface UserBody {
        id: string
        cookie: string
        body: unknown
    }
    interface Placed {
        promise: string
        previous: string
    }
    export type Entry = Placed & (
        { method: 'government', government: Government, body: GovernmentBody } |
        { method: 'entry', government: null, body: UserBody }
    )
    export interface TimerEvent {
        module: string
        method: string
        key: string
    }
    export interface Communique {
        cookie: unknown
        envelopes: { to: string, request: unknown }[]
        responses: Record<string, unknown>
    }
    export default class Paxos {
        constructor(now: number, id: string, options: {
            ping: number
            timeout: number
            parliamentSize: number
        })
        readonly cookie: string | number | null
        readonly government: Government
        readonly log: Procession<Entry>
        readonly outbox: Procession<Communique>
        readonly scheduler: { events: Procession<TimerEvent>, check(now: number): number }
        bootstrap(republic: string, now: number, properties: unknown): void
        join(republic: string, cookie: unknown): void
        arrive(
            now: number, republic: string, id: string, cookie: unknown, properties: unknown,
            acclimated: boolean
        ): { enqueued: boolean }
        acclimate(): void
        enqueue(now: number, republic: string, message: unknown): {
            enqueued: boolean
            promise?: string
        }
        event(envelope: TimerEvent): void
        request(now: number, request: unknown): unknown
        response(now: number, cookie: unknown, responses: Record<string, unknown>): void
    }
}

declare module 'reference-islander' {
    import type Procession from 'procession'

    export interface Batch {
        cookie: string
        messages: { id: string, cookie: string, body: unknown }[]
    }
    export default class Islander {
        constructor(id: string)
        readonly outbox: Procession<Batch>
        publish(body: unknown): void
        sent(cookie: string, receipts: Record<string, string> | null): void
        push(entry: unknown): void
        health(): { waiting: number, pending: number }
    }
}
