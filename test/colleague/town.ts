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
import { mockTimers } from './timers.js'

/** The hour at which every town begins. */
const DAWN = Date.UTC(2020, 0, 1)

/** How long a call, or an answer, is under way. */
const LATENCY_MS = 2

/** How far time goes at a time. */
const STEP_MS = 2

/** No wait takes longer than this in the time of the town. */
const PATIENCE_MS = 120_000

/** A question out of band, and where it goes. */
export interface Question {
    readonly from: string
    readonly to: string
    readonly post: Post
}

/** What becomes of a question; `null` where nothing happens to it. */
export type Fate = 'lost' | 'unanswered' | { readonly reply: unknown } | null

/** One process. */
export interface Citizen<Kind extends Application<number> = Counter> {
    readonly id: string
    readonly colleague: Colleague<number>
    readonly application: Kind
}

function addressOf(properties: Properties): string {
    return String((properties as { at?: unknown } | undefined)?.at)
}

/** What arrives, shares nothing with what was sent. */
function overWire<T>(value: T): T {
    return JSON.parse(JSON.stringify(value ?? null)) as T
}

/**
 * Colleagues in one process whose time is wound by hand. Timers and `Date` are mocked from its
 * making to its disposal; what crosses from one to another crosses as JSON, and takes its time.
 */
export class Town implements AsyncDisposable {
    /** Every question that was asked, lost ones too. */
    readonly questions: Question[] = []
    /** Decides what becomes of a question, before it leaves and before its answer does. */
    fate: (question: Question, isAnswer: boolean) => Fate = () => null
    /** Whether a call of a Kibitzer is lost. */
    isCut: (from: string, to: string) => boolean = () => false
    /** Resolves when nothing outside the town is under way, such as a disk: time waits for that. */
    quiesce: () => Promise<void> = () => Promise.resolve()
    readonly #options: Partial<ColleagueOptions<number>>
    readonly #citizens = new Map<string, Citizen>()
    readonly #doors = new Map<string, Attachable>()
    readonly #all: Colleague<number>[] = []
    #underWay: { readonly at: number; readonly arrive: () => void }[] = []
    #chance = 0

    constructor(options: Partial<ColleagueOptions<number>> = {}) {
        mockTimers(DAWN)
        this.#options = options
    }

