/** How long what is left will take, judged by what took how long so far. */
export class Forecast {
    #left: number
    #done = 0
    #current = 0
    readonly #began: number
    readonly #now: () => number

    /**
     * @param seconds How long all of it should take on a machine that does nothing else.
     * @param now Milliseconds since whenever. @default those of this process
     */
    constructor(seconds: number, now: () => number = () => performance.now()) {
        this.#left = seconds
        this.#now = now
        this.#began = now()
    }

    /** Begins a step that should take so long, and says how long it and all behind it will take. */
    step(seconds: number): string {
        this.#done += this.#current
        this.#left -= this.#current
        this.#current = seconds
        const elapsed = (this.#now() - this.#began) / 1000
        // The first steps say little: whoever measures waits for processes to begin as well.
        const pace = this.#done < 5 ? 1 : elapsed / this.#done
        const left = Math.max(this.#left, 0) * pace
        return left < 90
            ? `about ${Math.ceil(left)} s left`
            : `about ${Math.ceil(left / 60)} min left`
    }
}
