import type { WaitOptions } from '../base/abort-signal.js'
import { readOptions } from '../base/option-table.js'
import type { ReadOptions } from '../member/reads.js'
import { COUNTER_OPTIONS, type CounterOptions, CounterPart } from './counter-part.js'

/**
 * Counters by name: whole numbers that are equal at every member.
 *
 * 1. Each addition is one entry of the log, and takes effect once.
 * 2. If `add` rejects with `timed-out` or `aborted`, the addition may still take effect once.
 */
export class Counter extends CounterPart {
    /** @throws KibitzError `invalid-argument`. */
    constructor(options: CounterOptions | null = {}) {
        super('Counter', readOptions('Counter', options, COUNTER_OPTIONS))
    }

    /**
     * Adds a whole number, and resolves with the value after this addition. Rejects with
     * `overloaded` if there are `countersMax` counters, with `refused` beyond the safe whole
     * numbers, or like `publish`.
     */
    add(name: string, by: number = 1, waiting: WaitOptions | null = {}): Promise<number> {
        return this.addTo(name, by, waiting)
    }

    /** Deletes a counter, and resolves with its last value; 0 without a counter. */
    async delete(name: string, waiting: WaitOptions | null = {}): Promise<number> {
        return (await this.publish({ do: 'delete', name }, waiting)).value
    }

    /** The value at this member, at once; 0 without a counter. */
    get(name: string): number
    /** The value after a read, as in `ReplicatedMap.get`. */
    get(name: string, reading: 'linearizable' | ReadOptions): Promise<number>
    get(name: string, reading?: 'linearizable' | ReadOptions): number | Promise<number> {
        const found = (): number => this.valueOf(name)
        if (reading === undefined) {
            return found()
        }
        const host = this.attached()
        return (reading === 'linearizable' ? host.barrier() : host.read(reading)).then(found)
    }
}
