/**
 * The number of turn ends in one pass of the event loop after which further turns end in the next
 * pass.
 */
const ENDS_MAX = 256

/** The number of turn ends in this pass of the event loop. */
let ends = 0
/** The functions that wait for the end of the turn. */
let waiting: (() => void)[] = []
const settled = Promise.resolve()

function endPass(): void {
    ends = 0
}

function endAfterMicrotasks(): void {
    process.nextTick(endTurn)
}

/**
 * Ends the present turn now: runs all functions that wait for its end. For programs that let many
 * turns pass within one turn of the event loop, such as tests with a virtual time.
 */
export function endTurn(): void {
    const functions = waiting
    waiting = []
    for (const run of functions) {
        run()
    }
}

/**
 * Runs a function at the end of the present turn: after all callbacks of settled promises, and
 * before the next timer and the next message of a socket. The function must not throw.
 *
 * Callers that publish in a loop would never leave the turn, and the process would serve no timer
 * and no socket. So the 257th turn of one pass of the event loop ends in the next pass.
 */
export function atTurnEnd(run: () => void): void {
    waiting.push(run)
    if (waiting.length !== 1) {
        return
    }
    if (ends === 0) {
        setImmediate(endPass).unref()
    }
    ends++
    if (ends > ENDS_MAX) {
        setImmediate(endTurn)
    } else {
        // A tick that is queued by a microtask runs after all microtasks. `queueMicrotask` would
        // make an `AsyncResource` for each turn.
        settled.then(endAfterMicrotasks)
    }
}
