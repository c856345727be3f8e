import assert from 'node:assert/strict'
import { mock } from 'node:test'
import type { Invoke } from 'conduit/caller.js'
import Ancestor, { type Call } from 'reference-kibitz'
import { drain } from '../support/alone.js'
import { DAWN, type Fate, LATENCY_MS } from '../support/island.js'

/** A call on its way among ancestors. */
export interface AncestralPassage {
    readonly from: string
    readonly to: string
    readonly call: Call
}

/**
 * Members of `kibitz@0.17.3` on an island of their own, wound by hand like ours, to show in the
 * same test what is mended. An error that ends one of them is kept, and ends nobody else.
 */
export class Ancestry implements Disposable {
    readonly #ancestors = new Map<string, Ancestor>()
    readonly #dead = new Set<string>()
    #underWay: { readonly at: number; readonly arrive: () => void }[] = []
    /** Every call that was made. */
    readonly passages: AncestralPassage[] = []
    /** What was thrown into the transport's face. */
    readonly thrown: unknown[] = []
    /** Decides what becomes of a call. */
    fate: (passage: AncestralPassage) => Fate = () => null

    constructor() {
        mock.timers.enable({ apis: ['setTimeout', 'setImmediate', 'Date'], now: DAWN })
    }

    /** A member by its name. */
    ancestor(id: string): Ancestor {
        const ancestor = this.#ancestors.get(id)
        assert(ancestor !== undefined, `${id} was never there`)
        return ancestor
    }

    /** A new member that listens. */
    land(id: string, options: { readonly parliamentSize?: number } = {}): Ancestor {
        const ancestor = new Ancestor({ id, ...options })
        this.#ancestors.set(id, ancestor)
        const calls = ancestor.read.shifter()
        ancestor.read.pushed.wait(() => {})
        ancestor.read.shifter().pump(() => {
            for (const call of drain(calls)) {
                this.#carry(id, ancestor, call)
            }
        })
        ancestor.listen((error) => {
            if (error) {
                this.thrown.push(error)
            }
        })
        return ancestor
    }

    /** A republic of these, the first of them the founder, all of them acclimated. */
    settle(ids: readonly string[], options: { readonly parliamentSize?: number } = {}): void {
        const [founder = 'a', ...others] = ids
        this.land(founder, options).bootstrap('republic', { at: founder })
        for (const id of others) {
            this.arrive(id, founder, options)
            this.pass(200)
            this.ancestor(id).acclimate()
            this.pass(1500)
        }
    }

    /** A newcomer that asks through a member. */
    arrive(id: string, through: string, options: { readonly parliamentSize?: number } = {}): void {
        this.land(id, options).join('republic', { at: through }, { at: id }, () => {})
    }

    /** The process of a member ends. */
    crash(id: string): void {
        this.#dead.add(id)
        this.ancestor(id).destroy()
    }

    /** Lets time go by. */
    pass(ms: number): void {
        for (let passed = 0; passed < ms; passed++) {
            this.#guard(() => mock.timers.tick(1))
            const now = Date.now()
            const arriving = this.#underWay.filter(({ at }) => at <= now)
            this.#underWay = this.#underWay.filter(({ at }) => at > now)
            for (const { arrive } of arriving) {
                this.#guard(arrive)
            }
        }
    }

    #guard(run: () => void): void {
        try {
            run()
        } catch (error) {
            this.thrown.push(error)
        }
    }

    #carry(from: string, ancestor: Ancestor, { cookie, body: call }: Invoke<Call>): void {
        const { at: to } = call.to
        const passage = { from, to, call: JSON.parse(JSON.stringify(call)) as Call }
        this.passages.push(passage)
        const fate = this.fate(passage)
        const reply = (body: unknown): void => this.#send(() => {
            ancestor.write.push({
                module: 'conduit/procedure', method: 'invocation', cookie, body: body ?? null
            })
        })
        const addressee = this.#dead.has(to) ? undefined : this.#ancestors.get(to)
        if (typeof fate === 'object' && fate !== null) {
            this.#send(() => reply('answer' in fate ? fate.answer : null))
        } else if (fate === 'lost' || addressee === undefined) {
            this.#send(() => reply(null))
        } else {
            this.#send(() => addressee.request(passage.call, (_error, answer) => {
                if (fate !== 'unanswered') {
                    reply(JSON.parse(JSON.stringify(answer ?? null)))
                }
            }))
        }
    }

    #send(arrive: () => void): void {
        this.#underWay.push({ at: Date.now() + LATENCY_MS, arrive })
    }

    [Symbol.dispose](): void {
        for (const ancestor of this.#ancestors.values()) {
            this.#guard(() => ancestor.destroy())
        }
        mock.timers.reset()
    }
}
