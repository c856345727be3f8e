import { type Application, type ApplicationEntry, Colleague, type Json, Kibitzer } from 'kibitz'

/** A type without an index signature. */
interface Put {
    readonly key: string
    readonly value?: Json
    readonly tags: readonly { readonly name: string }[]
}
type Order = Put | { readonly kind: 'clear', readonly before?: number | undefined } | 'reset'
interface Tree {
    readonly weight: number
    readonly children: readonly Tree[]
}

/** A class whose values are not plain data. */
class Person {
    name: string = ''
    greet(): string {
        return this.name
    }
}

class Store implements Application<Put, string> {
    apply({ body }: ApplicationEntry<Put>): string {
        return body.key
    }
    snapshot(): string {
        return ''
    }
    async restore(): Promise<void> {}
}

const put: Put = { key: 'a', tags: [{ name: 'b' }] }
const application = new Store()
/** The methods of a state machine, besides `apply`. */
const rest = { snapshot: () => '', restore: async () => {} }
const options = { islandName: 'typed', colleagueId: 'a', application }

/** The types of a service. This function compiles; no test calls it. */
export async function typed(): Promise<void> {
    const colleague = new Colleague(options)
    const { result }: { readonly result: string } = await colleague.publish(put)
    const [first] = await colleague.publishAll([put])
    const same: string | undefined = first?.result
    // @ts-expect-error: A key is a text.
    await colleague.publish({ key: 1, tags: [] })
    // @ts-expect-error: A put has tags.
    await colleague.publish({ key: result, value: same ?? null })

    for await (const entry of colleague.kibitzer.entries()) {
        if (entry.method === 'entry') {
            const key: string | undefined = entry.body.body?.key
            // @ts-expect-error: A flush has no body.
            await colleague.publish({ key, tags: entry.body.body.tags })
        }
    }
    new Colleague<Put, string>(options)
    // @ts-expect-error: The result of this application is a text.
    new Colleague<Put, number>(options)

    // Parts that take any Colleague and any Kibitzer take a typed one.
    const anyColleague: Colleague = colleague
    const anyKibitzer: Kibitzer = colleague.kibitzer
    await anyColleague.publish(await anyKibitzer.publish({ n: 1 }))
}

/** Promises and callbacks. This function compiles; no test calls it. */
export async function waiting(colleague: Colleague, kibitzer: Kibitzer): Promise<void> {
    const { isCurrent }: { readonly isCurrent: boolean } = await colleague.health()
    const none: null = await colleague.join({ through: [String(isCurrent)] })
    const founded: Promise<null> = colleague.bootstrap()
    const left: Promise<null> = colleague.leave()
    await Promise.all([founded, left, none])
    // With a callback, there is no promise to wait for.
    colleague.health((error, health) => {
        throw error ?? new Error(health?.colleagueId)
    })
    // @ts-expect-error: A call with a callback returns no promise.
    colleague.join({ through: [] }, () => {}).catch(() => {})
    // @ts-expect-error: A call with a callback returns no promise.
    kibitzer.listen(() => {}).catch(() => {})
    // @ts-expect-error: A call with a callback returns no promise.
    kibitzer.join('a', null, null, () => {}).catch(() => {})
    // @ts-expect-error: A call with a callback returns no promise.
    kibitzer.request({}, () => {}).catch(() => {})
    const accepted: boolean | undefined = await kibitzer.join('a', null, null)
    await kibitzer.request(accepted)
}

const taking = (_: ApplicationEntry<Date>): null => null

/** The types of a body. This function compiles; no test calls it. */
export function bodies(): readonly object[] {
    const id = { id: 'a' }
    return [
        new Kibitzer(id), new Kibitzer<Put>(id), new Kibitzer<Order>(id), new Kibitzer<Tree>(id),
        new Kibitzer<Json>(id), new Kibitzer<unknown>(id), new Kibitzer<readonly Put[]>(id),
        new Kibitzer<[string, number]>(id), new Kibitzer<Record<string, Put>>(id),
        new Kibitzer<{ readonly any: unknown }>(id), new Kibitzer<'a' | 1 | true | null>(id),
        // @ts-expect-error: A Date travels as a text.
        new Kibitzer<Date>(id),
        // @ts-expect-error: A Date travels as a text.
        new Kibitzer<{ readonly deep: readonly { readonly at?: Date }[] }>(id),
        // @ts-expect-error: One of two types is no JSON.
        new Kibitzer<Put | Date>(id),
        // @ts-expect-error: JSON has no maps.
        new Kibitzer<{ readonly seen: Map<string, number> }>(id),
        // @ts-expect-error: JSON has no sets.
        new Kibitzer<ReadonlySet<string>>(id),
        // @ts-expect-error: JSON has no bytes.
        new Kibitzer<Uint8Array>(id),
        // @ts-expect-error: JSON has no functions.
        new Kibitzer<() => void>(id),
        // @ts-expect-error: JSON has no functions.
        new Kibitzer<Person>(id),
        // @ts-expect-error: JSON has no undefined.
        new Kibitzer<undefined>(id),
        // @ts-expect-error: A list of JSON has no undefined.
        new Kibitzer<readonly (string | undefined)[]>(id),
        // @ts-expect-error: JSON has no big integers.
        new Kibitzer<{ readonly n: bigint }>(id),
        // @ts-expect-error: JSON has no symbols.
        new Kibitzer<symbol>(id),
        new Colleague<Json>({ ...options, application: { ...rest, apply: () => null } }),
        // @ts-expect-error: The application takes a Date.
        new Colleague({ ...options, application: { ...rest, apply: taking } })
    ]
}
