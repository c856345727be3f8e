import { Clock } from '../../src/base/clock.js'
import { Player } from '../../src/member/player.js'
import type { BatchReply, Dispatch } from '../../src/publisher/islander-types.js'
import type { Communique, Request } from '../../src/index.js'
import type { EnqueueBody, ImmigrateBody, Inputs } from '../../src/member/inputs.js'
import { firstCursor } from '../../src/base/queues.js'
import { dispatchedHere, readAnswer, Relay } from '../../src/member/relay.js'
import type { Outcomes } from '../../src/member/apply-input.js'
import type { CommitMarks } from '../../src/member/commit-marks.js'
import type { QuestionBody } from '../../src/member/questions.js'
import { drain } from '../support/alone.js'
import { Alarm } from './alarm.js'
import { Application } from './application.js'
import type { Clockwork } from './clockwork.js'
import type { Disk } from './disk.js'
import { inside, type Mutable, type Standing } from './inside.js'
import { Memory } from './memory.js'
import { enqueue, immigrate } from './passing-on.js'
import { Process } from './process.js'
import { marksOf } from './questions.js'
import { tellSettlements } from './settling.js'
import { silence } from './silence.js'
import type { Address, Calls, Surroundings } from './surroundings.js'
import { replayRecord } from './tape.js'

/**
 * One process: a Door with what a Courier, a Reception and a Calendar do around it, on virtual
 * time. It crashes between any two steps, between two sends too.
 */
export class Resident extends Process {
    /** With which it joins; tells it from others of its id. */
    readonly cookie: string
    readonly clockwork: Clockwork
    readonly memory: Memory
    readonly entries
    readonly door: Player
    readonly application: Application
    /** What it writes its inputs to; `null` where it forgets. */
    readonly disk: Disk | null
    /** Where it stands, whether anybody else could see that yet or not. */
    readonly seen: Mutable<Standing>
    readonly #surroundings: Surroundings
    readonly #communiques
    readonly #dispatches
    readonly #alarm: Alarm
    readonly clock: Clock
    readonly relay = new Relay()
    readonly marks: CommitMarks
    #isPumping = false

