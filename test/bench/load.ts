/** How a publisher is pressed. */
export interface Pace {
    /** How many callers there are; each makes its next call when its last one is settled. */
    readonly callers: number
    /** How long they go on, in milliseconds. @default until they have made their calls */
    readonly ms?: number
    /** How many calls they make at most. @default as many as they can */
    readonly calls?: number
    /** How many entries one call publishes. @default 1 */
    readonly burst?: number
}

/** What came of it. */
export interface Measured {
    readonly entries: number
    readonly seconds: number
    /** Entries a second. */
    readonly rate: number
    /** Microseconds of processor time for each entry, of all processes concerned, if known. */
    readonly cpu: number | null
    /** How long a call took, in milliseconds. */
    readonly p50: number
    readonly p99: number
}

/** A call that takes longer than this limit never receives an answer. */
const FORGOTTEN_MS = 60_000

/** The value below which lies a share of sorted numbers; 0 where there are none. */
export function percentile(sorted: readonly number[] | Float64Array, share: number): number {
    return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
}

/** The middle of some numbers, the mean of the two middle ones where they are even. */
export function median(numbers: readonly number[]): number {
    const sorted = [...numbers].sort((left, right) => left - right)
    const middle = sorted.length >> 1
    const upper = sorted[middle] ?? Number.NaN
    return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2
}

let filling = ''

/** A value whose JSON takes so many bytes, different for each number that fits. */
export function payload(number: number, size: number): string {
    // It is made for each entry: what it costs is measured along with the rest.
    const length = Math.max(1, size - 2)
    if (filling.length !== length) {
        filling = 'x'.repeat(length)
    }
    const digits = String(number)
    return digits.length < length ? digits + filling.slice(digits.length) : digits.slice(0, length)
}

/** Rejects when something that should have ended long ago has not. */
export function forgotten(ms: number): Promise<never> {
    const signal = AbortSignal.timeout(ms)
    return new Promise((_, reject) => {
        signal.addEventListener('abort', () => {
            reject(new Error(`A call was not settled within ${ms} ms.`))
        })
    })
}

/**
 * Lets callers call for as long as the pace says, and measures. Each caller waits for its own call
 * alone, so the load is what the callers can bear and not what a clock prescribes.
 *
 * @param call Publishes what one call publishes, and is settled when it is in the log.
 */
export async function press(call: () => Promise<unknown>, pace: Pace): Promise<Measured> {
    const { callers, ms = Number.POSITIVE_INFINITY } = pace
    const { calls = Number.POSITIVE_INFINITY, burst = 1 } = pace
    const took: number[] = []
    const used = process.cpuUsage()
    const begin = performance.now()
    const end = begin + ms
    let made = 0
    const caller = async (): Promise<void> => {
        for (let now = performance.now(); now < end && made < calls; ) {
            made++
            await call()
            const settled = performance.now()
            took.push(settled - now)
            now = settled
        }
    }
    const everyone = Promise.all(Array.from({ length: callers }, caller))
    await (Number.isFinite(ms)
        ? Promise.race([everyone, forgotten(ms + FORGOTTEN_MS)])
        : everyone)
    const seconds = (performance.now() - begin) / 1000
    const { user, system } = process.cpuUsage(used)
    const entries = took.length * burst
    const sorted = Float64Array.from(took).sort()
    return {
        entries,
        seconds,
        rate: entries / seconds,
        cpu: (user + system) / entries,
        p50: percentile(sorted, 0.5),
        p99: percentile(sorted, 0.99)
    }
}
