import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Chunk, Chunks } from './application.js'

/** How long pieces are read from a synchronous iterable before other work has a turn. */
const TURN_MS = 10

/** Why the state of an application could not be read to its end. */
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

    /** The message states the fault for an operator. */
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

/** A view of the bytes of one piece, without a copy where the piece is bytes already. */
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

/** The longest time for which reading a state has kept the process from everything else. */
export interface StallObserver {
    /** Told of each synchronous stretch of the application's own code, in milliseconds. */
    blocked(ms: number): void
}

/** Rejects the wait for a piece if the application is silent for too long. */
class ProgressTimer {
    readonly #limitMs: number
    readonly #timer: NodeJS.Timeout
    #rejectWait: ((error: UnreadState) => void) | null = null
    #expired: UnreadState | null = null

    constructor(limitMs: number, signal: AbortSignal) {
        this.#limitMs = limitMs
        this.#timer = setTimeout(() => this.#expire(timedOut(limitMs)), limitMs)
        signal.addEventListener('abort', this.#onClose, { once: true })
        this.#signal = signal
        if (signal.aborted) {
            this.#onClose()
        }
    }

    readonly #signal: AbortSignal

    readonly #onClose = (): void => {
        this.#expire(new UnreadState('closed', 'The Colleague has ended.'))
    }

    #expire(error: UnreadState): void {
        this.#expired ??= error
        this.#rejectWait?.(this.#expired)
    }

    /** Waits for what the application promises. */
    wait<T>(promised: PromiseLike<T>): Promise<T> {
        return new Promise((resolve, reject) => {
            this.#rejectWait = reject
            promised.then(resolve, reject)
            if (this.#expired !== null) {
                reject(this.#expired)
            }
        })
    }

    /** The application has made progress. */
    refresh(): void {
        if (this.#expired !== null) {
            throw this.#expired
        }
        this.#timer.refresh()
    }

    close(): void {
        clearTimeout(this.#timer)
        this.#signal.removeEventListener('abort', this.#onClose)
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

/** How the state of an application is read. */
export interface ReadingTerms extends StallObserver {
    /** How long the application may yield nothing, in milliseconds. */
    readonly limitMs: number
    /** Aborted when the Colleague ends. */
    readonly signal: AbortSignal
}

/**
 * Reads the state of an application: the bytes of each piece as the application yields the pieces.
 * A piece is valid until the next one is asked for. If the application yields nothing for too
 * long, the reading ends with `timed-out`, and the application is told by `return` of its iterator.
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
            // An iterator that hangs in `next` hangs in `return` too: the reading does not wait.
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
 * Cuts bytes into pieces of one size, the last one shorter. A piece is valid until the next one is
 * asked for: all pieces share one buffer.
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
