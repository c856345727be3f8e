/** The limits of `runStaggeredUntil`. */
export interface Stagger {
    /** The longest wait for a task before the next task begins, in milliseconds. */
    readonly delayMs: number
    /** The maximum number of tasks under way. */
    readonly max: number
}

/** A task that has ended. */
export interface EndedTask<Item, Result> {
    readonly item: Item
    readonly result: Result
}

/**
 * Runs a task for each item, and yields each result as soon as the task ends. The first task begins
 * at once; each further task begins when a task has ended, or after `delayMs`. Throws the error of
 * the first task that fails. If the reader stops, no further task begins.
 */
async function* runStaggered<Item, Result>(
    items: readonly Item[],
    work: (item: Item) => Promise<Result>,
    { delayMs, max }: Stagger
): AsyncGenerator<EndedTask<Item, Result>, void, undefined> {
    const ended: (() => EndedTask<Item, Result>)[] = []
    let begun = 0
    let underWay = 0
    let isDue = true
    let wake = (): void => {}
    const end = (settle: () => EndedTask<Item, Result>): void => {
        underWay--
        isDue = true
        ended.push(settle)
        wake()
    }
    const begin = (item: Item): void => {
        begun++
        underWay++
        isDue = false
        work(item).then(
            (result) => end(() => ({ item, result })),
            (error) =>
                end(() => {
                    throw error
                })
        )
    }
    const wait = async (): Promise<void> => {
        const { promise, resolve } = withResolvers()
        wake = resolve
        const timer = setTimeout(() => {
            isDue = true
            resolve()
        }, delayMs)
        await promise
        clearTimeout(timer)
    }
    while (begun < items.length || underWay > 0 || ended.length > 0) {
        const settle = ended.shift()
        if (settle !== undefined) {
            yield settle()
        } else if (isDue && begun < items.length && underWay < max) {
            begin(items[begun] as Item)
        } else {
            await wait()
        }
    }
}

function withResolvers(): { readonly promise: Promise<void>; readonly resolve: () => void } {
    let resolve = (): void => {}
    const promise = new Promise<void>((settle) => {
        resolve = settle
    })
    return { promise, resolve }
}

/**
 * Runs tasks as `runStaggered` does. Each task receives a signal. The signal aborts with `signal`,
 * and when the reader stops.
 */
export async function* runStaggeredUntil<Item, Result>(
    items: readonly Item[],
    work: (item: Item, signal: AbortSignal) => Promise<Result>,
    stagger: Stagger,
    signal: AbortSignal
): AsyncGenerator<EndedTask<Item, Result>, void, undefined> {
    const over = new AbortController()
    const ended = AbortSignal.any([signal, over.signal])
    try {
        yield* runStaggered(items, (item) => work(item, ended), stagger)
    } finally {
        over.abort()
    }
}
