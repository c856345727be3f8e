function nativeOf(signal: AbortSignal, name: 'aborted' | 'reason'): unknown {
    return Reflect.get(AbortSignal.prototype, name, signal)
}

/**
 * Lets each read of a signal look at the clock. After a pause of the process, code may run before
 * the timer that aborts the signal; such code must not read that the signal is not aborted.
 *
 * @param look Aborts the signal if its time has passed.
 */
export function lookAtReads(signal: AbortSignal, look: () => void): void {
    const read = (name: 'aborted' | 'reason') => (): unknown => {
        look()
        return nativeOf(signal, name)
    }
    Object.defineProperties(signal, {
        aborted: { get: read('aborted') },
        reason: { get: read('reason') },
        throwIfAborted: {
            value: (): void => {
                if (signal.aborted) {
                    throw signal.reason
                }
            }
        }
    })
}
