import type { Outcomes } from '../member/apply-input.js'
import type { Inputs, Played } from '../member/inputs.js'
import { dispatchedHere, isForwarded, readAnswer } from '../member/relay.js'
import type { Communique } from '../paxos/messages/mailbox.js'
import type { Response } from '../paxos/messages/messages.js'
import type { BatchReply, Dispatch } from '../publisher/islander-types.js'
import { applyInput } from '../replay/recording.js'
import type { Effects, MemberView } from '../replay/replayed-member.js'
import type { VirtualTimeline } from '../testing/virtual-timeline.js'
import type { TakeAnswer, VariantNetwork } from './variant-network.js'
import type { VariantProcess } from './variant-process.js'
import { VARIANT_INPUTS_MAX } from './variant.js'

/** An applied input of a variant. */
export interface VariantStep extends Effects {
    readonly id: string
    /** The member after the input. Valid until the next step. */
    readonly member: MemberView
    /** Milliseconds after the point. */
    readonly at: number
    readonly played: Played
    /** The number of the recorded input that this input repeats; `null` for other inputs. */
    readonly recorded: number | null
}

/** The methods of calls between members. */
export type CallMethod = 'receive' | 'enqueue' | 'immigrate'

/**
 * Does for the engines of a variant what a process does for its engine: plays inputs, sends calls,
 * answers calls, and fires timers.
 */
export class VariantShell {
    readonly #timeline: VirtualTimeline
    readonly #network: VariantNetwork
    readonly #processes: ReadonlyMap<string, VariantProcess>
    /** The point, as an aligned instant. */
    readonly #origin: number
    readonly #observe: (step: VariantStep) => void
    #count = 0

    constructor(
        timeline: VirtualTimeline, network: VariantNetwork,
        processes: ReadonlyMap<string, VariantProcess>, origin: number,
        observe: (step: VariantStep) => void
    ) {
        this.#timeline = timeline
        this.#network = network
        this.#processes = processes
        this.#origin = origin
        this.#observe = observe
    }

    /** Whether the continuation has reached the limit of inputs. */
    get isFull(): boolean {
        return this.#count >= VARIANT_INPUTS_MAX
    }

    /** The clock of a member. Clocks show whole milliseconds and never run back. */
    clock({ offsetMs, lastWhen }: VariantProcess): number {
        const now = this.#origin + this.#timeline.now + offsetMs
        return Math.max(lastWhen, Math.floor(now + 0.001))
    }

    /**
     * Plays an input at a running member, and carries out the effects.
     *
     * @throws KibitzError `journal-damaged` if the engine throws.
     */
    play<Method extends keyof Inputs>(
        process: VariantProcess, method: Method, body: Inputs[Method],
        recorded: number | null = null
    ): Outcomes[Method] | null {
        if (!process.isRunning || this.isFull) {
            return null
        }
        this.#count++
        const when = this.clock(process)
        process.lastWhen = when
        const played = Object.freeze({ module: 'kibitz', method, when, body }) as Played
        process.inputs.push(played)
        const { member } = process
        const effects = applyInput(process.inputs.length, () => member.apply(played))
        const { id } = process
        this.#observe({ id, member, at: this.#timeline.now, played, recorded, ...effects })
        for (const call of effects.calls) {
            this.#sendCommunique(process, call)
        }
        for (const dispatch of effects.dispatches) {
            this.#sendDispatch(process, dispatch)
        }
        const { afterNext } = process
        process.afterNext = null
        if (afterNext !== null) {
            this.#timeline.after(0, afterNext)
        }
        this.answerDisk(process)
        this.arm(process)
        return effects.outcome as Outcomes[Method] | null
    }

    /** Answers for the disk of a member, at once: the disks of a variant take no time. */
    answerDisk(process: VariantProcess): void {
        const { awaited } = process.member
        if (awaited !== null) {
            this.play(process, 'stable', awaited)
        }
    }

