import cadence from 'cadence'
import type { Cadenced } from 'cadence'
import { copyQuestion } from './arguments.js'
import type { Attach, Attachment } from './transport.js'
import type { Discover } from './discovery.js'
import { type Health, healthOf } from './health.js'
import { Lifecycle } from './lifecycle.js'
import { type ListenColleagueOptions, overHttp } from './http.js'
import type { Applied } from './result-publisher.js'
import type { ColleagueOptions } from './options.js'
import {
    type BootstrapRequest,
    isOperatorCommand,
    type JoinCommand,
    readBootstrap,
    readJoin
} from './operator-commands.js'
import { passResult, quiet, type Callback, promiseOrCallback } from '../base/callbacks.js'
import type { Reply } from './out-of-band-messages.js'
import { conditionOf, readinessOf } from './readiness.js'
import type { Turnstile } from './request-limiter.js'
import type { KibitzError } from '../base/errors.js'
import type { WaitOptions } from '../base/abort-signal.js'
import type { Kibitzer } from '../member/kibitzer.js'
import type { Republic } from '../paxos/messages/messages.js'
import type { Publication } from '../publisher/pending-publishes.js'

/** Which republic to join, and through whom. */
export interface JoinRequest extends JoinCommand {
    /** Where members may be: addresses, `host:port` or urls, or what finds them. */
    readonly through: Discover | readonly string[]
    /** The run of the service. @default the option `islandId`, else that of whoever is asked */
    readonly islandId?: Republic | null
}

/**
 * An application's side of one Kibitzer: a service author writes a state machine, and the Colleague
 * has it follow the log from the right state on.
 *
 * 1. The application is given every entry behind the state that it begins with, once, in order.
 * 2. A newcomer takes the state over from another member before it is given anything, and before
 *    it may hold a seat.
 * 3. Once the application throws, or no state is to be had, or the republic has exiled this member,
 *    it stops: its Kibitzer is destroyed, everything that waits rejects with the one reason, and
 *    so does `ended`.
 */
export class Colleague<Result = unknown> {
    /** The member of the republic. Read it; publish through the Colleague. */
    readonly kibitzer: Kibitzer
    /** Serves requests, of other colleagues and your own, so many at a time. */
    readonly requests: Turnstile
    /** When it was made, in milliseconds since the epoch. */
    readonly startedAt: number
    /**
     * Resolves when it was destroyed; rejects with why it has stopped by itself. Where nobody
     * handles that, Node ends the process: crash, and start over. If a call of the application or
     * the transport does not end, `ended` settles ten seconds later all the same.
     */
    readonly ended: Promise<void>

    readonly #lifecycle: Lifecycle<Result>

    /** @throws KibitzError `invalid-argument` where an option is not usable. */
    constructor(options: ColleagueOptions<Result>) {
        this.#lifecycle = new Lifecycle(options)
        const { kibitzer, requests, startedAt, ended } = this.#lifecycle
        this.kibitzer = kibitzer
        this.requests = requests
        this.startedAt = startedAt
        this.ended = ended
    }

    /** Why it has stopped by itself; `null` while it has not. */
    get failure(): KibitzError | null {
        return this.#lifecycle.failure
    }

    /**
     * Serves this member over HTTP on a port of its own, and asks others over HTTP. Do it before
     * `bootstrap` and `join`. Rejects with `address-in-use`, `invalid-argument`, `destroyed`.
     */
    listen(options: ListenColleagueOptions | null = {}): Promise<Attachment> {
        return this.attach(overHttp(options))
    }

    /** The same by whatever transport. */
    attach(attach: Attach): Promise<Attachment> {
        return quiet(this.#lifecycle.attach(attach, {
            kibitzer: this.kibitzer,
            properties: this.#lifecycle.settings.properties as Readonly<Record<string, unknown>>,
            answer: (post) => this.answer(post),
            request: (type, body) => this.request(type, body),
            readiness: () => readinessOf(conditionOf(this.#lifecycle))
        }))
    }

