import { setImmediate as nextTurn } from 'node:timers/promises'
import { onAbort } from '../base/abort-signal.js'
import type { Chunk, Chunks } from './application.js'

/** After this time, reading from a synchronous iterable lets other work run. In milliseconds. */
const TURN_MS = 10

/** The reason for which the state of an application could not be read to its end. */
export type SnapshotFault =
    /** The state is larger than the option `snapshotSize`. */
    | 'too-large'
    /** The application yielded no piece within the option `snapshotTimeout`. */
    | 'timed-out'
    /** The application threw, or yielded a piece that is neither text nor bytes. */
    | 'threw'
    /** The file that holds the pieces for newcomers could not be written. */
    | 'spool-failed'
    /** The Colleague ended first. */
    | 'closed'

/** The state of an application could not be read to its end. */
export class UnreadState extends Error {
    override readonly name: string = 'UnreadState'
    readonly fault: SnapshotFault

    /** @param message The fault in words for an operator. */
    constructor(fault: SnapshotFault, message: string, options?: ErrorOptions) {
        super(message, options)
        this.fault = fault
    }
}

function isWhole(chunks: Chunks): chunks is Chunk {
    return typeof chunks === 'string' || ArrayBuffer.isView(chunks) || isBuffer(chunks)
}

function isBuffer(value: unknown): value is ArrayBuffer {
    return value instanceof ArrayBuffer || value instanceof SharedArrayBuffer
}

/** The bytes of one piece. If the piece is binary, the result shares its memory. */
export function bytesOf(chunk: unknown): Buffer {
    if (typeof chunk === 'string') {
        return Buffer.from(chunk, 'utf8')
    }
    if (ArrayBuffer.isView(chunk)) {
        return Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    }
    if (isBuffer(chunk)) {
        return Buffer.from(chunk)
    }
    throw new TypeError(
        `A piece of a snapshot is text or bytes, but snapshot() yielded ${
            chunk === null ? 'null' : typeof chunk
        }.`
    )
}

/** Observes the time in which the application's code blocks the process. */
export interface StallObserver {
    /** Called after each synchronous call of the application with its duration in milliseconds. */
    blocked(ms: number): void
}

/** Ends the wait for a piece if the application makes no progress within the time limit. */
class ProgressTimer {
    readonly #limitMs: number
    readonly #timer: NodeJS.Timeout
    readonly #forget: () => void
    #rejectWait: ((error: UnreadState) => void) | null = null
    #expired: UnreadState | null = null

    constructor(limitMs: number, signal: AbortSignal) {
        this.#limitMs = limitMs
        this.#timer = setTimeout(() => this.#expire(timedOut(limitMs)), limitMs)
        const onClose = (): void =>
            this.#expire(new UnreadState('closed', 'The Colleague has ended.'))
        this.#forget = onAbort(signal, onClose)
        if (signal.aborted) {
            onClose()
        }
    }

