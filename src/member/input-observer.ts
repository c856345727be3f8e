import type { LogEntry } from '../paxos/messages/messages.js'
import type { Outcomes } from './apply-input.js'
import type { Played } from './inputs.js'

/** An input right after its application, before the delivery of its effects. */
export interface AppliedInput {
    readonly played: Played
    readonly outcome: Outcomes[keyof Outcomes]
    readonly entries: readonly LogEntry[]
}

/** Observes the inputs of a member, for metrics. */
export interface InputObserver {
    onApplied(input: AppliedInput): void
    /** A snapshot has restored the member, before its first input. */
    onRestored(): void
}
