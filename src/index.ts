import './base/packages.js'
export type {
    CallContext, ChannelMember, FlushMessage, GovernmentMessage, PublishContext, RejectedMessage,
    TicketRange
} from './member/channels.js'
export type { Json, JsonCheck, JsonOf } from './base/json.js'
export type { DateLike } from './base/clock.js'
export { Colleague } from './colleague/colleague.js'
export type {
    Application,
    ApplicationEntry,
    Chunk,
    Chunks
} from './colleague/application.js'
export type { Attach, Attachable, Attachment } from './colleague/transport.js'
export { inMemory } from './colleague/in-memory.js'
export { addresses, type Discover, dns } from './colleague/discovery.js'
export type { Health, Tolerance } from './colleague/health.js'
export type { ListenColleagueOptions } from './colleague/listening.js'
export type { Applied } from './colleague/result-publisher.js'
export type { ColleagueOptions, SourceChoice } from './colleague/options.js'
export type { BootstrapRequest, FoundRequest, JoinRequest } from './colleague/operator-commands.js'
export type { Post, RefusalCode, Reply } from './colleague/out-of-band-messages.js'
export type { ProbesOptions } from './colleague/probes.js'
export type { ReadinessState } from './colleague/readiness.js'
export type { StartOptions } from './colleague/start-options.js'
export type { StartProgress } from './colleague/starting.js'
export type { Turnstile, TurnstileHealth, TurnstileOptions } from './colleague/request-limiter.js'
export type {
    Dispatch, IslanderHealth, IslanderState, Message
} from './publisher/islander-types.js'
export type { EntriesOptions } from './member/log-iterator.js'
export type { Reading, ReadOptions } from './member/reads.js'
export type { WaitOptions } from './base/abort-signal.js'
export { KibitzError, type KibitzErrorCode } from './base/errors.js'
export { Islander } from './publisher/islander.js'
export type { Holdings, Journal, JournalStat } from './journal/journal.js'
export { Kibitzer } from './member/kibitzer.js'
export type { KeptState, Recovered, RecoverOptions, Recovery } from './member/recover-options.js'
export type { LineLogger } from './base/line-log.js'
export { logSink } from './base/member-logger.js'
export { Monotonic } from './base/monotonic.js'
export type { KibitzerOptions } from './member/options.js'
export type { Communique } from './paxos/messages/mailbox.js'
export type { Government } from './paxos/messages/messages.js'
export type {
    Entry,
    GovernmentBody,
    LogEntry,
    Properties,
    Republic,
    Request,
    Response,
    UserBody
} from './paxos/messages/messages.js'
export type { PaxosOptions } from './paxos/options.js'
export { Paxos } from './paxos/paxos.js'
export type { PaxosState } from './paxos/state.js'
export type { Played } from './member/inputs.js'
export type {
    CertificateExpiry, CertificateFault, CertificateFinding
} from './transport/security/certificate-findings.js'
export type { Arrival, Peer, TurnedAway } from './transport/authenticated-peer.js'
export type { Publication } from './publisher/pending-publishes.js'
export type { StateBytes, StatePiece } from './base/state-bytes.js'
export type { ProtocolVersions, Status } from './member/status.js'
export type { WaitKind } from './member/wait-list.js'
export type { Waiting, Waits } from './member/waits.js'
export type { Supersession } from './member/superseded.js'
export { Certificates, type TlsOptions } from './transport/security/certificates.js'
export { type Key, KeyRing } from './transport/security/keys.js'
export type { ConnectOptions } from './transport/call-limits.js'
export { connect, type Send } from './transport/connect.js'
