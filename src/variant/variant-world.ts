import { rejectArgument } from '../base/errors.js'
import { guardInput } from '../guard/input.js'
import { REPLAY_VERSION } from '../member/engine-version.js'
import type { Inputs } from '../member/inputs.js'
import { dispatchedHere } from '../member/relay.js'
import type { BatchReply } from '../publisher/islander-types.js'
import type { LongWork } from '../replay/long-work.js'
import { VirtualTimeline } from '../testing/virtual-timeline.js'
import { VariantNetwork } from './variant-network.js'
import { timeoutOf, VariantProcess } from './variant-process.js'
import { VariantShell, type VariantStep } from './variant-shell.js'
import type { Variant, VariantCall, VariantChange, VariantInput } from './variant.js'

/** The place of a recorded happening. */
interface RecordedPlace {
    readonly member: string
    readonly number: number
    readonly at: number
}

/** The body of a recorded input, checked and rebuilt: a recording is foreign data. */
function admit<Method extends keyof Inputs>(method: Method, body: unknown): Inputs[Method] {
    if (method === 'publish' && body === null) {
        return null as Inputs[Method]
    }
    const guarded = guardInput(method, body)
    if (guarded.ok) {
        return guarded.value
    }
    const { code, at } = guarded.rejection
    return rejectArgument(`The input ${method} of the variant is not usable: ${code} at `
        + `body.${at}.`)
}

/**
 * Continues the members of a variant on virtual time. The variant decides everything, so two runs
 * are equal.
 *
 * 1. A call reaches the called member, or fails at once at a stopped member, or ends without an
 *    answer after the option `timeout`.
 * 2. Disks take no time, and a member that returns has lost no input.
 * 3. The application makes the recorded publishes and requests at the recorded instants.
 */
export class VariantWorld {
    readonly #variant: Variant
    readonly #change: VariantChange
    readonly #timeline = new VirtualTimeline()
    readonly #network: VariantNetwork
    readonly #shell: VariantShell
    readonly #processes: ReadonlyMap<string, VariantProcess>

    /**
     * @param change The change of the variant, or another one for a comparison.
     * @throws KibitzError `invalid-argument`.
     */
    constructor(variant: Variant, change: VariantChange, observe: (step: VariantStep) => void) {
        const { members, settings, point } = variant
        this.#variant = variant
        this.#change = change
        this.#processes = new Map(members.map((each) => [each.id, new VariantProcess(each)]))
        this.#network =
            new VariantNetwork(this.#timeline, settings, timeoutOf(members), change)
        this.#shell = new VariantShell(
            this.#timeline, this.#network, this.#processes, point.at, observe
        )
        this.#begin()
    }

    /** The members with all inputs after the point. */
    get processes(): readonly VariantProcess[] {
        return [...this.#processes.values()]
    }

    /** Whether the continuation has reached the limit of inputs. */
    get isFull(): boolean {
        return this.#shell.isFull
    }

    /** Runs to the end. @throws KibitzError `aborted`, `journal-damaged`. */
    async run(work: LongWork): Promise<void> {
        const { durationMs } = this.#variant.settings
        while (!this.isFull && this.#timeline.step(durationMs)) {
            if (work.isDue) {
                await work.pause()
            }
        }
    }

    #processOf(id: string): VariantProcess {
        return this.#processes.get(id)
            ?? rejectArgument(`The variant has no member ${JSON.stringify(id)}.`)
    }

    #begin(): void {
        const { calls, inputs, stops, point } = this.#variant
        const change = this.#change
        if (change.kind === 'crash') {
            const process = this.#processOf(change.member)
            process.stop()
            this.#timeline.after(change.ms, () => this.#return(process))
        }
        if (point.key !== null && (change.kind === 'delay' || change.kind === 'reorder')) {
            this.#delayTimer(this.#processOf(point.member), point.key, change)
        }
        for (const call of calls) {
            this.#resumeCall(call)
        }
        for (const input of inputs) {
            this.#planInput(input)
        }
        for (const { member, at } of stops) {
            this.#timeline.at(at - point.at, () => this.#processOf(member).stop())
        }
        for (const process of this.processes) {
            this.#shell.answerDisk(process)
            this.#shell.arm(process)
        }
    }

    #delayTimer(process: VariantProcess, key: string, change: VariantChange): void {
        const ms = change.kind === 'delay' ? change.ms : Number.POSITIVE_INFINITY
        const delayed = { key, until: this.#shell.clock(process) + ms }
        process.delayed = delayed
        process.afterNext = change.kind === 'delay' ? null : () => {
            delayed.until = 0
            this.#shell.arm(process)
        }
    }

    #return(process: VariantProcess): void {
        if (!process.isRunning && process.member.role !== 'stranger') {
            process.start()
            const { hasDisk: disk } = process
            this.#shell.play(process, 'revive', Object.freeze({
                version: REPLAY_VERSION, ...(disk && { disk })
            }))
        }
    }

    /** Plans a recorded happening; at the point, the change decides. */
    #plan({ member, number, at }: RecordedPlace, run: () => void): void {
        const { point } = this.#variant
        const change = this.#change
        const after = at - point.at
        const isPoint = member === point.member && number === point.number
        switch (isPoint ? change.kind : 'nothing') {
            case 'drop':
                return
            case 'reorder':
                this.#processOf(member).afterNext = run
                return
            case 'delay':
                this.#timeline.at(after + ('ms' in change ? change.ms : 0), run)
                return
            case 'double':
                this.#timeline.at(after + this.#network.draw(member, member), run)
        }
        this.#timeline.at(after, run)
    }

    #planInput({ member, number, at, input }: VariantInput): void {
        const { method } = input
        const body = admit(method, input.body)
        const process = this.#processOf(member)
        this.#plan({ member, number, at }, () => {
            if (method === 'birth' || method === 'revive') {
                process.start()
            }
            if (method === 'immigrate') {
                const newcomer = body as Inputs['immigrate']
                const asked = process.isRunning
                    ? process
                    : this.processes.find(({ id, isRunning }) => isRunning && id !== newcomer.id)
                this.#shell.serve(asked ?? process, 'immigrate', newcomer, () => {})
            } else {
                this.#shell.play(process, method, body, number)
            }
        })
    }

    /** Goes on with a call that was under way at the point. */
    #resumeCall({ from, cookie, to, method, arrivals, answer }: VariantCall): void {
        const sender = this.#processOf(from)
        const { life } = sender
        let isAnswered = false
        const end = (value: unknown): void => {
            if (method === 'enqueue') {
                const taken = value as Omit<Inputs['published'], 'cookie'>
                this.#shell.play(sender, 'published', admit('published', { cookie, ...taken }))
            } else {
                const responses = value as Inputs['sent']['responses']
                this.#shell.play(sender, 'sent', admit('sent', { cookie, responses }))
            }
        }
        const take = this.#network.await(sender, (value) => {
            if (!isAnswered) {
                end(method === 'enqueue'
                    ? dispatchedHere(value as BatchReply | null)
                    : { [to ?? '']: value })
            }
        })
        for (const { member, number, at, body } of arrivals) {
            const target = this.#processOf(member)
            const admitted = admit(method, body)
            this.#plan({ member, number, at }, () => this.#network.serve(from, member,
                (reply) => this.#shell.serve(target, method, admitted, reply), take))
        }
        if (answer !== null) {
            // The recorded answer; if it is doubled, the engine gets the answer twice.
            this.#plan({ member: from, number: answer.number, at: answer.at }, () => {
                if (sender.life === life) {
                    isAnswered = true
                    end(answer.value)
                }
            })
        }
    }
}
