import type { Settlement } from '../../src/publisher/islander-types.js'
import type { Request } from '../../src/paxos/messages/messages.js'
import type { PaxosOptions } from '../../src/paxos/options.js'
import type { EnqueueBody, ImmigrateBody } from '../../src/member/inputs.js'
import type { QuestionBody } from '../../src/member/questions.js'
import type { Options } from './plan.js'
import type { Resident } from './resident.js'
import type { VirtualTimeline } from '../../src/testing/virtual-timeline.js'
import type { Versions } from './versions.js'

/** What one Kibitzer calls at another. */
export interface Calls {
    readonly receive: Request
    readonly enqueue: EnqueueBody
    readonly immigrate: ImmigrateBody
    readonly mark: QuestionBody
    readonly promised: QuestionBody
}

/** What is around a process. */
export interface Surroundings {
    readonly timeline: VirtualTimeline
    readonly versions: Versions
    readonly options: Options & Pick<PaxosOptions, 'patience'>
    /** Lets a call leave. The answer may come never, once, or more than once. */
    call<Method extends keyof Calls>(
        from: Resident,
        host: number,
        method: Method,
        body: Calls[Method],
        answered: (answer: unknown) => void
    ): void
    /** A process has taken an input. */
    observed(resident: Resident): void
    /** A flush of a process's disk is about to end, or has just ended. */
    flushing(resident: Resident): void
    /** A process cannot write down its inputs any more. */
    failed(resident: Resident): void
    /** A process settles publishes. */
    settled(resident: Resident, settlements: readonly Settlement[]): void
    /** A process takes an engine's request: gives back what to look at afterwards. */
    receiving(resident: Resident, request: Request): () => void
    /** How late a timer fires that is due in so long. */
    lateness(resident: Resident, dueMs: number): number
}

/** The properties of a member: where it is. */
export interface Address {
    readonly host: number
}
