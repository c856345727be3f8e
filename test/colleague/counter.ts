import { text } from 'node:stream/consumers'
import type { Application, ApplicationEntry, Government } from '../../src/index.js'

/** A state machine with the promises of all applied entries, and the sum of their values. */
export class Counter implements Application<unknown, number> {
    total = 0
    /** The promises of all applied entries and governments, in order. */
    applied: string[] = []
    /** Number of calls of `restore`. */
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
        throw new Error(`unknown question ${name}`)
    }
}
