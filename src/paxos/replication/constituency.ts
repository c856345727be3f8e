import { parliament } from '../membership/government.js'
import type { Government } from '../messages/messages.js'

// The tree on which entries travel: the leader feeds the majority, the majority feeds the minority,
// the minority feeds the constituents. If a rank is empty, the rank above feeds the rank below.

/** Caches a function of a government and a member. A government never changes. */
class Cached<Value> {
    readonly #known = new WeakMap<Government, Map<string, Value>>()
    readonly #compute: (government: Government, id: string) => Value

    constructor(compute: (government: Government, id: string) => Value) {
        this.#compute = compute
    }

    of(government: Government, id: string): Value {
        let known = this.#known.get(government)
        if (known === undefined) {
            known = new Map()
            this.#known.set(government, known)
        }
        let value = known.get(id)
        if (value === undefined) {
            value = this.#compute(government, id)
            known.set(id, value)
        }
        return value
    }
}

const constituencies = new Cached(share)

/** The members that a member feeds: its share of the next rank. */
export function constituency(government: Government, id: string): readonly string[] {
    return constituencies.of(government, id)
}

const ways = new Cached((government, id): ReadonlyMap<string, string> => {
    return new Map(constituency(government, id).flatMap((fed) => {
        const below = [fed, ...branches(government, fed).keys()]
        return below.map((each) => [each, fed] as const)
    }))
})

/**
 * For each member below `id` in the tree: the member of the constituency of `id` through which
 * entries travel to the member below.
 */
export function branches(government: Government, id: string): ReadonlyMap<string, string> {
    return ways.of(government, id)
}

/** The feeder of a member; `null` for the leader and for an id without a citizen. */
export function representative(government: Government, id: string): string | null {
    for (const citizen of parliament(government)) {
        if (constituency(government, citizen).includes(id)) {
            return citizen
        }
    }
    return null
}

function share(government: Government, id: string): readonly string[] {
    const [leader, ...majority] = government.majority
    const { minority, constituents } = government
    const part = (ids: readonly string[], index: number, of: number): readonly string[] =>
        ids.filter((_, position) => position % of === index)
    if (id === leader) {
        return majority.length + minority.length === 0 ? constituents : majority
    }
    const seat = majority.indexOf(id)
    if (seat !== -1) {
        return part(minority.length === 0 ? constituents : minority, seat, majority.length)
    }
    const bench = minority.indexOf(id)
    return bench === -1 ? [] : part(constituents, bench, minority.length)
}