    /**
     * Founds a republic with this member alone. Exactly one member of a service does this, once.
     * Resolves once the application follows the log. Rejects with `already-member`,
     * `invalid-argument`, `destroyed`, or with why the Colleague has stopped.
     */
    bootstrap(request: BootstrapRequest | null = {}, callback?: Callback<null>): Promise<unknown> {
        return promiseOrCallback(
            (done) => passResult(this.#lifecycle.bootstrap(request), done), callback
        )
    }

    /**
     * Joins a republic: asks the members that are found, again and again with growing pauses, waits
     * for the exile of an earlier bearer of its id, takes over the state, puts the state into the
     * journal if there is one, and declares itself ready for a seat. Resolves with all that done;
     * after a restart with the journal, `join` continues at the step that is missing. Rejects with
     * `refused` if another service or another run of it is found, `aborted`, `destroyed`, or with
     * why the Colleague has stopped.
     */
    join(request: JoinRequest, callback?: Callback<null>): Promise<unknown> {
        return promiseOrCallback(
            (done) => passResult(this.#lifecycle.join(request), done), callback
        )
    }

    /**
     * Asks to be exiled, waits for it, and ends: nobody counts on this member any more. A leader
     * hands over first. Rejects with `alone` where nobody else holds the log, and goes on then;
     * with `aborted`, though it has asked; or with why the Colleague has stopped.
     */
    leave(waiting: WaitOptions | null = {}, callback?: Callback<null>): Promise<unknown> {
        return promiseOrCallback(
            (done) => passResult(this.#lifecycle.leave(waiting), done), callback
        )
    }

    /**
     * Hands leadership to a naturalized citizen. No entry is lost or comes twice. Resolves with the
     * number of the government that it leads; rejects as a Kibitzer's `cede` does.
     */
    cede(id: string, waiting: WaitOptions | null = {}): Promise<Publication> {
        return this.kibitzer.cede(id, waiting)
    }

    /**
     * Publishes a value. Resolves with its number and with what the application at this member said
     * to it, once it has. Rejects as a Kibitzer's does, or with why the Colleague has stopped.
     */
    publish(value: unknown, waiting: WaitOptions | null = {}): Promise<Applied<Result>> {
        return quiet(this.#lifecycle.follower.publisher.publish(value, waiting))
    }

    /** Publishes values, each an entry of its own, in their order. */
    publishAll(
        values: readonly unknown[],
        waiting: WaitOptions | null = {}
    ): Promise<readonly Applied<Result>[]> {
        return quiet(this.#lifecycle.follower.publisher.publishAll(values, waiting))
    }

    /**
     * Resolves once the application at this member has applied everything that was committed
     * anywhere before the call: what is read from it then is linearizable.
     */
    barrier(waiting: WaitOptions | null = {}): Promise<Publication> {
        return quiet(this.#lifecycle.follower.barrier(waiting))
    }

    /**
     * Asks the application of whoever leads now. There is no second try. Rejects with
     * `unreachable`, `refused` or `overloaded`; a newcomer that has no state yet then stops.
     *
     * @throws KibitzError `invalid-argument` where the name is no text, or JSON cannot carry the
     * post.
     */
    outOfBand(name: string, post: unknown, callback?: Callback<unknown>): Promise<unknown> {
        const admitted = copyQuestion(name, post)
        return promiseOrCallback((done) => {
            this.#lifecycle.memberRequests.askLeader(name, admitted, (error, result) => {
                const isAdmitted = this.kibitzer.paxos.government.promise !== '0/0'
                if (error && isAdmitted && !this.#lifecycle.follower.wasCurrent) {
                    this.#lifecycle.fail(error)
                }
                done(error, result)
            })
        }, callback)
    }

    /** Answers what another colleague asked out of band. Never rejects. */
    answer(post: unknown): Promise<Reply> {
        return this.#lifecycle.outOfBandServer.answer(post)
    }

    /** Says that this member may hold a seat. It says so itself once it has the state. */
    naturalized(): void {
        this.kibitzer.naturalize()
    }

    /** What an operator wants to know, as of now. */
    health(callback?: Callback<Health>): Promise<Health | undefined> {
        return promiseOrCallback((done) => this.#health(done), callback)
    }

    readonly #health: Cadenced<Colleague<Result>, [], [Health]> = cadence(function () {
        return [healthOf(this.#lifecycle)]
    })

    /**
     * Does what it is told by name: `health`, `kibitz` takes an envelope of another Kibitzer,
     * `join` and `bootstrap` take their requests, `shutdown`. Anything else is answered with a
     * body of `null`. Never throws; what a known one rejects with, it rejects with.
     */
    request(type: string, body: unknown, callback?: Callback<unknown>): Promise<unknown> {
        return promiseOrCallback((done) => this.#request(type, body, done), callback)
    }

    readonly #request: Cadenced<Colleague<Result>, [string, unknown], [unknown]> = cadence(
        function (async, type: string, body: unknown) {
            if (!isOperatorCommand(type)) {
                return [{ cookie: null, body: null }]
            }
            switch (type) {
                case 'health':
                    this.#health(async())
                    return []
                case 'kibitz':
                    this.kibitzer.request(body, async())
                    return []
                case 'join':
                    passResult(this.#lifecycle.join(readJoin(body)), async())
                    return []
                case 'bootstrap':
                    passResult(this.#lifecycle.bootstrap(readBootstrap(body)), async())
                    return []
                case 'shutdown':
                    this.destroy()
                    return [null]
                default:
                    return type satisfies never
            }
        }
    )

    /** Stops everything. What waits rejects with `destroyed`. */
    destroy(): void {
        this.#lifecycle.destroy()
    }
}
