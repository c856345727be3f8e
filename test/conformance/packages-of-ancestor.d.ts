// What the fault tests use of the ancestor, which ships no types. Its words are its own here:
// `arrive` is our `immigrate`, `acclimate` our `naturalize`.

declare module 'reference-kibitz' {
    import type Procession from 'procession'
    import type { Invoke } from 'conduit/caller.js'
    import type { Government } from 'reference-paxos'

    export interface Call {
        readonly module: string
        readonly method: string
        readonly to: { readonly at: string }
        readonly body: unknown
    }
    type Callback = (error?: Error | null, result?: unknown) => void
    export default class Kibitzer {
        constructor(options: {
            readonly id: string
            readonly ping?: number
            readonly timeout?: number
            readonly parliamentSize?: number
        })
        readonly paxos: { readonly id: string, readonly government: Government }
        readonly read: Procession<Invoke<Call>>
        readonly write: Procession<unknown>
        readonly log: Procession<{ readonly body: { readonly body: unknown } }>
        readonly destroyed?: boolean
        listen(callback: Callback): void
        bootstrap(republic: string, properties: unknown): void
        join(republic: string, leader: unknown, properties: unknown, callback: Callback): void
        acclimate(): void
        publish(value: unknown): void
        request(envelope: unknown, callback: Callback): void
        destroy(): void
    }
}
