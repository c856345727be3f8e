import type { Clock } from '../base/clock.js'
import { limitsOf, type WaitOptions } from '../base/abort-signal.js'
import { KibitzError, misuse } from '../base/errors.js'
import { callAsOwner } from '../member/call-within.js'
import { Kibitzer } from '../member/kibitzer.js'
import { readsOf } from '../member/member-parts.js'
import { MemberLogger } from '../base/member-logger.js'
import { nameService } from '../member/member-log.js'
import type { Properties } from '../paxos/messages/messages.js'
import { Founding } from './founding.js'
import { Joining } from './joining.js'
import type { Application } from './application.js'
import { checkAttach, readAttachment } from './arguments.js'
import type { Attach, Attachable, Attachment } from './transport.js'
import { ColleagueRecovery } from './recovery.js'
import { MemberRequests } from './member-requests.js'
import { OutOfBandServer } from './out-of-band-server.js'
import { END_LIMIT_MS, untilEnded } from './end-within.js'
import { LogFollower } from './log-follower.js'
import { OutOfBandClient } from './out-of-band-client.js'
import { type ColleagueSettings, kibitzerOptions } from './options.js'
import { SnapshotWatch } from './state-health.js'
import { Turnstile } from './request-limiter.js'
import { Membership } from './membership.js'
import { destroyed, exiled, unexpected } from './stop-reasons.js'
import { Starting } from './starting.js'
import { explainWaits } from './wait-reasons.js'

/**
 * Creates, starts and stops the parts of a Colleague. The end of one part stops all parts.
 */
export class Lifecycle<Result> {
    readonly kibitzer: Kibitzer
    readonly requests: Turnstile
    readonly startedAt: number
    readonly settings: ColleagueSettings
    readonly memberRequests: MemberRequests
    readonly snapshotWatch: SnapshotWatch
    readonly follower: LogFollower<Result>
    readonly outOfBandServer: OutOfBandServer
    readonly joining: Joining
    readonly starting: Starting
    readonly membership: Membership<Result>
    /** Resolves after the Kibitzer and the transport have ended; rejects with the failure. */
    readonly ended: Promise<void>
    /** The reason for which the Colleague has stopped by itself. */
    failure: KibitzError | null = null
    /** The transport that carries for this member; `null` before that. */
    transport: Attach | null = null
    readonly #logger: MemberLogger
    readonly #clock: Clock
    readonly #outOfBand: OutOfBandClient
    readonly #closed = new AbortController()
    readonly #onStop: (reason: KibitzError) => void
    #attachment: Attachment | null = null
    #isAttaching = false
    #isStopped = false
    #isLeaving = false
    #isAboutToStop = false
    #isDestroyed = false
    #isDetached = false
    /** `null` if the member has no journal. */
    readonly #recovery: ColleagueRecovery | null
    #interval: NodeJS.Timeout | null = null
    #resolveEnded: () => void = () => {}

