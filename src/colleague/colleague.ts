import { copyQuestion } from './arguments.js'
import type { Attach, Attachment } from './transport.js'
import { type Health, healthOf } from './health.js'
import { Lives } from './lives.js'
import type { Membership } from './membership.js'
import { type ListenColleagueOptions, overNetwork } from './listening.js'
import type { Applied } from './result-publisher.js'
import type { ColleagueOptions } from './options.js'
import { askLeader } from './leader-question.js'
import type { FoundRequest, JoinRequest } from './operator-commands.js'
import { runCommand } from './operator-requests.js'
import { type Callback, promiseOrCall, quiet } from '../base/callbacks.js'
import type { JsonCheck } from '../base/json.js'
import type { Reply } from './out-of-band-messages.js'
import { conditionOf, readinessOf } from './readiness.js'
import type { Turnstile } from './request-limiter.js'
import { stepDown } from './hand-over.js'
import type { StartOptions } from './start-options.js'
import type { KibitzError } from '../base/errors.js'
import type { WaitOptions } from '../base/abort-signal.js'
import type { Kibitzer } from '../member/kibitzer.js'
import type { Reading, ReadOptions } from '../member/reads.js'
import type { Publication } from '../publisher/pending-publishes.js'

/**
 * The application's side of one Kibitzer: a service author writes a state machine (`Application`),
 * and the Colleague applies the log to the state machine.
 *
 * 1. The application receives every entry after its first state, once and in order.
 * 2. A newcomer takes over the state of another member before its application receives the first
 *    entry, and before the newcomer may hold a seat.
 * 3. If the application throws (`application-failed`), if no member provides a state (`stateless`),
 *    or if the republic exiles this member (`exiled`), the Colleague stops: the Kibitzer is
 *    destroyed, and every waiting call and `ended` reject with the same error.
 *
 * Types: `Body` is the type of the published values, and must be JSON. `Result` is the result of
 * `apply`. Without type arguments, both come from the application, or else are `unknown`.
 */
export class Colleague<Body = unknown, Result = unknown> {
    /** Limits the number of requests that are served at the same time. */
    readonly requests: Turnstile
    /** The instant of construction, in milliseconds since the epoch. */
    readonly startedAt: number
    /**
     * Resolves after `destroy` or `leave`. If the Colleague stops by itself, rejects with the
     * reason; without a handler, Node then ends the process: restart the process. If a call of
     * the application or of the transport does not end, `ended` settles ten seconds after the stop.
     */
    readonly ended: Promise<void>
    readonly #lives: Lives<unknown>

    /** @throws KibitzError `invalid-argument` if an option is missing or unusable. */
    constructor(options: ColleagueOptions<Body, Result> & JsonCheck<Body>) {
        this.#lives = new Lives(options as ColleagueOptions)
        this.requests = this.#lives.requests
        this.ended = this.#lives.ended
        this.startedAt = this.#lives.current.startedAt
    }

    /** The member of the republic. Use the Kibitzer to read; publish through the Colleague. */
    get kibitzer(): Kibitzer<Body> {
        return this.#lives.current.kibitzer as Kibitzer<Body>
    }

    get #membership(): Membership<unknown> { return this.#lives.current.membership }

    /** The reason for which the Colleague has stopped by itself; `null` otherwise. */
    get failure(): KibitzError | null {
        return this.#lives.current.failure
    }

    /**
     * Serves this member on an HTTP port, and calls other members over HTTP. With the option
     * `journal`, first restores the member from the journal. Call `listen` before `bootstrap` and
     * `join`. Rejects with `address-in-use`, `invalid-argument`, `already-member` if a transport is
     * attached, a code of the journal, or `destroyed`.
     */
    listen(options: ListenColleagueOptions | null = {}): Promise<Attachment> {
        return this.attach(overNetwork(options))
    }

    /**
     * Starts this member with the same call at every start: recovers the journal, listens, and
     * comes back to the republic, joins it, or founds it together with the other founders.
     * Resolves after the member has applied all entries that were committed before. A wait of more
     * than five seconds reports its reason in the log, and `health().start` shows the reason. After
     * `aborted` call `start` again. Rejects with `aborted`, `address-in-use`, `refused` if another
     * service, or another run of this service, answers, a code of the journal, or with the reason
     * why the Colleague has stopped. If you handle that reason here, `ended` ends no process.
     *
     * @throws KibitzError `invalid-argument`.
     */
    start(options: StartOptions): Promise<void> {
        const request = this.#lives.readStart(options)
        return this.#lives.tell(this.#lives.start(request, (attach) => this.attach(attach)))
    }

