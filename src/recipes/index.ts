import '../base/packages.js'
export {
    type CommandOf, compose, type ComposableColleague, type ComposedCommand, Composition,
    type CompositionOptions, type OutcomeOf, type PartsByName
} from './compose.js'
export { Counter } from './counter.js'
export type { CounterOptions } from './counter-part.js'
export type { CounterCommand, CounterOutcome } from './counter-table.js'
export type { ComposedPart, Owner, PartHost } from './part.js'
export type { Lease } from './held-lease.js'
export type { LeaseRecord } from './lease-watch.js'
export type { Job, JobCommand, JobOutcome, JobWorker, PastJob } from './job-commands.js'
export type {
    CronClass, EnqueueOptions, JobsOptions, ScheduleOptions, WorkOptions
} from './job-options.js'
export type { JobRoutine, JobRun } from './job-worker.js'
export { Jobs } from './jobs.js'
export { Leadership, type LeadershipOptions, type LeadershipRoutine } from './leadership.js'
export type { LeaseTimeOptions, LockUseOptions } from './lock-options.js'
export { Locks, type LocksOptions } from './locks.js'
export type { LockCommand, LockLease, LockOutcome } from './lock-commands.js'
export type { KeyChange, MapChange } from './map-history.js'
export type { MapCheck, MapCommand, MapEntry, MapOutcome } from './map-table.js'
export type { MapView } from './map-view.js'
export {
    type Committed, ReplicatedMap, type ReplicatedMapOptions, type WatchOptions
} from './replicated-map.js'
export {
    RateLimit, type RateLimitAnswer, type RateLimitOptions, type TakeOptions
} from './rate-limit.js'
export type { RateCommand, RateOutcome } from './rate-table.js'
export { Sequence, type SequenceOptions } from './sequence.js'