    /**
     * @param requests Serves the requests of clients, also after a restart of these parts.
     * @param onStop Called once, when the parts stop.
     */
    constructor(
        settings: ColleagueSettings,
        requests: Turnstile,
        clock: Clock,
        onStop: (reason: KibitzError) => void
    ) {
        this.#onStop = onStop
        const { options: given } = settings
        const application = given.application as Application<unknown, Result>
        const kibitzer = new Kibitzer(kibitzerOptions(given))
        this.kibitzer = kibitzer
        nameService(kibitzer.paxos, settings.islandName)
        this.#logger = new MemberLogger('kibitz/colleague', () => kibitzer.paxos)
        this.settings = settings
        this.#clock = clock
        this.startedAt = this.#clock.now()
        this.requests = requests
        this.#outOfBand = new OutOfBandClient(settings.outOfBandTimeout, kibitzer.paxos)
        const outOfBandServer = (): OutOfBandServer => this.outOfBandServer
        this.memberRequests = new MemberRequests(
            settings.islandName, kibitzer, this.#outOfBand, outOfBandServer
        )
        const now = (): number => this.#clock.now()
        const founding = new Founding(now, 2 * settings.outOfBandTimeout, settings.drawHex)
        this.snapshotWatch = new SnapshotWatch(now, settings, kibitzer.paxos)
        const { memberRequests, snapshotWatch } = this
        const follower = new LogFollower(
            kibitzer, application, memberRequests, settings, snapshotWatch
        )
        this.follower = follower
        const reads = readsOf(kibitzer)
        reads.follow(follower.stateMachine)
        follower.stateMachine.onAdvance(() => reads.settleDecided())
        const fail = (error: Error): void => this.fail(error)
        this.#recovery =
            given.journal === undefined ? null : new ColleagueRecovery(kibitzer, follower, fail)
        const questions = new Turnstile(this.#clock, {
            requestsActive: settings.questionsActive,
            requestsWaiting: settings.questionsWaiting
        })
        this.outOfBandServer = new OutOfBandServer(
            kibitzer, application, follower.stateMachine, questions, settings, founding
        )
        this.joining = new Joining(kibitzer, this.#outOfBand, settings)
        this.starting = new Starting(kibitzer, this.#outOfBand, settings, founding, now)
        const { joining, starting } = this
        explainWaits(kibitzer.waits, { joining, starting, follower })
        this.membership = new Membership({
            kibitzer, joining, starting, follower, now,
            islandId: given.islandId ?? null,
            pingMs: settings.ping, random: settings.random,
            closed: this.#closed.signal,
            isRecovered: () => this.#recovery?.isMember === true,
            startFollowing: () => this.#startFollowing(),
            callsTls: () => this.#attachment?.callsTls,
            stopReason: () => (this.#isStopped ? (this.failure ?? destroyed()) : null)
        })
        this.ended = new Promise((resolve, reject) => {
            this.#resolveEnded = () => (this.failure === null ? resolve() : reject(this.failure))
        })
        kibitzer.destruction.wait((error) => {
            this.#isDestroyed = true
            this.#endWhenDetached(error ?? null)
        })
    }

    /** The transport of this member; `null` before `attach`. */
    get attachment(): Attachment | null {
        return this.#attachment
    }

    /** Whether the member leaves, is about to stop, or was destroyed. */
    get isStopping(): boolean {
        return this.#isLeaving || this.#isAboutToStop || this.#isStopped
    }

    /** From now on the probes show that the member stops, so that clients go elsewhere. */
    announceStop(): void {
        this.#isAboutToStop = true
    }

    /**
     * Recovers the member from its journal, connects the member to a transport, and starts the
     * timers.
     */
    async attach(attach: Attach, attachable: Attachable): Promise<Attachment> {
        checkAttach(attach)
        this.#rejectClosed()
        if (this.#isAttaching) {
            misuse(
                'already-member', 'This Colleague already has a transport. Nothing was changed.'
            )
        }
        this.#isAttaching = true
        this.follower.hasBegun = true
        let attachment: Attachment | null = null
        try {
            await this.#recovery?.recover()
            this.#onInterval()
            this.#rejectClosed()
            attachment = readAttachment(await attach(attachable))
            this.#rejectClosed()
            this.#recovery?.resume(this.#propertiesOf(attachment))
        } catch (error) {
            this.#isAttaching = false
            await attachment?.close()
            throw error
        }
        this.#attachment = attachment
        this.transport = attach
        this.#outOfBand.attach(attachment)
        this.#interval ??= setInterval(() => this.#onInterval(), this.settings.timeout)
        this.kibitzer.listen()
        return attachment
    }

    /** The properties of the member, for the other members. */
    #propertiesOf(attachment: Attachment): Properties {
        return { ...attachment.properties, ...this.settings.properties }
    }

    /** Asks for the exile of the member, waits for the exile, and stops. */
    async leave(waiting: WaitOptions | null): Promise<null> {
        const limits = limitsOf('leave', waiting)
        this.#rejectClosed()
        this.#isLeaving = true
        try {
            await callAsOwner(this.kibitzer.waits, 'leave', limits, (signal) =>
                this.kibitzer.leave({ signal: signal ?? null }))
        } catch (error) {
            // An abort ends the wait only: the request for the exile stands.
            this.#isLeaving = error instanceof KibitzError
                && ['aborted', 'timed-out'].includes(error.code)
            throw this.#isStopped ? (this.failure ?? destroyed()) : error
        }
        this.destroy()
        return null
    }

    /** Starts to follow the log. Returns the properties of the member for the other members. */
    #startFollowing(): Properties {
        this.#rejectClosed()
        if (this.#attachment === null) {
            misuse(
                'invalid-argument',
                'This Colleague has no transport yet. Nothing was done; call listen first.'
            )
        }
        // A second call of `follow` does nothing: `recover` has already called `follow`.
        this.follower.follow(null).catch((error) => this.fail(error))
        return this.#propertiesOf(this.#attachment)
    }

    /**
     * Stops an exiled member, and takes a snapshot for the journal if one is due. The log of an
     * exiled member may lack its exile: then the member learns of the exile from the answers to
     * its calls.
     */
    #onInterval(): void {
        if (this.kibitzer.paxos.exiled && this.#isLeaving) {
            this.destroy()
        } else if (this.kibitzer.paxos.exiled) {
            this.fail(exiled())
        }
        void this.follower.periodicSnapshots.saveIfDue()
    }

    /** Logs the failure, and stops all parts with the failure as reason. */
    fail(cause: Error): void {
        if (this.#isStopped) {
            return
        }
        const { islandName } = this.settings
        this.failure = cause instanceof KibitzError ? cause : unexpected(cause)
        const { code, message } = this.failure
        this.#logger.error('failure', { islandName, code, message })
        this.destroy()
    }

    /**
     * Stops all parts. The waiting calls of the Colleague reject before the Kibitzer is destroyed:
     * so they reject with the reason of the Colleague.
     */
    destroy(): void {
        this.#stop()
        this.kibitzer.destroy()
    }

    #stop(): void {
        if (this.#isStopped) {
            return
        }
        this.#isStopped = true
        const reason = this.failure ?? destroyed()
        clearInterval(this.#interval ?? undefined)
        this.#closed.abort(reason)
        this.follower.close(reason)
        this.outOfBandServer.snapshotCache.close()
        this.#onStop(reason)
        this.outOfBandServer.questions.close(reason)
        this.#outOfBand.close(reason)
        const closing = this.#attachment?.close() ?? Promise.resolve()
        // The application may be applying an entry. `ended` waits for the entry, but not forever.
        void untilEnded([closing, this.follower.stateMachine.idle()]).then((hasEnded) => {
            if (!hasEnded) {
                this.#logger.error('endTimeout', { limitMs: END_LIMIT_MS })
            }
            this.#isDetached = true
            this.#endWhenDetached(null)
        })
    }

    /** Settles `ended` after both the transport and the Kibitzer have ended. */
    #endWhenDetached(error: Error | null): void {
        if (error !== null) {
            this.fail(error)
        }
        this.#stop()
        if (this.#isDestroyed && this.#isDetached) {
            this.#resolveEnded()
        }
    }

    #rejectClosed(): void {
        if (this.#isStopped) {
            throw this.failure ?? destroyed()
        }
    }
}
