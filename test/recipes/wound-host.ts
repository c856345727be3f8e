import type { PartHost } from '../../src/recipes/part.js'

/** A host whose clock the test winds. */
export class WoundHost {
    time = 0
    #timers: { readonly at: number, readonly call: () => void }[] = []
    readonly host: PartHost = {
        closed: new AbortController().signal,
        now: () => this.time,
        after: (ms: number, call: () => void) => {
            const timer = { at: this.time + ms, call }
            this.#timers.push(timer)
            return () => { this.#timers = this.#timers.filter((each) => each !== timer) }
        }
    } as unknown as PartHost

    /** Lets time pass without a timer: the process is busy. */
    stall(ms: number): void {
        this.time += ms
    }

    /** Runs the timers of some time, in order, each in a turn of its own. */
    async pass(ms: number): Promise<void> {
        const end = this.time + ms
        for (;;) {
            await new Promise(setImmediate)
            const next = this.#timers.toSorted((left, right) => left.at - right.at)[0]
            if (next === undefined || next.at > end) {
                break
            }
            this.#timers = this.#timers.filter((each) => each !== next)
            this.time = Math.max(this.time, next.at)
            next.call()
        }
        this.time = end
    }
}
