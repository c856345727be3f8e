import { KibitzError, rejectArgument } from '../base/errors.js'
import { forgetCalls } from '../colleague/application-calls.js'
import type { Application } from '../colleague/application.js'
import { shortText } from './canonical.js'
import type { TrialFinding } from './finding.js'
import type { MemberLife } from './trial-republic.js'
import { install } from './virtual-globals.js'
import type { VirtualTime } from './virtual-time.js'

/** The methods that every application has. */
const METHODS = ['apply', 'snapshot', 'restore'] as const

function unhandled(reason: unknown): TrialFinding {
    const text = reason instanceof Error ? reason.message : shortText(reason)
    const what = reason instanceof KibitzError ? `A call of kibitz was rejected (${reason.code})`
        : 'A promise was rejected'
    return {
        kind: 'workload-error', cause: reason, message: `${what}, and no code waits for it: `
            + `${text} Node would end the process. Look for a missing await in the workload, and `
            + 'in the application.'
    }
}

/**
 * Puts a virtual clock in place for a run, and reports rejections that no code handles: by default,
 * Node ends the process with such an error, and the trial would name no seed.
 *
 * @returns The undo.
 */
export function surround(time: VirtualTime, report: (finding: TrialFinding) => void): () => void {
    const restore = install(time)
    const onRejection = (reason: unknown): void => report(unhandled(reason))
    process.on('unhandledRejection', onRejection)
    return () => {
        process.off('unhandledRejection', onRejection)
        restore()
        forgetCalls()
    }
}

/**
 * Makes the application of a life.
 *
 * @throws KibitzError `invalid-argument` if the option returns no application.
 */
export function makeApplication(
    make: (life: MemberLife) => Application, life: MemberLife
): Application {
    const made: unknown = make(life)
    const holder = made as Readonly<Record<string, unknown>> | null | undefined
    const missing = METHODS.find((name) => typeof holder?.[name] !== 'function')
    if (missing !== undefined) {
        const what = made instanceof Promise ? 'a promise' : shortText(made)
        rejectArgument(`The option application returned ${what}, which has no method ${missing}. `
            + 'Return a new application, for example: application: () => new Store().')
    }
    return made as Application
}
