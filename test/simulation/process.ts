/** What a process published and a power failure has taken from its disk: it may be in the log. */
export interface Lost {
    /** The identity of the first of these. */
    readonly first: string
    readonly values: readonly unknown[]
}

/** Something that runs on a host: it goes on, stands still for a while, or has ended. */
export class Process {
    readonly number: number
    readonly id: string
    /** Where the process runs. A member may move. */
    host: number
    isAlive = true
    /** It was closed in order; whoever still calls it, or its timers, find nobody. */
    isClosed = false
    /** How many more calls leave before it crashes. */
    sendsLeft: number | null = null
    /** What happens then in place of the crash: its host, or each host, loses its power. */
    cutting: (() => void) | null = null
    /** What was published, by ticket less one. */
    published: unknown[] = []
    /** What earlier processes published, and what has no ticket any more. */
    lost: Lost[] = []
    /** What it founds; `null` where it joins. */
    founding: string | null = null
    /** When it made the call that leaves, by its own time. */
    calledAt = 0
    /** It has lost its power, and comes back. */
    isReturning = false
    /** How late, or early, its timers may be, and at which intervals alone they fire. */
    lateMs = 0
    earlyMs = 0
    grainMs = 0
    /** What it waits for until it goes on. */
    #paused: (() => void)[] | null = null

    constructor(number: number, id: string, host: number) {
        this.number = number
        this.id = id
        this.host = host
    }

    /** Lets something happen in this process: at once, after its pause, or, once dead, never. */
    resume(run: () => void): void {
        if (!this.isAlive) {
            return
        }
        if (this.#paused === null) {
            run()
        } else {
            this.#paused.push(run)
        }
    }

    /** Whether what happens to it happens at once. */
    get isReady(): boolean {
        return this.isAlive && this.#paused === null
    }

    get isPaused(): boolean {
        return this.#paused !== null
    }

    /** Nothing happens in this process until it wakes. */
    pause(): void {
        this.#paused ??= []
    }

    /** All that waited happens, in order. */
    wake(): void {
        const waiting = this.#paused ?? []
        this.#paused = null
        for (const run of waiting) {
            this.resume(run)
        }
    }

    /** Ends without a word. */
    crash(): void {
        this.isAlive = false
    }
}
