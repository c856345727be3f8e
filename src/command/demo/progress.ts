/** How wide the bar is, in characters. */
const WIDTH = 30

/** How often the bar is drawn at most, in milliseconds. */
const REDRAW_MS = 40

/** Where progress is written to, such as standard error. */
export interface Output {
    /** Whether it is a terminal. */
    readonly isTTY: boolean
    write(text: string): boolean
}

/**
 * Says how far a run has come: with a bar that redraws itself on a terminal, and by a line for
 * each tenth everywhere else.
 */
export class Progress {
    readonly #output: Output
    readonly #startedAt = performance.now()
    readonly #total: number
    readonly #amount: (done: number, total: number) => string
    #tenths = 0
    #bar = ''
    #drawnAt = Number.NEGATIVE_INFINITY

    /** @param amount Says in words how much is done. */
    constructor(
        output: Output, total: number,
        amount: (done: number, total: number) => string =
            (done, all) => `${done} of ${all} lines`
    ) {
        this.#output = output
        this.#total = total
        this.#amount = amount
    }

    /** Says what has happened, on a line of its own. */
    tell(what: string): void {
        const seconds = ((performance.now() - this.#startedAt) / 1000).toFixed(1)
        this.#erase()
        this.#output.write(`${seconds.padStart(6)} s  ${what}\n`)
        this.#draw()
    }

    /** Says how much is done. */
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
            this.tell(`${tenths * 10} %, ${amount}`)
        }
        this.#tenths = tenths
    }

    /** Leaves the terminal as it was. */
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