    /**
     * Ends this member for a while, for example before an upgrade: a leader hands over, then the
     * journal and the listeners close. Resolves after that. The member keeps its seat, and `start`
     * of a new Colleague with the same journal brings it back. A member without a journal cannot
     * come back as itself, and gives up its seat, as with `leave`, within two seconds.
     */
    async stop(): Promise<void> {
        const { current } = this.#lives
        current.announceStop()
        await stepDown(current)
        this.destroy()
        await this.ended.catch(() => {})
    }

    /** `await using` stops the member at the end of its block. */
    [Symbol.asyncDispose](): Promise<void> {
        return this.stop()
    }

    /** The same as `listen`, for any transport. */
    attach(attach: Attach): Promise<Attachment> {
        const { current } = this.#lives
        return quiet(current.attach(attach, {
            kibitzer: this.kibitzer,
            properties: current.settings.properties as Readonly<Record<string, unknown>>,
            answer: (post) => this.answer(post),
            request: (type, body) => this.request(type, body),
            readiness: () => readinessOf(conditionOf(this.#lives.current))
        }))
    }

    /**
     * Founds a republic with this member only. Exactly one member of a service calls `bootstrap`.
     * If this member has recovered a membership from its journal, founds no republic. Resolves once
     * the application follows the log. Rejects with `already-member`, `invalid-argument`,
     * `destroyed`, or with the reason for which the Colleague has stopped.
     */
    bootstrap(request?: FoundRequest | null): Promise<null>
    bootstrap(request: FoundRequest | null, callback: Callback<null>): void
    bootstrap(
        request: FoundRequest | null = {},
        callback?: Callback<null>
    ): Promise<null> | undefined {
        return promiseOrCall(() => this.#membership.bootstrap(request), callback)
    }

    /**
     * Joins a republic, in these steps:
     *
     * 1. Asks the found members for admission, with growing pauses, until a member accepts. If
     *    another citizen has the same id, the admission waits for the exile of that citizen.
     * 2. Takes over the state of another member.
     * 3. With a journal: writes a snapshot of the state to the journal.
     * 4. Naturalizes: from then on the member may hold a seat.
     *
     * Resolves after the last step. After a restart with the journal, `join` continues at the first
     * missing step. Rejects with `refused` if a member of another service or of another run
     * answers, with `already-member` after `bootstrap`, `invalid-argument`, `aborted`, `destroyed`,
     * or with the reason for which the Colleague has stopped.
     */
    join(request: JoinRequest): Promise<null>
    join(request: JoinRequest, callback: Callback<null>): void
    join(request: JoinRequest, callback?: Callback<null>): Promise<null> | undefined {
        return promiseOrCall(() => this.#membership.join(request), callback)
    }

    /**
     * Asks for the exile of the member, waits for the exile, and stops. A leader first transfers
     * leadership. If no other member holds the log, rejects with `alone`, and the member continues.
     * If the signal aborts, rejects with `aborted`; the request for the exile stands. Also rejects
     * with the reason for which the Colleague has stopped.
     */
    leave(waiting?: WaitOptions | null): Promise<null>
    leave(waiting: WaitOptions | null, callback: Callback<null>): void
    leave(waiting: WaitOptions | null = {}, callback?: Callback<null>): Promise<null> | undefined {
        return promiseOrCall(() => this.#lives.current.leave(waiting), callback)
    }

    /**
     * Transfers leadership to a naturalized citizen. No entry is lost or repeated. Resolves with
     * the promise of the citizen's government. Rejects like `cede` of a Kibitzer.
     */
    cede(id: string, waiting: WaitOptions | null = {}): Promise<Publication> {
        return this.kibitzer.cede(id, waiting)
    }

    /** At the leader: exiles a citizen that is gone for good. As `exile` of a Kibitzer. */
    exile(id: string, waiting: WaitOptions | null = {}): Promise<Publication> {
        return this.kibitzer.exile(id, waiting)
    }

    /**
     * Publishes a value. After the application at this member has applied the entry, resolves with
     * the promise of the entry and the result of `apply`. Rejects like `publish` of a Kibitzer, or
     * with the reason for which the Colleague has stopped. Rejects with `trimmed` if the entry is
     * committed, but this member has taken over a state that contains the entry: do not publish
     * the value again.
     */
    publish(value: Body, waiting: WaitOptions | null = {}): Promise<Applied<Result>> {
        const { publisher } = this.#lives.current.follower
        return quiet(publisher.publish(value, waiting) as Promise<Applied<Result>>)
    }

    /** Publishes values in order, each as an entry. Resolves with one result for each value. */
    publishAll(
        values: readonly Body[],
        waiting: WaitOptions | null = {}
    ): Promise<readonly Applied<Result>[]> {
        const { publisher } = this.#lives.current.follower
        const published = publisher.publishAll(values, waiting)
        return quiet(published as Promise<readonly Applied<Result>[]>)
    }

    /**
     * Resolves once the application at this member has applied every entry that was committed at
     * any member before the call. A read of the state after the barrier is linearizable.
     */
    barrier(waiting: WaitOptions | null = {}): Promise<Publication> {
        return quiet(this.#lives.current.follower.barrier(waiting))
    }

    /**
     * Reads the position of the application at this member, at this member alone: no message, no
     * entry, no disk write. Without conditions, resolves at once. With `after`, the promise that a
     * `publish` returned at whichever member, waits until the application has applied that entry.
     * With `maxStalenessMs`, waits until the application has applied every entry that any member
     * committed more than so many milliseconds ago.
     *
     * Resolves with the last applied entry and the bound of the age. Rejects with `too-stale` after
     * `timeout`, with `aborted`, `invalid-argument`, or with the reason for which the Colleague has
     * stopped.
     */
    read(options: ReadOptions | null = {}): Promise<Reading> {
        return quiet(this.#lives.current.follower.read(options))
    }

    /**
     * Asks the application of the current leader, by its method `outOfBand`. The Colleague does not
     * repeat the question. Rejects with `unreachable`, `refused` or `overloaded`. If the question
     * of an admitted newcomer without a state fails, the newcomer stops.
     *
     * @throws KibitzError `invalid-argument` if the name is no text of 1 to 256 characters, or if
     * the post is no JSON value.
     */
    outOfBand(name: string, post: unknown): Promise<unknown>
    outOfBand(name: string, post: unknown, callback: Callback<unknown>): void
    outOfBand(
        name: string,
        post: unknown,
        callback?: Callback<unknown>
    ): Promise<unknown> | undefined {
        const copy = copyQuestion(name, post)
        return promiseOrCall(() => askLeader(this.#lives.current, name, copy), callback)
    }

    /** Answers an out-of-band question of another Colleague. Never rejects. */
    answer(post: unknown): Promise<Reply> {
        return this.#lives.current.outOfBandServer.answer(post)
    }

    /**
     * Declares that the member may hold a seat. The Colleague calls this method itself after the
     * member has received the state.
     */
    naturalized(): void {
        this.kibitzer.naturalize()
    }

    /** The health of the member at the time of the call, for an operator. */
    health(): Promise<Health>
    health(callback: Callback<Health>): void
    health(callback?: Callback<Health>): Promise<Health> | undefined {
        return promiseOrCall(async () => healthOf(this.#lives.current), callback)
    }

    /**
     * Runs an operator command: `health`; `kibitz` with an envelope of another Kibitzer; `join`,
     * `bootstrap` and `exile` with the fields of their requests; `shutdown`. The answer to any
     * other type is `{ cookie: null, body: null }`. Never throws; rejects like the method of the
     * command.
     */
    request(type: string, body: unknown): Promise<unknown>
    request(type: string, body: unknown, callback: Callback<unknown>): void
    request(
        type: string,
        body: unknown,
        callback?: Callback<unknown>
    ): Promise<unknown> | undefined {
        const { kibitzer, membership } = this.#lives.current
        const parts = {
            kibitzer,
            membership,
            health: () => healthOf(this.#lives.current),
            destroy: () => this.destroy()
        }
        return promiseOrCall(() => runCommand(parts, type, body), callback)
    }

    /** Stops the Colleague and its Kibitzer. Waiting calls reject with `destroyed`. */
    destroy(): void {
        this.#lives.destroy()
    }
}
