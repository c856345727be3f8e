import { mock } from 'node:test'

type Timer = NodeJS.Timeout
type Setting = (run: (...args: unknown[]) => void, ms?: number, ...args: unknown[]) => Timer
type Clearing = (timer: Timer | undefined) => void

/**
 * Mocks timers and `Date`, and corrects two errors of the mocks of Node 20. First, a delay is at
 * least one millisecond: a shorter delay, set while a timer fires, makes that timer fire twice.
 * Second, an interval that is cleared while it fires does not fire again.
 */
export function mockTimers(now: number): void {
    mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'Date'], now })
    let firing: Timer | null = null
    const begin = (name: string): Setting => {
        const plain = Reflect.get(globalThis, name) as Setting
        return (run, ms, ...args) => {
            const timer = plain(() => {
                firing = timer
                run(...args)
                firing = null
            }, ms !== undefined && ms >= 1 ? ms : 1)
            return timer
        }
    }
    const end = (name: string): Clearing => {
        const plain = Reflect.get(globalThis, name) as Clearing
        return (timer) => {
            if (timer !== firing) {
                plain(timer)
            } else if (name === 'clearInterval') {
                setImmediate(() => plain(timer))
            }
        }
    }
    Object.assign(globalThis, {
        setTimeout: begin('setTimeout'),
        clearTimeout: end('clearTimeout'),
        setInterval: begin('setInterval'),
        clearInterval: end('clearInterval')
    })
}
