import assert from 'node:assert/strict'
import { mock } from 'node:test'
import type { WireCall } from '../../src/guard/envelope.js'
import {
    type Application,
    type Attachable,
    type Attachment,
    Colleague,
    type ColleagueOptions,
    connect,
    type Post,
    type Properties,
    type Reply
} from '../../src/index.js'
import { Counter } from './counter.js'
import { mockTimers } from './mock-timers.js'
import { overWire } from '../support/over-wire.js'
import '../support/silence.js'

/** The start of the mocked clock, in milliseconds since the epoch. */
const STARTED_AT = Date.UTC(2020, 0, 1)

/** The time of a call, or of an answer, on its way, in milliseconds. */
export const LATENCY_MS = 2

/** The step of the mocked clock, in milliseconds. */
const STEP_MS = 2

/** The longest wait of `until`, in milliseconds of the mocked clock. */
const WAIT_MAX_MS = 120_000

/** An out-of-band question with its sender and its recipient. */
export interface Question {
    readonly from: string
    readonly to: string
    readonly post: Post
}

/** The fault of a question or an answer; `null` without a fault. */
export type Fault = 'lost' | 'unanswered' | { readonly reply: unknown } | null

type Options = Partial<ColleagueOptions<unknown, number>>

/** A Colleague with its application, in place of a process. */
export interface Citizen<Kind extends Application<unknown, number> = Counter> {
    readonly id: string
    readonly colleague: Colleague<unknown, number>
    readonly application: Kind
}

function addressOf(properties: Properties): string {
    return String((properties as { at?: unknown } | undefined)?.at)
}

/**
 * Colleagues in one process with a mocked clock, which the test advances. Timers and `Date` are
 * mocked from the construction of the group to its disposal. Calls between Colleagues travel as
 * JSON and take `LATENCY_MS` in each direction.
 */
export class ColleagueGroup implements AsyncDisposable {
    /** Every out-of-band question, including lost questions. */
    readonly questions: Question[] = []
    /** Chooses the fault of a question before it leaves, and of its answer before that leaves. */
    faultOf: (question: Question, isAnswer: boolean) => Fault = () => null
    /** Whether the network loses a call of a Kibitzer. */
    isCut: (from: string, to: string) => boolean = () => false
    /** Resolves when no call outside the group, such as a disk call, is under way. */
    untilIdle: () => Promise<void> = () => Promise.resolve()
    readonly #options: Options
    protected readonly citizensById = new Map<string, Citizen>()
    readonly #attachables = new Map<string, Attachable>()
    readonly #all: Colleague<unknown, number>[] = []
    #underWay: { readonly at: number; readonly arrive: () => void }[] = []
    #randomState = 0

    constructor(options: Options = {}) {
        mockTimers(STARTED_AT)
        this.#options = options
    }

    /** The running Colleagues, the oldest first. */
    get citizens(): readonly Citizen[] {
        return [...this.citizensById.values()]
    }

    /** Starts a Colleague that listens and belongs to no republic yet. */
    async start(id: string, options?: Options): Promise<Citizen> {
        const citizen = await this.startWith(id, new Counter(), options)
        this.citizensById.set(id, citizen)
        return citizen
    }

    /** Starts a Colleague with another application. `untilLevel` does not wait for this one. */
    async startWith<Kind extends Application<unknown, number>>(
        id: string,
        application: Kind,
        options: Options = {}
    ): Promise<Citizen<Kind>> {
        const colleague = this.create(id, application, options)
        const citizen = { id, colleague, application }
        await colleague.attach((attachable) => this.attach(id, attachable))
        return citizen
    }

    /** Creates a Colleague that does nothing yet. */
    create<Kind extends Application<unknown, number>>(
        id: string, application: Kind, options: Options
    ): Colleague<unknown, number> {
        const colleague = new Colleague<unknown, number>({
            islandName: 'group',
            Date: { now: () => Date.now() },
            random: () => this.#random(),
            ...this.#options,
            application,
            ...options,
            colleagueId: id
        })
        colleague.ended.catch(() => {})
        this.#all.push(colleague)
        return colleague
    }

    /** Starts a Colleague that founds the republic. */
    async found(id: string): Promise<Citizen> {
        const citizen = await this.start(id)
        await citizen.colleague.bootstrap({ islandId: 'run' })
        return citizen
    }

    /** Starts a Colleague that joins through another one; resolves after the join. */
    async join(id: string, through: string): Promise<Citizen> {
        const citizen = await this.start(id)
        await this.untilSettled(citizen.colleague.join({ through: () => [{ at: through }] }))
        return citizen
    }

    /** Starts a republic of these Colleagues. The first one is the founder. */
    async startRepublic(...ids: readonly string[]): Promise<readonly Citizen[]> {
        const [founder = 'a', ...others] = ids
        const citizens = [await this.found(founder)]
        for (const id of others) {
            citizens.push(await this.join(id, founder))
        }
        return citizens
    }

