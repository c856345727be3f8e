/** How many times a caller may see its publish settled at once before other work has a turn. */
const AT_ONCE_MAX = 256

/** How many times a caller has gone on in this turn of the event loop. */
let steps = 0
/** Whether the callers that have seen a settlement have not gone on yet. */
let isCounted = false
/** Resolves in the next turn of the event loop; `null` while nothing waits for that. */
let nextTurn: Promise<void> | null = null

function endTurn(): void {
    steps = 0
    nextTurn = null
}

/** Counts one step for all that is settled before the callers go on. */
function count(): void {
    if (isCounted) {
        return
    }
    isCounted = true
    queueMicrotask(() => {
        isCounted = false
    })
    if (steps === 0) {
        setImmediate(endTurn).unref()
    }
    steps++
}

/**
 * A promise that was settled in the call that made it, for a caller that may call again as soon as
 * the promise is settled. A loop of calls then never ends its turn, and no timer and no socket of
 * the process is served: after so many steps the caller goes on in the next turn.
 */
export function yieldBetween<Result>(promise: Promise<Result>): Promise<Result> {
    count()
    if (steps <= AT_ONCE_MAX) {
        return promise
    }
    nextTurn ??= new Promise((resolve) => {
        setImmediate(resolve)
    })
    const later = nextTurn.then(() => promise)
    later.catch(() => {})
    return later
}
