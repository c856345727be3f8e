import { copyAsJson, jsonSize } from '../base/json-value.js'
import { KibitzError } from '../base/errors.js'
import type { Kibitzer } from '../member/kibitzer.js'
import { MemberLogger } from '../base/member-logger.js'
import { Rejections } from '../member/rejections.js'
import type { Application } from './application.js'
import type { ColleagueSettings } from './options.js'
import {
    ANSWER_SIZE_MAX,
    CHUNK,
    INTRODUCE,
    type Post,
    read,
    type RefusalCode,
    type Reply,
    SNAPSHOT
} from './out-of-band-messages.js'
import type { StateMachine } from './state-machine.js'
import type { Founding } from './founding.js'
import { readStartQuestion, START } from './start-messages.js'
import { SnapshotCache } from './snapshot-cache.js'
import type { Turnstile } from './request-limiter.js'

/** The names that the application cannot answer. */
const RESERVED = /^colleague\./

/**
 * Answers the out-of-band questions of other Colleagues. Refuses and counts a question that is
 * malformed, or addressed to another service or to another member.
 */
export class OutOfBandServer {
    readonly snapshotCache: SnapshotCache
    readonly #logger: MemberLogger
    readonly #kibitzer: Pick<Kibitzer, 'paxos'>
    readonly #application: Application
    readonly #stateMachine: Pick<StateMachine, 'hasFailed' | 'isCurrent'>
    /** Limits the questions for the application. A slow answer delays no snapshot and no chunk. */
    readonly questions: Turnstile
    readonly #settings: ColleagueSettings
    readonly #founding: Founding
    readonly #refusals = new Rejections()

    constructor(
        kibitzer: Pick<Kibitzer, 'paxos'>,
        application: Application,
        stateMachine: Pick<StateMachine, 'applied' | 'hasFailed' | 'isCurrent' | 'snapshot'>,
        questions: Turnstile,
        settings: ColleagueSettings,
        founding: Founding
    ) {
        this.#logger = new MemberLogger('kibitz/colleague', () => kibitzer.paxos)
        this.#kibitzer = kibitzer
        this.#application = application
        this.#stateMachine = stateMachine
        this.questions = questions
        this.#settings = settings
        this.#founding = founding
        this.snapshotCache = new SnapshotCache(stateMachine, settings)
    }

    /** Number of refused questions, by code. */
    refusals(): Readonly<Record<string, number>> {
        return this.#refusals.counts()
    }

    /** Answers a question. Never rejects. */
    async answer(value: unknown): Promise<Reply> {
        const reply = await this.#answerOrRefuse(value)
        if (reply.refusal !== undefined) {
            this.#refusals.count(reply.refusal)
        }
        return reply
    }

    async #answerOrRefuse(value: unknown): Promise<Reply> {
        const post = read.post(value)
        const refusal = post === null ? 'malformed' : this.#rejectPost(post)
        if (post === null || refusal !== null) {
            return { refusal: refusal ?? 'malformed' }
        }
        try {
            return await this.#dispatch(post)
        } catch (error) {
            if (error instanceof KibitzError) {
                return { refusal: error.code === 'overloaded' ? 'overloaded' : 'stateless' }
            }
            const { message } = error instanceof Error ? error : { message: String(error) }
            this.#logger.error('outOfBand', { name: post.name, message })
            return { refusal: 'failed' }
        }
    }

    #rejectPost({ islandName, islandId, colleagueId, name }: Post): RefusalCode | null {
        const { republic } = this.#kibitzer.paxos
        const isOther = islandId !== null && republic !== null && islandId !== republic
        if (islandName !== this.#settings.islandName || isOther) {
            return 'other-island'
        }
        if (colleagueId !== null && colleagueId !== this.#settings.colleagueId) {
            return 'other-colleague'
        }
        // A member without a republic answers the members that start with it.
        return this.#isCitizen || name === START ? null : 'not-ready'
    }

    /** Whether the log has admitted the member and has not exiled it. */
    get #isCitizen(): boolean {
        const { government, exiled } = this.#kibitzer.paxos
        return government.promise !== '0/0' && !exiled
    }

    async #dispatch({ name, post }: Post): Promise<Reply> {
        switch (name) {
            case INTRODUCE:
                return this.#onIntroduce(post)
            case START:
                return this.#onStart(post)
            case SNAPSHOT:
                return await this.#onSnapshot(post)
            case CHUNK: {
                const asked = read.chunkPost(post)
                return replyOf(
                    asked === null
                        ? 'malformed'
                        : await this.snapshotCache.chunk(asked)
                )
            }
            default:
                return await this.#askApplication(name, post)
        }
    }

    async #askApplication(name: string, post: unknown): Promise<Reply> {
        if (RESERVED.test(name) || this.#application.outOfBand === undefined) {
            return { refusal: 'unknown-name' }
        }
        const { outOfBand } = this.#application
        return this.#stateMachine.isCurrent
            ? await this.questions.enter(async () =>
                  limitedReply(await outOfBand.call(this.#application, name, post))
              )
            : { refusal: this.#missingState }
    }

    #onIntroduce(post: unknown): Reply {
        const { republic, government } = this.#kibitzer.paxos
        const asked = read.introducePost(post)
        if (asked === null || republic === null) {
            return { refusal: 'malformed' }
        }
        const isTaken = Object.hasOwn(government.immigrated.promise, asked.id)
        return { result: Object.freeze({ islandId: republic, isTaken }) }
    }

    #onStart(post: unknown): Reply {
        const asked = readStartQuestion(post)
        if (asked === null) {
            return { refusal: 'malformed' }
        }
        const { id, republic } = this.#kibitzer.paxos
        const membership = { id, republic: this.#isCitizen ? republic : null }
        return { result: this.#founding.answer(asked, membership) }
    }

    async #onSnapshot(post: unknown): Promise<Reply> {
        const asked = read.snapshotPost(post)
        if (asked === null) {
            return { refusal: 'malformed' }
        }
        if (asked.founding !== this.#kibitzer.paxos.founding) {
            return { refusal: 'other-island' }
        }
        return this.#stateMachine.isCurrent
            ? replyOf(await this.snapshotCache.offer(asked.through))
            : { refusal: this.#missingState }
    }

    /** The refusal while the application has no state: final after a failure, else temporary. */
    get #missingState(): RefusalCode {
        return this.#stateMachine.hasFailed ? 'stateless' : 'not-ready'
    }
}

function replyOf(answer: RefusalCode | object): Reply {
    return typeof answer === 'string' ? { refusal: answer } : { result: answer }
}

/** A frozen copy of the application's answer, if the answer is JSON of at most 4 MiB. */
function limitedReply(answer: unknown): Reply {
    const admitted = copyAsJson(answer ?? null)
    return jsonSize(admitted) > ANSWER_SIZE_MAX ? { refusal: 'too-large' } : { result: admitted }
}
