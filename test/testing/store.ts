import { text } from 'node:stream/consumers'
import type { Application, ApplicationEntry } from '../../src/index.js'
import type { WorkloadContext } from '../../src/testing/workload.js'

/** A value for a key. */
export interface Put {
    readonly key: string
    readonly value: number
}

/** A correct application: the store of the README, with the former value as the result. */
export class Store implements Application<Put, number | null> {
    values = new Map<string, number>()

    apply({ body: { key, value } }: ApplicationEntry<Put>): number | null {
        const before = this.values.get(key) ?? null
        this.values.set(key, value)
        return before
    }

    snapshot(): string {
        return JSON.stringify([...this.values])
    }

    async restore(chunks: AsyncIterable<Uint8Array>): Promise<void> {
        this.values = new Map(JSON.parse(await text(chunks)))
    }
}

/** Publishes one value through a random member. */
export async function put({ random, client, members }: WorkloadContext<Store>): Promise<void> {
    const key = `key${Math.floor(random() * 8)}`
    await client(Math.floor(random() * members)).publish({ key, value: random() })
}
