import { Monotonic } from '../../src/base/monotonic.js'

/** An entry of a log, as one member saw it. */
export interface Observation {
    readonly promise: Monotonic
    /** All there is to the entry, so that two are the same if and only if their texts are. */
    readonly text: string
    /** The name of what was published; `null` where the entry is none of the publishers'. */
    readonly value: string | null
}

/** What became of a publish, as its publisher knows. */
export type Fate =
    | { readonly name: 'acknowledged'; readonly promise: Monotonic }
    /** It is in no log and never will be. */
    | { readonly name: 'refused' }
    /** It is in every log or in none. */
    | { readonly name: 'unknown' }

/** A publish. Its value is like no other's. */
export interface Publish {
    /** One incarnation of a member. */
    readonly publisher: string
    readonly value: string
    readonly fate: Fate
}

/** All that was seen of a republic. */
export interface Annals {
    /**
     * By incarnation, what each saw, the dead as far as they came. At least one that is alive has
     * been read behind everything that was acknowledged.
     */
    readonly logs: ReadonlyMap<string, readonly Observation[]>
    /** In the order in which each publisher published. */
    readonly publishes: readonly Publish[]
}

/** What can be wrong with the annals. */
export type Wrong =
    | 'aborted read'
    | 'duplicate'
    | 'fork'
    | 'gap'
    | 'inversion'
    | 'lost write'
    | 'misplaced'
    | 'non-monotonic'
    | 'phantom'
    | 'skip'

/** One thing that is wrong. */
export interface Finding {
    readonly wrong: Wrong
    readonly text: string
}

/** What all logs say together, and what is wrong with that. */
class Union {
    readonly findings: Finding[] = []
    readonly #entries = new Map<Monotonic, Observation>()
    /** Where each promise stands. */
    readonly places: Map<Monotonic, number>
    /** Where each value was seen first. */
    readonly values = new Map<string, Monotonic>()

    constructor(logs: Annals['logs']) {
        for (const [member, log] of logs) {
            for (const observation of log) {
                this.#add(member, observation)
            }
        }
        const sorted = [...this.#entries.keys()].sort(Monotonic.compare)
        this.places = new Map(sorted.map((promise, place) => [promise, place]))
        for (const promise of sorted) {
            this.#name(promise, this.#entries.get(promise)?.value ?? null)
        }
        for (const [member, log] of logs) {
            this.#walk(member, log)
        }
    }

    report(wrong: Wrong, text: string): void {
        this.findings.push({ wrong, text })
    }

    #add(member: string, observation: Observation): void {
        const { promise, text } = observation
        const known = this.#entries.get(promise)
        if (known === undefined) {
            this.#entries.set(promise, observation)
        } else if (known.text !== text) {
            this.report('fork', `${promise} is ${known.text}, and at ${member} it is ${text}`)
        }
    }

    #name(promise: Monotonic, value: string | null): void {
        const first = value === null ? undefined : this.values.get(value)
        if (first !== undefined) {
            this.report('duplicate', `${value} is both ${first} and ${promise}`)
        } else if (value !== null) {
            this.values.set(value, promise)
        }
    }

    /** A log begins anywhere, and from there on holds each entry that anybody holds. */
    #walk(member: string, log: readonly Observation[]): void {
        for (const [index, { promise }] of log.entries()) {
            const previous = log[index - 1]?.promise
            if (previous === undefined) {
                continue
            }
            const step = this.#place(promise) - this.#place(previous)
            if (step <= 0) {
                this.report('non-monotonic', `${member} saw ${promise} after ${previous}`)
            } else if (step > 1) {
                const missed = `${step - 1} between ${previous} and ${promise}`
                this.report('skip', `${member} missed ${missed}`)
            }
        }
    }

    #place(promise: Monotonic): number {
        return this.places.get(promise) ?? Number.NaN
    }
}

/** Compares what publishers were told with what the logs say. */
function checkFates({ publishes }: Annals, union: Union): void {
    const named = new Map(publishes.map(({ value, fate }) => [value, fate]))
    for (const [value, promise] of union.values) {
        const fate = named.get(value)
        if (fate === undefined) {
            union.report('phantom', `${value} is ${promise}, and nobody published it`)
        } else if (fate.name === 'refused') {
            union.report('aborted read', `${value} is ${promise}, and it was refused`)
        }
    }
    for (const { publisher, value, fate } of publishes) {
        const promise = union.values.get(value)
        if (fate.name !== 'acknowledged') {
            continue
        }
        const told = `${publisher} was told that ${value} is ${fate.promise}`
        if (promise === undefined) {
            union.report('lost write', `${told}, and it is in no log`)
        } else if (promise !== fate.promise) {
            union.report('misplaced', `${told}, and it is ${promise}`)
        }
    }
}

/** A publisher's values are in the logs in its order, none missing before one that is there. */
function checkOrder({ publishes }: Annals, union: Union): void {
    const last = new Map<string, { readonly value: string; readonly place: number }>()
    const missing = new Map<string, string>()
    for (const { publisher, value, fate } of publishes) {
        const place = union.places.get(union.values.get(value) ?? '')
        if (place === undefined) {
            if (fate.name === 'unknown') {
                missing.set(publisher, value)
            }
            continue
        }
        const lost = missing.get(publisher)
        if (lost !== undefined) {
            union.report('gap', `${publisher} published ${lost} before ${value}; it is in no log`)
            missing.delete(publisher)
        }
        const before = last.get(publisher)
        if (before !== undefined && before.place > place) {
            union.report('inversion', `${publisher} published ${before.value} before ${value}`)
        }
        last.set(publisher, { value, place })
    }
}

/** All that is wrong with the annals: nothing, if they are those of one log. Near linear. */
export function audit(annals: Annals): readonly Finding[] {
    const union = new Union(annals.logs)
    checkFates(annals, union)
    checkOrder(annals, union)
    return union.findings
}
