import { text } from 'node:stream/consumers'
import type { Application, ApplicationEntry, Government } from '../../src/index.js'

/** A state machine whose state is everything that it was given, and what that adds up to. */
export class Counter implements Application<number> {
    total = 0
    /** The promises of all entries and governments that are in the state, in order. */
    applied: string[] = []
    /** How many times it has begun to take over a state. */
    restorations = 0

    apply({ promise, body }: ApplicationEntry): number {
        this.applied.push(promise)
        this.total += (body as { readonly add: number }).add
        return this.total
    }

    governed({ promise }: Government): void {
        this.applied.push(promise)
    }

    *snapshot(): Generator<string> {
        yield `{"total":${this.total},"applied":[`
        for (const [index, promise] of this.applied.entries()) {
            yield `${index === 0 ? '' : ','}"${promise}"`
        }
        yield ']}'
    }

    async restore(chunks: AsyncIterable<Uint8Array>): Promise<void> {
        this.restorations++
        const { total, applied } = JSON.parse(await text(chunks)) as Counter
        this.total = total
        this.applied = applied
    }

    outOfBand(name: string, post: unknown): unknown {
        if (name === 'total') {
            return { total: this.total, post }
        }
        throw new Error(`nobody asks for ${name}`)
    }
}
