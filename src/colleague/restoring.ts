import type { Application } from './application.js'

/** A stream of chunks that may fail. */
export interface ChunkSource extends AsyncIterable<Uint8Array> {
    /** The failure of the stream; `null` otherwise. */
    readonly failure: Error | null
}

/** `restore` of the application made no progress within the time limit. */
export class SlowRestore extends Error {
    override readonly name: string = 'SlowRestore'
}

function slowRestore(limitMs: number): SlowRestore {
    return new SlowRestore(
        `restore() has neither asked for another piece nor ended for ${limitMs} ms (option ` +
            'restoreTimeout).'
    )
}

/**
 * Calls `restore` of the application with a stream of chunks. The application sets the pace. If the
 * application makes no progress for `limitMs`, rejects with `SlowRestore`; the time in which the
 * application waits for a chunk does not count. If the application stops reading early, this
 * function reads the rest: only the end of the stream shows that the state was complete.
 */
export async function restoreFrom(
    application: Pick<Application, 'restore'>,
    source: ChunkSource,
    limitMs: number
): Promise<void> {
    const iterator = source[Symbol.asyncIterator]()
    let timer: NodeJS.Timeout | undefined
    let failure: SlowRestore | null = null
    let isDone = false
    let fail: (error: Error) => void = () => {}
    const disarm = (): void => clearTimeout(timer)
    const arm = (): void => {
        disarm()
        timer = setTimeout(() => {
            failure = slowRestore(limitMs)
            fail(failure)
        }, limitMs)
    }
    const next = async (): Promise<IteratorResult<Uint8Array, undefined>> => {
        if (failure !== null) {
            throw failure
        }
        if (isDone) {
            return { done: true, value: undefined }
        }
        disarm()
        try {
            const result = await iterator.next()
            isDone = result.done === true
            return isDone ? { done: true, value: undefined } : result
        } finally {
            arm()
        }
    }
    const chunks = { [Symbol.asyncIterator]: () => ({ next }) }
    arm()
    try {
        await new Promise<void>((resolve, reject) => {
            fail = reject
            Promise.resolve(application.restore(chunks)).then(() => resolve(), reject)
        })
        while (!isDone) {
            await next()
        }
    } finally {
        disarm()
        if (!isDone) {
            Promise.resolve(iterator.return?.()).catch(() => {})
        }
    }
}
