import assert from 'node:assert/strict'
import type { Dispatch } from '../../src/publisher/islander-types.js'
import type { IslanderState, PaxosState } from '../../src/index.js'
import { Islander } from '../../src/publisher/islander.js'
import type { Communique } from '../../src/paxos/messages/mailbox.js'
import type { LogEntry, Response } from '../../src/paxos/messages/messages.js'
import type { PaxosOptions } from '../../src/paxos/options.js'
import { Paxos } from '../../src/paxos/paxos.js'
import { drain } from '../support/alone.js'

/** The outputs of an input, in the order in which a shell would see them. */
export interface Output {
    readonly enacted: readonly LogEntry[]
    readonly settled: readonly { readonly body: unknown, readonly promise: string }[]
    readonly communiques: readonly Communique[]
    readonly dispatches: readonly Dispatch[]
}

function queuesOf({ paxos, islander }: Pick<Resident, 'paxos' | 'islander'>) {
    return {
        log: paxos.log.shifter(),
        communiques: paxos.outbox.shifter(),
        dispatches: islander.outbox.shifter(),
        events: paxos.scheduler.events.shifter()
    }
}

/**
 * One process: an engine and an Islander, wired as the shell wires them, without clock, network or
 * queue of its own. The caller brings the inputs and takes the outputs. If the process is restored,
 * another engine and another Islander continue from the state after each input.
 */
export class Resident {
    readonly id: string
    paxos: Paxos
    islander: Islander
    isAlive = true
    readonly #published = new Map<number, unknown>()
    readonly #isRestored: boolean
    #queues

    constructor(now: number, id: string, options: PaxosOptions, isRestored: boolean) {
        this.id = id
        this.paxos = new Paxos(now, 'republic', id, options)
        this.islander = new Islander(id)
        this.#queues = queuesOf(this)
        this.#isRestored = isRestored
    }

    /** Restores the process from its state. */
    #restore(): void {
        const written = JSON.stringify([this.paxos.state(), this.islander.state()])
        const [paxos, islander] = JSON.parse(written) as [PaxosState, IslanderState]
        this.paxos = Paxos.restore(paxos)
        this.islander = Islander.restore(islander)
        this.#queues = queuesOf(this)
    }

    /** Publishes a value, and remembers its ticket. */
    publish(body: unknown): void {
        this.#published.set(this.islander.publish(body), body)
    }

    /** Receives answers to the communique of this cookie. */
    hear(now: number, to: string, cookie: string, response: Response | null): void {
        this.paxos.response(now, cookie, { [to]: response })
    }

    /** Fires the due appointments; returns the appointments. */
    check(now: number): readonly string[] {
        this.paxos.scheduler.check(now)
        const fired: string[] = []
        for (const event of drain(this.#queues.events)) {
            if (event.method === 'event') {
                fired.push(event.body)
                if (event.body === 'resubmit') {
                    this.islander.retry()
                }
                this.paxos.event(event)
            }
        }
        return fired
    }

    /** Takes the outputs of the last input. */
    take(now: number): Output {
        const { paxos, islander } = this
        const enacted = drain(this.#queues.log)
        for (const entry of enacted) {
            islander.push(entry)
        }
        const isIdle = paxos.scheduler.when('resubmit') === null
        if (islander.isWaiting && isIdle && !paxos.exiled) {
            paxos.postpone(now, islander.failures)
        }
        const output = {
            enacted,
            settled: islander.takeSettled().map(({ ticket, promise }) => ({
                body: this.#published.get(ticket), promise: promise ?? assert.fail()
            })),
            communiques: drain(this.#queues.communiques),
            dispatches: drain(this.#queues.dispatches)
        }
        if (this.#isRestored) {
            this.#restore()
        }
        return output
    }
}
