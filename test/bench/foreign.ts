// What the benchmark uses of the clients of others. Their own declarations are not looked at: who
// has not installed them can build all the same, and theirs need not be as strict as ours.

interface Putting {
    value(value: string): Putting
    exec(): Promise<unknown>
}

/** A client of etcd. */
export interface Etcd {
    readonly maintenance: {
        status(): Promise<{
            readonly leader: string
            readonly header: { readonly member_id: string }
        }>
    }
    put(key: string): Putting
    /** A linearizable range of one key. */
    get(key: string): { string(): Promise<string | null> }
    close(): void
}

interface Etcd3 {
    readonly Etcd3: new (options: { readonly hosts: readonly string[] }) => Etcd
}

/** How a stream is made. */
interface StreamConfig {
    readonly name: string
    readonly subjects: readonly string[]
    readonly num_replicas: number
    readonly storage: 'file' | 'memory'
    readonly max_bytes: number
}

/** A client of NATS. */
export interface NatsConnection {
    jetstream(): { publish(subject: string, payload: Uint8Array): Promise<unknown> }
    jetstreamManager(): Promise<{
        readonly streams: {
            add(config: StreamConfig): Promise<unknown>
            info(name: string): Promise<{ readonly cluster?: { readonly leader?: string } }>
        }
    }>
    close(): Promise<void>
}

interface Nats {
    connect(options: { readonly servers: readonly string[] }): Promise<NatsConnection>
}

interface Lmdb {
    open(options: {
        readonly path: string
        readonly encoding: 'binary'
        readonly mapSize: number
    }): {
        put(key: number, value: Uint8Array): unknown
        batch(act: () => void): Promise<unknown>
        readonly flushed: Promise<unknown>
        close(): Promise<void>
    }
}

interface Put {
    readonly type: 'put'
    readonly key: string
    readonly value: Uint8Array
}

interface Level {
    readonly ClassicLevel: new (folder: string, options: { readonly valueEncoding: 'buffer' }) => {
        batch(puts: readonly Put[], options: { readonly sync: boolean }): Promise<void>
        close(): Promise<void>
    }
}

interface Sqlite {
    readonly default: new (file: string) => {
        pragma(source: string): unknown
        exec(source: string): unknown
        prepare(source: string): { run(value: Uint8Array): unknown }
        transaction(act: (count: number) => void): (count: number) => unknown
        close(): unknown
    }
}

/** A connection to a Redis server. */
export interface RedisClient {
    quit(): Promise<unknown>
}

interface IoRedis {
    readonly Redis: new (options: { readonly port: number, readonly host: string }) => RedisClient
}

/** Locks on Redis servers. */
export interface RedlockClient {
    on(event: 'error', listener: () => void): unknown
    using(
        names: readonly string[], ttl: number, settings: { readonly retryCount: number },
        routine: (signal: AbortSignal) => Promise<void>
    ): Promise<void>
}

interface Redlock {
    readonly default: new (clients: readonly RedisClient[]) => RedlockClient
}

/** The packages, by their names. */
interface Packages {
    readonly etcd3: Etcd3
    readonly nats: Nats
    readonly ioredis: IoRedis
    readonly redlock: Redlock
    readonly lmdb: Lmdb
    readonly 'classic-level': Level
    readonly 'better-sqlite3': Sqlite
}

/** Loads one of them. Rejects where it is not installed. */
export async function foreign<Name extends keyof Packages>(name: Name): Promise<Packages[Name]> {
    const specifier: string = name
    return await import(specifier) as Packages[Name]
}
