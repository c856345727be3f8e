/** SIGINT or SIGTERM: the first signal asks for an end, the second signal does not wait. */
export class Interrupt implements Disposable {
    #count = 0
    readonly #onSignal: () => void

    constructor(first: () => void = () => {}, again: () => void = () => {}) {
        this.#onSignal = () => {
            this.#count++
            const heed = this.#count === 1 ? first : again
            heed()
        }
        process.on('SIGINT', this.#onSignal)
        process.on('SIGTERM', this.#onSignal)
    }

    /** Whether it was asked for. */
    get isAsked(): boolean {
        return this.#count !== 0
    }

    /** Lets signals have their turn. */
    breathe(): Promise<void> {
        return new Promise((resolve) => {
            setImmediate(resolve)
        })
    }

    [Symbol.dispose](): void {
        process.off('SIGINT', this.#onSignal)
        process.off('SIGTERM', this.#onSignal)
    }
}
