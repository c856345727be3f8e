import '../base/packages.js'
export {
    type CommandOf, compose, type ComposableColleague, type ComposedCommand, Composition,
    type CompositionOptions, type OutcomeOf, type PartsByName
} from './compose.js'
export type { ComposedPart, Owner, PartHost } from './part.js'
export type { Lease } from './held-lease.js'
export type { LeaseRecord } from './lease-watch.js'
export type { LeaseTimeOptions, LockUseOptions } from './lock-options.js'
export { Locks, type LocksOptions } from './locks.js'
export type { LockCommand, LockLease, LockOutcome } from './lock-table.js'
export type { KeyChange, MapChange } from './map-history.js'
export type { MapCheck, MapCommand, MapEntry, MapOutcome } from './map-table.js'
export type { MapView } from './map-view.js'
export {
    type Committed, ReplicatedMap, type ReplicatedMapOptions, type WatchOptions
} from './replicated-map.js'
