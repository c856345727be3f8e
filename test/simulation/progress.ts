/** How wide the bar is, in characters. */
const WIDTH = 24

/** How often the bar is drawn at most, in milliseconds. */
const REDRAW_MS = 100

/** How often a line is said where there is no terminal, in milliseconds. */
const LINE_MS = 10_000

/** How wide a terminal is that does not say so. */
const COLUMNS = 80

/** Where progress is written to, such as standard error. */
export interface Output {
    /** Whether it is a terminal. */
    readonly isTTY: boolean
    readonly columns?: number | undefined
    write(text: string): boolean
}

/**
 * Shows how far a long run is: by a bar that redraws itself on a terminal, and everywhere else by
 * a line every ten seconds.
 */
export class Progress {
    readonly #output: Output
    readonly #now: () => number
    #shownAt: number
    #bar = ''

    constructor(output: Output, now: () => number = () => performance.now()) {
        this.#output = output
        this.#now = now
        this.#shownAt = output.isTTY ? Number.NEGATIVE_INFINITY : now()
    }

    /** Shows how much is done, from nothing to one, if it is time to; words are made then. */
    show(share: number, words: () => string): void {
        const { isTTY, columns } = this.#output
        if (this.#now() - this.#shownAt < (isTTY ? REDRAW_MS : LINE_MS)) {
            return
        }
        this.#shownAt = this.#now()
        const percent = `${Math.floor(share * 100)} %`
        if (isTTY) {
            this.clear()
            const filled = '#'.repeat(Math.floor(share * WIDTH)).padEnd(WIDTH, '.')
            // A bar that is wrapped could not be erased.
            const bar = `[${filled}] ${percent.padStart(5)}  ${words()}`
            this.#bar = bar.slice(0, (columns || COLUMNS) - 1)
            this.#output.write(this.#bar)
        } else {
            this.#output.write(`${percent}, ${words()}\n`)
        }
    }

    /** Leaves the terminal as it was, until there is more to show. */
    clear(): void {
        if (this.#bar !== '') {
            this.#output.write('\r\u001b[2K')
            this.#bar = ''
        }
    }
}
