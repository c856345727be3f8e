import { KibitzError } from './error.js'
import type { Settlement } from './islander.js'
import type { Monotonic } from './monotonic.js'

/** Where a publish has gone. */
export interface Publication {
    /** The number of its entry in the log. */
    readonly promise: Monotonic
}

interface Waiting {
    readonly resolve: (publication: Publication) => void
    readonly reject: (error: KibitzError) => void
}

/** The promises of what was published and has not appeared in the log yet. */
export class Publications {
    readonly #waiting = new Map<number, Waiting>()

    /** How many wait. */
    get size(): number {
        return this.#waiting.size
    }

    /**
     * A promise for a ticket. Who ignores its rejection is not punished for it.
     *
     * @param signal Ends the waiting, not the publish: the entry may appear all the same.
     */
    wait(ticket: number, signal: AbortSignal | undefined): Promise<Publication> {
        const publication = new Promise<Publication>((resolve, reject) => {
            const onAbort = (): void => {
                this.#waiting.delete(ticket)
                reject(
                    new KibitzError(
                        'aborted',
                        'The wait for a publish was aborted. The entry may still appear in the ' +
                            'log; look there before publishing it again.',
                        { cause: signal?.reason }
                    )
                )
            }
            const done = (): void => signal?.removeEventListener('abort', onAbort)
            this.#waiting.set(ticket, {
                resolve: (value) => {
                    done()
                    resolve(value)
                },
                reject: (error) => {
                    done()
                    reject(error)
                }
            })
            if (signal?.aborted === true) {
                onAbort()
            } else {
                signal?.addEventListener('abort', onAbort, { once: true })
            }
        })
        publication.catch(() => {})
        return publication
    }

    /** Keeps the promises of what has appeared. */
    settle(settlements: readonly Settlement[]): void {
        for (const { ticket, promise } of settlements) {
            this.#waiting.get(ticket)?.resolve(Object.freeze({ promise }))
            this.#waiting.delete(ticket)
        }
    }

    /** Breaks the promises of all that wait. */
    reject(error: KibitzError): void {
        const waiting = [...this.#waiting.values()]
        this.#waiting.clear()
        for (const { reject } of waiting) {
            reject(error)
        }
    }
}
