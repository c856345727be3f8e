import { Monotonic } from '../../base/monotonic.js'
import { intersect, versionsOf } from '../membership/versions.js'
import type { Reduction, VersionRange } from '../messages/messages.js'

/** The state of a `Minimum`. */
export interface MinimumState {
    readonly propagated: Monotonic
    readonly version: Monotonic
    readonly constituency: readonly Monotonic[]
    readonly reports: readonly (readonly [Monotonic, Reduction])[]
}

/**
 * The *minimum*: a promise through which every member has committed. Reports go up the tree of
 * constituencies, and the result comes down from the leader. The minimum only rises, so late
 * reports do no harm. The same reports tell the leader which versions all members take part in.
 */
export class Minimum {
    /** The last minimum from the leader. */
    propagated: Monotonic = '0/0'
    #version: Monotonic = '0/0'
    #constituency: readonly Monotonic[] = []
    readonly #reports = new Map<Monotonic, Reduction>()

    /** Starts again under a new government, with the constituency that the government gives. */
    reset(version: Monotonic, constituency: readonly Monotonic[]): void {
        this.#version = version
        this.#constituency = constituency
        this.#reports.clear()
    }

    /** Takes the report of a constituent. */
    report(constituent: Monotonic, reduction: Reduction): void {
        this.#reports.set(constituent, reduction)
    }

    /** Takes the minimum from the leader. A lower value has no effect. */
    raise(propagated: Monotonic): void {
        if (Monotonic.compare(propagated, this.propagated) > 0) {
            this.propagated = propagated
        }
    }

    /**
     * The member's own report: the lowest of the member's commit mark and its constituents'
     * reports. If a constituent has not reported under the present government, the result is `0/0`.
     */
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

    /**
     * The versions that the member and all members downstream take part in. A constituent without a
     * report under the present government counts as a member of the first version.
     */
    commonVersions(own: VersionRange): VersionRange {
        return this.#constituency.reduce((common, constituent) => {
            const report = this.#reports.get(constituent)
            const isCurrent = report !== undefined && report.version === this.#version
            return intersect(common, versionsOf(isCurrent ? report : {}))
        }, own)
    }

    /** Forgets which versions the constituents take part in: they may have restarted meanwhile. */
    forgetVersions(): void {
        for (const [constituent, { version, reduced }] of this.#reports) {
            this.#reports.set(constituent, { version, reduced })
        }
    }

    /** The state, for `restore`. */
    state(): MinimumState {
        return {
            propagated: this.propagated,
            version: this.#version,
            constituency: this.#constituency,
            reports: [...this.#reports]
        }
    }

    /** Makes a `Minimum` from a state. */
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
