/** The width of the bar, in characters. */
const WIDTH = 30

/** The shortest time between two drawings of the bar, in milliseconds. */
const REDRAW_MS = 40

/** The stream for the progress, for example standard error. */
export interface Output {
    /** Whether the stream is a terminal. */
    readonly isTTY: boolean
    write(text: string): boolean
}

/**
 * Shows the progress of a run: as a bar on a terminal, and as a line for each tenth on any other
 * stream.
 */
export class Progress {
    readonly #output: Output
    readonly #startedAt = performance.now()
    readonly #total: number
    readonly #amount: (done: number, total: number) => string
    #tenths = 0
    #bar = ''
    #drawnAt = Number.NEGATIVE_INFINITY

    /** @param amount The progress in words. @default for example `2 of 20 lines` */
    constructor(
        output: Output, total: number,
        amount: (done: number, total: number) => string =
            (done, all) => `${done} of ${all} lines`
    ) {
        this.#output = output
        this.#total = total
        this.#amount = amount
    }

    /** Prints a line with the time since the start, above the bar. */
    print(event: string): void {
        const seconds = ((performance.now() - this.#startedAt) / 1000).toFixed(1)
        this.#erase()
        this.#output.write(`${seconds.padStart(6)} s  ${event}\n`)
        this.#draw()
    }

    /** Shows the progress: `done` of the total. */
    show(done: number): void {
        const share = done / this.#total
        const tenths = Math.floor(share * 10)
        const amount = this.#amount(done, this.#total)
        if (this.#output.isTTY) {
            const now = performance.now()
            const filled = '#'.repeat(Math.floor(share * WIDTH)).padEnd(WIDTH, '.')
            this.#bar = `[${filled}] ${String(Math.floor(share * 100)).padStart(3)} %  ${amount}`
            if (now - this.#drawnAt > REDRAW_MS || done === this.#total) {
                this.#drawnAt = now
                this.#erase()
                this.#draw()
            }
        } else if (tenths > this.#tenths) {
            this.print(`${tenths * 10} %, ${amount}`)
        }
        this.#tenths = tenths
    }

    /** Erases the bar. */
    end(): void {
        this.#erase()
        this.#bar = ''
    }

    #erase(): void {
        if (this.#bar !== '') {
            this.#output.write('\r\u001b[2K')
        }
    }

    #draw(): void {
        this.#output.write(this.#bar)
    }
}
