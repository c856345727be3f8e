import { KibitzError } from '../base/errors.js'
import type { WaitOptions } from '../base/abort-signal.js'
import type { Application, ApplicationEntry } from '../colleague/application.js'
import type { Colleague } from '../colleague/colleague.js'
import type { Applied } from '../colleague/result-publisher.js'
import type { Reading, ReadOptions } from '../member/reads.js'
import type { Publication } from '../publisher/pending-publishes.js'
import type { TrialMember } from './trial-republic.js'

/** The type of the values that an application applies. */
export type BodyOf<App> =
    App extends { apply(entry: ApplicationEntry<infer Body>): unknown } ? Body : unknown

/** The type of the results of an application. */
export type ResultOf<App> =
    App extends { apply(...entry: never[]): infer Result } ? Awaited<Result> : unknown

/** A publish of a client, and its outcome. */
export interface PublishRecord {
    /** The number of the client that published. */
    readonly session: number
    /** The number of the call of the workload. */
    readonly round: number
    /** The id of the member. */
    readonly member: string
    readonly body: unknown
    /** The promise of the entry; `null` while the outcome is unknown. */
    promise: string | null
    /** The error of a publish without a known outcome; `null` otherwise. */
    error: unknown
}

/**
 * A client of a trial at one member. Every call goes through the process that runs at that moment.
 * While the member is down, every call rejects with `unreachable`, and nothing is published.
 */
export class TrialClient<App extends Application<never> = Application> {
    readonly #member: TrialMember
    readonly #record: (body: unknown) => PublishRecord

    constructor(member: TrialMember, record: (body: unknown) => PublishRecord) {
        this.#member = member
        this.#record = record
    }

    /** The id of the member. */
    get id(): string {
        return this.#member.id
    }

    /** Whether the member has started, and serves. */
    get isUp(): boolean {
        return this.#member.running?.isStarted === true
    }

    /** The running Colleague. @throws KibitzError `unreachable` while the member is down. */
    get colleague(): Colleague<BodyOf<App>, ResultOf<App>> {
        return this.#running.colleague as Colleague<BodyOf<App>, ResultOf<App>>
    }

    /** The application of the running process. @throws KibitzError `unreachable`. */
    get application(): App {
        return this.#running.observed.user as App
    }

    get #running(): NonNullable<TrialMember['running']> {
        const { id, running } = this.#member
        if (running?.isStarted !== true) {
            throw new KibitzError('unreachable',
                `Member ${id} of the trial is down, or starts. Nothing was done; try later.`)
        }
        return running
    }

    /** Publishes a value through this member, like `publish` of a Colleague. */
    async publish(body: BodyOf<App>, waiting?: WaitOptions): Promise<Applied<ResultOf<App>>> {
        const { colleague } = this
        const record = this.#record(body)
        try {
            const applied = await colleague.publish(body, waiting ?? {})
            record.promise = applied.promise
            return applied
        } catch (error) {
            record.error = error
            throw error
        }
    }

    /** Waits until this member has applied every entry that was committed before the call. */
    async barrier(waiting?: WaitOptions): Promise<Publication> {
        return await this.colleague.barrier(waiting ?? {})
    }

    /** Waits until the state of this member is fresh enough, like `read` of a Colleague. */
    async read(options?: ReadOptions): Promise<Reading> {
        return await this.colleague.read(options ?? {})
    }
}
