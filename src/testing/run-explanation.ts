import type { Application } from '../colleague/application.js'
import type { Comparison } from './comparison.js'
import type { TrialCounts } from './coverage.js'
import { diagnose } from './diagnosis.js'
import type { TrialFinding } from './finding.js'
import { checkModel, type SequentialModel } from './model.js'
import type { TrialPlan } from './plan.js'
import { findRepeatedOperation } from './repeated-operations.js'
import type { MemberLife } from './trial-republic.js'
import type { Clients } from './workload.js'

/** The first seeds, whose runs are all replayed. */
const ALL_REPLAYED = 5

/** Of the later seeds, one in so many is replayed. */
const REPLAYED = 5

/** A run that has ended. */
export interface EndedRun {
    readonly parts: {
        application(life: MemberLife): Application
        readonly model: SequentialModel | null
    }
    readonly comparison: Comparison
    readonly clients: Pick<Clients, 'publishes' | 'modelled'>
    readonly counts: TrialCounts
    readonly plan: Pick<TrialPlan, 'seed'>
    /** The finding during the run. */
    readonly finding: TrialFinding | null
}

/** Looks for the cause of a fault, and for faults that only the whole run shows. */
export async function explain(run: EndedRun): Promise<TrialFinding | null> {
    const { parts, comparison, clients, counts, finding, plan: { seed } } = run
    const isThorough = seed <= ALL_REPLAYED || seed % REPLAYED === 0
    const application = (life: MemberLife): Application => parts.application(life)
    const cause = await diagnose({ application, comparison, finding, isThorough })
        ?? await findRepeatedOperation(application, comparison.log, clients.publishes)
    if (cause !== null || parts.model === null) {
        return cause
    }
    const check = checkModel(clients.modelled, parts.model)
    counts.modelled += clients.modelled.length
    counts.undecided += check.undecided
    return check.finding
}