    /** Who is alive, oldest first. */
    get citizens(): readonly Citizen[] {
        return [...this.#citizens.values()]
    }

    /** A new process that listens and belongs to nobody yet. */
    async land(id: string, options?: Partial<ColleagueOptions<number>>): Promise<Citizen> {
        const citizen = await this.house(id, new Counter(), options)
        this.#citizens.set(id, citizen)
        return citizen
    }

    /** The same with another application; nobody waits for that to be level with the others. */
    async house<Kind extends Application<number>>(
        id: string,
        application: Kind,
        options: Partial<ColleagueOptions<number>> = {}
    ): Promise<Citizen<Kind>> {
        const colleague = new Colleague<number>({
            islandName: 'town',
            Date: { now: () => Date.now() },
            random: () => this.#random(),
            ...this.#options,
            application,
            ...options,
            colleagueId: id
        })
        colleague.ended.catch(() => {})
        const citizen = { id, colleague, application }
        this.#all.push(colleague)
        await colleague.attach((door) => this.#attach(id, door))
        return citizen
    }

    /** A process that founds the republic. */
    async found(id: string): Promise<Citizen> {
        const citizen = await this.land(id)
        await citizen.colleague.bootstrap({ islandId: 'run' })
        return citizen
    }

    /** A process that joins through another one, with all that belongs to it. */
    async admit(id: string, through: string): Promise<Citizen> {
        const citizen = await this.land(id)
        await this.during(citizen.colleague.join({ through: () => [{ at: through }] }))
        return citizen
    }

    /** A republic of these, the first one the founder. */
    async settle(...ids: readonly string[]): Promise<readonly Citizen[]> {
        const [founder = 'a', ...others] = ids
        const citizens = [await this.found(founder)]
        for (const id of others) {
            citizens.push(await this.admit(id, founder))
        }
        return citizens
    }

    /** A process ends without a word. */
    crash(id: string): void {
        const citizen = this.#citizens.get(id)
        assert(citizen !== undefined, `${id} is not there`)
        this.#citizens.delete(id)
        this.vacate(citizen)
    }

    /** The same of a process that was housed. */
    vacate({ id, colleague }: Pick<Citizen, 'id' | 'colleague'>): void {
        this.#doors.delete(id)
        colleague.destroy()
    }

    /** Resolves after so much time of the town. */
    later(ms: number): Promise<void> {
        return new Promise((arrive) => {
            this.#underWay.push({ at: Date.now() + ms, arrive })
        })
    }

    /**
     * Lets time go by.
     *
     * @param stepMs How far time goes at a time. Each call takes at least one step.
     */
    async pass(ms: number, stepMs: number = STEP_MS): Promise<void> {
        for (let passed = 0; passed < ms; passed += stepMs) {
            mock.timers.tick(stepMs)
            this.#deliver()
            await new Promise(setImmediate)
            await this.quiesce()
        }
    }

    /** Lets time go by until something is so. */
    async until(isSo: () => boolean): Promise<void> {
        for (let passed = 0; !isSo(); passed += STEP_MS) {
            assert(passed < PATIENCE_MS, `it never comes to pass that ${isSo}`)
            await this.pass(STEP_MS)
        }
    }

    /** Lets time go by until a promise is settled, and yields what it comes to. */
    async during<T>(promise: Promise<T>): Promise<T> {
        let isSettled = false
        const settle = (): void => {
            isSettled = true
        }
        promise.then(settle, settle)
        await this.until(() => isSettled)
        return await promise
    }

    /** Lets time go by until everybody has applied the same and nobody waits. */
    async level(): Promise<void> {
        await this.until(() => {
            const levels = this.citizens.map(({ colleague, application }) => {
                const { committed, pending, proposals } = colleague.kibitzer.status()
                const last = application.applied.at(-1)
                return pending + proposals === 0 && last === committed ? committed : null
            })
            return levels.every((level) => level !== null && level === levels[0])
        })
    }

    /** Chance that is the same in every run. */
    #random(): number {
        this.#chance = (this.#chance * 1_103_515_245 + 12_345) % 2 ** 31
        return this.#chance / 2 ** 31
    }

    #attach(id: string, door: Attachable): Attachment {
        this.#doors.set(id, door)
        const disconnect = connect(door.kibitzer, (to, envelope, signal) =>
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
        const answer = await this.#doorOf(to).kibitzer.request(overWire(envelope))
        await this.#travel(signal, this.isCut(to, from))
        return overWire(answer)
    }

    async #ask(question: Question, signal: AbortSignal): Promise<unknown> {
        this.questions.push(question)
        const fate = this.fate(question, false)
        if (typeof fate === 'object' && fate !== null) {
            return fate.reply
        }
        await this.#travel(signal, fate !== null)
        const reply: Reply = await this.#doorOf(question.to).answer(overWire(question.post))
        const fateOfReply = this.fate(question, true)
        await this.#travel(signal, fateOfReply !== null)
        this.#doorOf(question.to)
        return overWire(reply)
    }

    /** Resolves on arrival; what is lost never arrives. */
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

    #doorOf(id: string): Attachable {
        const door = this.#doors.get(id)
        if (door === undefined) {
            throw new Error(`nobody is at ${id}`)
        }
        return door
    }

    /** What ends late would clear its timers among those of the next town. */
    async [Symbol.asyncDispose](): Promise<void> {
        for (const colleague of this.#all) {
            colleague.destroy()
        }
        await Promise.allSettled(this.#all.map(({ ended }) => ended))
        mock.timers.reset()
    }
}
