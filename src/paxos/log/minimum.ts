import { Monotonic } from '../../base/monotonic.js'


/** What everyone holds, as far as it was told. */
export interface MinimumState {
    readonly propagated: Monotonic
    readonly version: Monotonic
    readonly constituency: readonly Monotonic[]
    readonly reports: readonly (readonly [Monotonic, Reduction])[]
}

/** What one member says of its share of the republic. */
export interface Reduction {
    /** The government under which it was reckoned; shares change with governments. */
    readonly version: Monotonic
    /** Everyone in the share holds at least this; `0/0` while that is not known. */
    readonly reduced: Monotonic
}

/**
 * The lowest promise that everyone holds: reduced up the tree of constituencies, handed down from
 * the leader. It only rises, so a late report does no harm.
 */
export class Minimum {
    /** What the leader last said everyone holds. */
    propagated: Monotonic = '0/0'
    #version: Monotonic = '0/0'
    #constituency: readonly Monotonic[] = []
    readonly #reports = new Map<Monotonic, Reduction>()

    /** Starts over under a new government, with the shares it gives. */
    reset(version: Monotonic, constituency: readonly Monotonic[]): void {
        this.#version = version
        this.#constituency = constituency
        this.#reports.clear()
    }

    /** Takes a constituent's word. */
    report(constituent: Monotonic, reduction: Reduction): void {
        this.#reports.set(constituent, reduction)
    }

    /** Takes the leader's word, handed down. */
    raise(propagated: Monotonic): void {
        if (Monotonic.compare(propagated, this.propagated) > 0) {
            this.propagated = propagated
        }
    }

    /** This member's own word: the lowest of its share and of its own committed log. */
    reduce(committed: Monotonic): Reduction {
        let reduced = committed
        for (const constituent of this.#constituency) {
            const report = this.#reports.get(constituent)
            if (report === undefined || report.version !== this.#version) {
                return { version: this.#version, reduced: '0/0' }
            }
            if (Monotonic.compare(report.reduced, reduced) < 0) {
                reduced = report.reduced
            }
        }
        return { version: this.#version, reduced }
    }

    /** All that any later word depends on. */
    state(): MinimumState {
        return {
            propagated: this.propagated,
            version: this.#version,
            constituency: this.#constituency,
            reports: [...this.#reports]
        }
    }

    /** Goes on from where another one was. */
    static restore({ propagated, version, constituency, reports }: MinimumState): Minimum {
        const minimum = new Minimum()
        minimum.propagated = propagated
        minimum.reset(version, constituency)
        for (const [constituent, reduction] of reports) {
            minimum.report(constituent, reduction)
        }
        return minimum
    }
}