    /** Stops a Colleague without `leave`. */
    crash(id: string): void {
        const citizen = this.citizensById.get(id)
        assert(citizen !== undefined, `${id} is not there`)
        this.citizensById.delete(id)
        this.stop(citizen)
    }

    /** Stops a Colleague that `startWith` has started. */
    stop({ id, colleague }: Pick<Citizen, 'id' | 'colleague'>): void {
        this.#attachables.delete(id)
        colleague.destroy()
    }

    /** Resolves after some milliseconds of the mocked clock. */
    after(ms: number): Promise<void> {
        return new Promise((arrive) => {
            this.#underWay.push({ at: Date.now() + ms, arrive })
        })
    }

    /**
     * Advances the mocked clock.
     *
     * @param stepMs The step, in milliseconds. Each call on its way takes at least one step.
     */
    async advance(ms: number, stepMs: number = STEP_MS): Promise<void> {
        for (let passed = 0; passed < ms; passed += stepMs) {
            mock.timers.tick(stepMs)
            this.#deliver()
            await new Promise(setImmediate)
            await this.untilIdle()
        }
    }

    /** Advances the clock until a condition holds. */
    async until(isSo: () => boolean): Promise<void> {
        for (let passed = 0; !isSo(); passed += STEP_MS) {
            assert(passed < WAIT_MAX_MS, `the condition never holds: ${isSo}`)
            await this.advance(STEP_MS)
        }
    }

    /** Advances the clock until a promise settles; settles like the promise. */
    async untilSettled<T>(promise: Promise<T>): Promise<T> {
        let isSettled = false
        const settle = (): void => {
            isSettled = true
        }
        promise.then(settle, settle)
        await this.until(() => isSettled)
        return await promise
    }

    /** Advances the clock until all have applied the same entries and no publish waits. */
    async untilLevel(): Promise<void> {
        await this.until(() => {
            const levels = this.citizens.map(({ colleague, application }) => {
                const { committed, pending, proposals } = colleague.kibitzer.status()
                const last = application.applied.at(-1)
                return pending + proposals === 0 && last === committed ? committed : null
            })
            return levels.every((level) => level !== null && level === levels[0])
        })
    }

    /** A random number from a fixed sequence. */
    #random(): number {
        this.#randomState = (this.#randomState * 1_103_515_245 + 12_345) % 2 ** 31
        return this.#randomState / 2 ** 31
    }

    /** Connects a Colleague to the group. */
    attach(id: string, attachable: Attachable): Attachment {
        this.#attachables.set(id, attachable)
        const disconnect = connect(attachable.kibitzer, (to, envelope, signal) =>
            this.#call(id, addressOf(to), envelope, signal)
        )
        return {
            properties: { at: id },
            ask: (to, post, signal) => this.#ask({ from: id, to: addressOf(to), post }, signal),
            close: () => {
                disconnect()
                return Promise.resolve()
            }
        }
    }

    async #call(
        from: string,
        to: string,
        envelope: WireCall,
        signal: AbortSignal
    ): Promise<unknown> {
        await this.#travel(signal, this.isCut(from, to))
        const answer = await this.#attachableOf(to).kibitzer.request(overWire(envelope))
        await this.#travel(signal, this.isCut(to, from))
        return overWire(answer)
    }

    async #ask(question: Question, signal: AbortSignal): Promise<unknown> {
        this.questions.push(question)
        const fate = this.faultOf(question, false)
        if (typeof fate === 'object' && fate !== null) {
            return fate.reply
        }
        await this.#travel(signal, fate !== null)
        const reply: Reply = await this.#attachableOf(question.to).answer(overWire(question.post))
        const fateOfReply = this.faultOf(question, true)
        await this.#travel(signal, fateOfReply !== null)
        this.#attachableOf(question.to)
        return overWire(reply)
    }

    /** Resolves on arrival. A lost call never arrives. */
    #travel(signal: AbortSignal, isLost: boolean): Promise<void> {
        return new Promise((resolve, reject) => {
            signal.throwIfAborted()
            signal.addEventListener('abort', () => reject(signal.reason), { once: true })
            if (!isLost) {
                this.#underWay.push({ at: Date.now() + LATENCY_MS, arrive: resolve })
            }
        })
    }

    #deliver(): void {
        const arrived = this.#underWay.filter(({ at }) => at <= Date.now())
        this.#underWay = this.#underWay.filter(({ at }) => at > Date.now())
        for (const { arrive } of arrived) {
            arrive()
        }
    }

    #attachableOf(id: string): Attachable {
        const attachable = this.#attachables.get(id)
        if (attachable === undefined) {
            throw new Error(`no Colleague is at ${id}`)
        }
        return attachable
    }

    /**
     * Waits for every Colleague: a late one would clear timers of the next test. The clock advances
     * meanwhile, because a Colleague waits ten seconds for an application that does not end.
     */
    async [Symbol.asyncDispose](): Promise<void> {
        for (const colleague of this.#all) {
            colleague.destroy()
        }
        await this.untilSettled(Promise.allSettled(this.#all.map(({ ended }) => ended)))
        mock.timers.reset()
    }
}