    #sendCommunique(process: VariantProcess, { cookie, envelopes }: Communique): void {
        const responses: Record<string, Response | null> = {}
        let awaited = envelopes.length
        for (const { to, request } of envelopes) {
            const numbered = Object.freeze({ ...request, call: cookie })
            this.#call(process, to, 'receive', numbered, (answer) => {
                responses[to] = answer as Response | null
                awaited--
                if (awaited === 0) {
                    this.play(process, 'sent', Object.freeze({ cookie, responses }))
                }
            })
        }
    }

    #sendDispatch(process: VariantProcess, { cookie, messages }: Dispatch): void {
        const { member, id } = process
        const { government, republic, founding, failures } = member
        const leader = government.majority[0] ?? id
        const body = Object.freeze({
            republic: republic ?? '', founding, call: cookie, entries: messages
        })
        if (leader === id) {
            const end = dispatchedHere(this.play(process, 'enqueue', body))
            this.play(process, 'published', { cookie, ...end })
            return
        }
        const route = process.relay.chooseMembers(government, id, failures)
        for (const each of route.members) {
            this.#call(process, each, 'enqueue', body, (answer) => {
                const end = route.onAnswer(each, readAnswer(answer as BatchReply | null, {}, true))
                if (end !== null) {
                    this.play(process, 'published', { cookie, ...end })
                }
            })
        }
    }

    #call(
        from: VariantProcess, to: string, method: CallMethod, body: unknown, answered: TakeAnswer
    ): void {
        const target = this.#processes.get(to)
        if (target === undefined) {
            // A member without a recording never answers.
            this.#network.await(from, answered)
        } else {
            const serve = (reply: TakeAnswer): void => this.serve(target, method, body, reply)
            this.#network.call(from, to, serve, answered)
        }
    }

    /** Answers a call. A stopped member refuses. The body must be checked. */
    serve(target: VariantProcess, method: CallMethod, body: unknown, reply: TakeAnswer): void {
        if (!target.isRunning) {
            reply(null)
            return
        }
        switch (method) {
            case 'receive': {
                const request = body as Inputs['receive']
                target.relay.onCallFrom(request.from.id)
                reply(this.play(target, 'receive', request))
                break
            }
            case 'enqueue':
                this.#enqueue(target, body as Inputs['enqueue'], reply)
                break
            case 'immigrate':
                this.#immigrate(target, body as Inputs['immigrate'], reply)
                break
            default:
                method satisfies never
        }
    }

    /** Takes a batch, or forwards the batch to the leader, once. */
    #enqueue(target: VariantProcess, body: Inputs['enqueue'], reply: TakeAnswer): void {
        const { id, member } = target
        const { founding, government, role } = member
        if (isForwarded(body, { id, founding, government, isLeading: role === 'leader' })) {
            const leader = government.majority[0] ?? id
            this.#call(target, leader, 'enqueue', { ...body, hops: 1 }, reply)
        } else {
            reply(this.play(target, 'enqueue', body))
        }
    }

    /** Admits a newcomer at the leader. Any other member forwards the request, once. */
    #immigrate(target: VariantProcess, body: Inputs['immigrate'], reply: TakeAnswer): void {
        const outcome = this.play(target, 'immigrate', body)
        const leader = outcome?.leader ?? null
        if (outcome?.enqueued !== false || leader === null || leader === target.id
            || body.hops > 0) {
            reply(outcome)
        } else {
            this.#call(target, leader, 'immigrate', { ...body, hops: 1 }, reply)
        }
    }

    /** Plans the next check of the timers of a member. */
    arm(process: VariantProcess): void {
        const next = process.isRunning ? process.nextDue : null
        if (next === process.armedFor || next === Number.POSITIVE_INFINITY) {
            return
        }
        process.armedFor = next
        if (next !== null) {
            const delayMs = next - this.#origin - process.offsetMs - this.#timeline.now
            const { life } = process
            this.#timeline.after(Math.max(0, delayMs), () => {
                if (process.life === life && process.armedFor === next) {
                    this.#fire(process, next)
                }
            })
        }
    }

    #fire(process: VariantProcess, due: number): void {
        process.lastWhen = Math.max(due, process.lastWhen)
        const now = this.clock(process)
        for (const { key, when, body } of process.dueBy(now)) {
            if (process.isScheduled({ key, when, body })) {
                this.play(process, 'event', Object.freeze({
                    module: 'happenstance', method: 'event', now, key, when, body
                }))
            }
        }
        process.armedFor = null
        this.arm(process)
    }
}