    constructor(
        number: number, id: string, host: number, cookie: string,
        clockwork: Clockwork,
        surroundings: Surroundings,
        disk: Disk | null = null
    ) {
        super(number, id, host)
        this.cookie = cookie
        this.disk = disk
        this.memory = new Memory(id)
        this.seen = { promised: '0/0/0', accepted: '0/0/0', head: '0/0' }
        this.clockwork = clockwork
        this.#surroundings = surroundings
        const { timeline, versions } = surroundings
        const options = { ...surroundings.options, highestVersion: versions.draw() }
        this.clock = new Clock({ now: () => clockwork.read(timeline.now) })
        const { clock } = this
        const gate = disk?.gateOf(this, surroundings)
        const limits = { publishes: 100_000, publishesSize: 2 ** 26, publishSize: 2 ** 18 }
        this.door = new Player({ ...options, id, ...limits }, clock, () => this.#flow(), gate)
        gate?.watchAnswers()
        this.#alarm = new Alarm(this.door.paxos.scheduler, clock, {
            after: (dueMs, ring) => this.#after(dueMs, ring),
            fire: (event) => this.#fire(event)
        })
        this.application = new Application(id, cookie, this.door.history, options.ping)
        this.entries = firstCursor(this.door.log)
        this.marks = marksOf(this, surroundings)
        this.#communiques = firstCursor(this.door.paxos.outbox)
        this.#dispatches = firstCursor(this.door.islander.outbox)
        tellSettlements(this.door, (settlements) => surroundings.settled(this, settlements))
        const { log, played, paxos, islander } = this.door
        for (const { pushed } of [log, played, paxos.log, paxos.outbox, islander.outbox]) {
            silence(pushed)
        }
        // Nobody reads it, and a chain keeps alive what is pushed to it.
        Object.assign(paxos.scheduler.events, { push: () => {} })
    }

    /** Whether it is admitted, and not exiled as far as it knows. */
    get isCitizen(): boolean {
        return this.door.paxos.immigrated !== '0/0' && !this.door.paxos.exiled
    }

    /** An input, by the one door. */
    play<Method extends keyof Inputs>(
        method: Method,
        body: Inputs[Method]
    ): Outcomes[Method] | null {
        const outcome = this.door.play(method, body)
        this.#surroundings.observed(this)
        return outcome
    }

    /** Publishes a value. */
    publish(body: unknown): void {
        this.resume(() => {
            this.published.push(body)
            this.play('publish', body)
        })
    }

    /** Takes in what an earlier process took in. What that put out has left, or is lost. */
    recall(played: readonly string[], onStep: () => void): void {
        let last = Number.NEGATIVE_INFINITY
        for (const line of played) {
            last = Math.max(last, replayRecord(line, (input) => this.door.replay(input)))
            void this.leftovers
            onStep()
        }
        if (played.length !== 0) {
            this.clock.advance(last)
        }
        void this.leftovers
        this.#alarm.arm()
    }

    /** Ends in order, as a Kibitzer does that is destroyed. */
    close(): void {
        this.wake()
        this.isClosed = true
        this.door.close()
        this.#alarm.stop()
    }

    /** How many calls it has put out that have not left. */
    get leftovers(): number {
        return drain(this.#communiques).length + drain(this.#dispatches).length
    }

    /** Answers a call. */
    serve(method: keyof Calls, body: Calls[keyof Calls], reply: (answer: unknown) => void): void {
        const { gate } = this.door
        const answer = (value: unknown): void => gate.pass(() => reply(value))
        switch (method) {
            case 'receive': {
                this.relay.onCallFrom((body as Request).from.id)
                const check = this.#surroundings.receiving(this, body as Request)
                const response = this.play('receive', body as Request)
                check()
                answer(response)
                return
            }
            case 'enqueue':
                enqueue(this, body as EnqueueBody, answer)
                return
            case 'immigrate':
                immigrate(this, body as ImmigrateBody, answer)
                return
            case 'mark':
            case 'promised':
                this.marks.answer(method, body as QuestionBody, reply)
                return
            default:
                method satisfies never
        }
    }

    /** Calls somebody, as soon as all that this follows from is safe. */
    call<Method extends keyof Calls>(
        host: number,
        method: Method,
        body: Calls[Method],
        answered: (answer: unknown) => void
    ): void {
        this.#leave(method, body, () =>
            this.#surroundings.call(this, host, method, body, answered))
    }

    #leave<Name extends keyof Calls>(method: Name, body: Calls[Name], call: () => void): void {
        const { gate, paxos } = this.door
        const { now } = inside(paxos)
        this.calledAt = now
        if (gate.isOpen) {
            call()
            return
        }
        this.door.sending.send(method, body, () => {
            if (this.isAlive && !this.isClosed) {
                this.calledAt = now
                call()
                if (!this.isAlive) {
                    // It has died between two calls; what it delivered before, it has delivered.
                    this.#surroundings.observed(this)
                }
            }
        })
    }

    #flow(): void {
        if (!this.#isPumping) {
            this.#isPumping = true
            let isMore = true
            while (isMore) {
                isMore = this.isAlive && this.#carryOne()
            }
            this.#isPumping = false
        }
        if (this.isAlive) {
            this.#alarm.arm()
        }
    }

    #carryOne(): boolean {
        const communique = this.#communiques.shift()
        const dispatch = communique === null ? this.#dispatches.shift() : null
        if (communique !== null) {
            this.#send(communique)
            return true
        }
        if (dispatch !== null) {
            this.#dispatch(dispatch)
        }
        return dispatch !== null
    }

    /** Whether a call may still leave; a process that is to crash between two sends does so. */
    #mayLeave(): boolean {
        if (this.sendsLeft === null) {
            return true
        }
        if (this.sendsLeft === 0) {
            (this.cutting ?? (() => this.crash()))()
            return false
        }
        this.sendsLeft--
        return true
    }

    #send({ cookie, envelopes }: Communique): void {
        for (const { to, properties, request } of envelopes) {
            this.#trySend(properties as Address, 'receive', request, (answer) => {
                const responses = { [to]: answer } as Inputs['sent']['responses']
                this.play('sent', { cookie, responses })
            })
        }
    }

    #dispatch({ cookie, messages }: Dispatch): void {
        const { government, republic, founding, id } = this.door.paxos
        const leader = government.majority[0] ?? id
        const body = { republic: republic ?? '', founding, entries: messages }
        if (leader === id) {
            const end = dispatchedHere(this.door.play('enqueue', body))
            this.door.play('published', { cookie, ...end })
        } else {
            this.#propose(cookie, body)
        }
    }

    #propose(cookie: string, body: EnqueueBody): void {
        const { paxos: { government, id }, islander } = this.door
        const route = this.relay.chooseMembers(government, id, islander.failures)
        for (const member of route.members) {
            const address = this.door.paxos.addressOf(member) as Address
            this.#trySend(address, 'enqueue', body, (answer) => {
                const end = route.onAnswer(member, readAnswer(answer as BatchReply, {}, true))
                if (end !== null) {
                    this.play('published', { cookie, ...end })
                }
            })
        }
    }

    #trySend<Method extends keyof Calls>(
        { host }: Address,
        method: Method,
        body: Calls[Method],
        answered: (answer: unknown) => void
    ): void {
        this.#leave(method, body, () => {
            if (this.#mayLeave()) {
                this.#surroundings.call(this, host, method, body, answered)
            }
        })
    }

    #after(dueMs: number, ring: () => void): void {
        if (this.isAlive) {
            const delayMs = Math.max(0, dueMs + this.#surroundings.lateness(this, dueMs))
            this.#surroundings.timeline.after(delayMs, () => this.resume(ring))
        }
    }

    #fire(event: Inputs['event']): void {
        if (this.isAlive) {
            this.play('event', event)
        }
    }
}
