/// <reference path="./declarations/cadence.d.ts" preserve="true" />
/// <reference path="./declarations/conduit.d.ts" preserve="true" />
/// <reference path="./declarations/destructible.d.ts" preserve="true" />
/// <reference path="./declarations/happenstance.d.ts" preserve="true" />
/// <reference path="./declarations/procession.d.ts" preserve="true" />
/// <reference path="./declarations/prolific.logger.d.ts" preserve="true" />
/// <reference path="./declarations/rescue.d.ts" preserve="true" />
/// <reference path="./declarations/signal.d.ts" preserve="true" />
export type { DateLike } from './clock.js'
export { Colleague, type JoinRequest } from './colleague.js'
export type {
    Application,
    ApplicationEntry,
    Chunk,
    Chunks
} from './colleague/application.js'
export type { Attach, Attachable, Attachment } from './colleague/attach.js'
export { addresses, type Discover, dns } from './colleague/discovery.js'
export type { Health, Tolerance } from './colleague/health.js'
export type { ListenColleagueOptions } from './colleague/http.js'
export type { Applied } from './colleague/mirror.js'
export type { ColleagueOptions, SourceChoice } from './colleague/options.js'
export type { BootstrapRequest } from './colleague/orders.js'
export type { Post, RefusalCode, Reply } from './colleague/post.js'
export type { ProbesOptions } from './colleague/probes.js'
export type { ReadinessState } from './colleague/readiness.js'
export type { Turnstile, TurnstileHealth, TurnstileOptions } from './colleague/turnstile.js'
export type { Dispatch, IslanderHealth, IslanderState, Message } from './dispatch.js'
export type { EntriesOptions, WaitOptions } from './entries.js'
export { KibitzError, type KibitzErrorCode } from './error.js'
export { Islander } from './islander.js'
export type { Holdings, Journal, JournalStat } from './journal/journal.js'
export { Kibitzer } from './kibitzer.js'
export type { KeptState, Recovered, RecoverOptions, Recovery } from './keeper.js'
export { Monotonic } from './monotonic.js'
export type { KibitzerOptions } from './options.js'
export type { Government } from './paxos/government.js'
export type {
    Communique,
    Entry,
    GovernmentBody,
    LogEntry,
    Properties,
    Republic,
    Request,
    Response,
    UserBody
} from './paxos/message.js'
export type { PaxosOptions } from './paxos/options.js'
export { Paxos } from './paxos/paxos.js'
export type { PaxosState } from './paxos/state.js'
export type { Played } from './played.js'
export type { CertificateFault, CertificateFinding } from './certificate-findings.js'
export type { Arrival, Peer, TurnedAway } from './peer.js'
export type { Publication } from './publications.js'
export type { StateBytes, StatePiece } from './state-bytes.js'
export type { Status } from './status.js'
export type { Supersession } from './superseded.js'
export { Certificates, type TlsOptions } from './transport/certificates.js'
export { type Key, KeyRing } from './transport/keys.js'
export { connect, type ConnectOptions, type Send } from './transport/transport.js'