    #expire(error: UnreadState): void {
        this.#expired ??= error
        this.#rejectWait?.(this.#expired)
    }

    /** Waits for a promise of the application, or for the time limit. */
    wait<T>(promised: PromiseLike<T>): Promise<T> {
        return new Promise((resolve, reject) => {
            this.#rejectWait = reject
            promised.then(resolve, reject)
            if (this.#expired !== null) {
                reject(this.#expired)
            }
        })
    }

    /** Called after each piece: the time limit starts again. Throws if the limit has passed. */
    refresh(): void {
        if (this.#expired !== null) {
            throw this.#expired
        }
        this.#timer.refresh()
    }

    close(): void {
        clearTimeout(this.#timer)
        this.#forget()
    }

    get limitMs(): number {
        return this.#limitMs
    }
}

function timedOut(limitMs: number): UnreadState {
    return new UnreadState(
        'timed-out',
        `snapshot() yielded nothing for ${limitMs} ms (option snapshotTimeout).`
    )
}

/** The limits for reading the state of an application. */
export interface ReadingTerms extends StallObserver {
    /** The longest time without a piece, in milliseconds. */
    readonly limitMs: number
    /** Aborts when the Colleague ends. */
    readonly signal: AbortSignal
}

/**
 * Reads the state of an application, piece by piece. A piece is valid until the request for the
 * next piece. If the application yields no piece for `limitMs`, throws an `UnreadState` with the
 * fault `timed-out`, and calls `return` of the application's iterator.
 */
export async function* readPieces(
    make: () => Chunks | PromiseLike<Chunks>,
    terms: ReadingTerms
): AsyncGenerator<Buffer, void, undefined> {
    const patience = new ProgressTimer(terms.limitMs, terms.signal)
    const measured = <T>(work: () => T): T => {
        const before = performance.now()
        const made = work()
        terms.blocked(performance.now() - before)
        return made
    }
    try {
        const made = measured(make)
        const chunks = isThenable(made) ? await patience.wait(made) : made
        patience.refresh()
        if (isWhole(chunks)) {
            yield bytesOf(chunks)
        } else if (isAsync(chunks)) {
            yield* readAsync(chunks, patience, measured)
        } else {
            yield* readSync(chunks, patience, measured)
        }
    } catch (error) {
        throw error instanceof UnreadState ? error : snapshotThrew(error)
    } finally {
        patience.close()
    }
}

function isThenable(value: Chunks | PromiseLike<Chunks>): value is PromiseLike<Chunks> {
    return typeof value === 'object' && value !== null && 'then' in value
}

function isAsync(value: Chunks): value is AsyncIterable<Chunk> {
    return typeof value === 'object' && value !== null && Symbol.asyncIterator in value
}

function snapshotThrew(cause: unknown): UnreadState {
    const { message } = cause instanceof Error ? cause : { message: String(cause) }
    return new UnreadState('threw', `snapshot() failed: ${message}`, { cause })
}

type Measured = <T>(work: () => T) => T

async function* readAsync(
    chunks: AsyncIterable<Chunk>,
    patience: ProgressTimer,
    measured: Measured
): AsyncGenerator<Buffer, void, undefined> {
    const iterator = chunks[Symbol.asyncIterator]()
    let isOver = false
    try {
        for (;;) {
            const result = await patience.wait(measured(() => iterator.next()))
            patience.refresh()
            if (result.done === true) {
                isOver = true
                return
            }
            yield bytesOf(result.value)
        }
    } finally {
        if (!isOver) {
            // An iterator that hangs in `next` may hang in `return` too. So no wait for `return`.
            Promise.resolve(iterator.return?.()).catch(() => {})
        }
    }
}

async function* readSync(
    chunks: Iterable<Chunk>,
    patience: ProgressTimer,
    measured: Measured
): AsyncGenerator<Buffer, void, undefined> {
    const iterator = chunks[Symbol.iterator]()
    let yieldedAt = performance.now()
    let isOver = false
    try {
        for (;;) {
            const result = measured(() => iterator.next())
            if (result.done === true) {
                isOver = true
                return
            }
            yield bytesOf(result.value)
            if (performance.now() - yieldedAt > TURN_MS) {
                await nextTurn()
                patience.refresh()
                yieldedAt = performance.now()
            }
        }
    } finally {
        if (!isOver) {
            iterator.return?.()
        }
    }
}

/**
 * Cuts bytes into pieces of one size; the last piece may be shorter. All pieces share one buffer:
 * a piece is valid until the request for the next piece.
 */
export async function* cut(
    chunks: AsyncIterable<Buffer>,
    pieceSize: number
): AsyncGenerator<Buffer, void, undefined> {
    const piece = Buffer.allocUnsafeSlow(pieceSize)
    let filled = 0
    for await (const bytes of chunks) {
        for (let at = 0; at < bytes.length; ) {
            const count = bytes.copy(piece, filled, at)
            at += count
            filled += count
            if (filled === pieceSize) {
                yield piece
                filled = 0
            }
        }
    }
    if (filled !== 0) {
        yield piece.subarray(0, filled)
    }
}
