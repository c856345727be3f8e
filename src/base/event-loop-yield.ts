/**
 * The number of settled promises per turn of the event loop after which callers wait for the next
 * turn.
 */
const AT_ONCE_MAX = 256

/** The number of steps in this turn of the event loop. */
let steps = 0
/** Whether the current step is counted already. Promises that settle together count as one step. */
let isCounted = false
/** Resolves in the next turn of the event loop; `null` while no caller waits for that turn. */
let nextTurn: Promise<void> | null = null

function endTurn(): void {
    steps = 0
    nextTurn = null
}

/** Counts one step. All promises that settle before the next microtask belong to the same step. */
function countStep(): void {
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
 * Delays a promise that was settled by the call that made it. Without a delay, a caller that awaits
 * publish after publish never leaves the microtask queue, and the process serves no timer and no
 * socket.
 *
 * @returns The same promise for the first 256 steps of a turn; after these, a promise that settles
 * in the next turn of the event loop.
 */
export function yieldBetween<Result>(promise: Promise<Result>): Promise<Result> {
    countStep()
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
