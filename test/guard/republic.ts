import assert from 'node:assert/strict'
import { guardEnvelope } from '../../src/guard/envelope.js'
import { GAP } from '../../src/base/publish-identity.js'
import { guardReceipts, guardResponse } from '../../src/guard/response.js'
import {
    propertiesOf, type Batch, type Communique, type Member, type Receipts, type Settle
} from '../conformance/member.js'
import { settleOurs, unpacked } from '../conformance/ours.js'
import { run, type Scenario } from '../conformance/scenario.js'
import { at } from './places.js'

/** How often each method was heard. */
export type MethodCounts = Map<string, number>

/** A member of ours behind a guard. Whatever its peers say has to pass, and passes unchanged. */
class GuardedMember implements Member {
    readonly id: string
    readonly #inner: Member
    readonly #heard: MethodCounts

    constructor(inner: Member, heard: MethodCounts) {
        this.id = inner.id
        this.#inner = inner
        this.#heard = heard
    }

    get cookie(): string | number | null {
        return this.#inner.cookie
    }

    #hear(said: unknown): void {
        const method = String(at(said, ['method']))
        this.#heard.set(method, (this.#heard.get(method) ?? 0) + 1)
    }

    request(now: number, request: unknown): unknown {
        const body = this.#call('receive', request)
        this.#hear(body)
        return this.#inner.request(now, body)
    }

    response(now: number, cookie: unknown, responses: Record<string, unknown>): void {
        const rebuilt = Object.entries(responses).map(([to, response]) => {
            const result = guardResponse(response)
            assert(result.ok, JSON.stringify({ result, response }))
            assert.deepEqual(result.value, unpacked(response))
            this.#hear(result.value)
            return [to, result.value]
        })
        this.#inner.response(now, cookie, Object.fromEntries(rebuilt))
    }

    enqueue(now: number, { cookie, messages }: Batch): Receipts {
        const body = this.#call('enqueue', { republic: 'r', entries: messages })
        const entries = at(body, ['entries'])
        assert(Array.isArray(entries))
        const result = guardReceipts(this.#inner.enqueue(now, { cookie, messages: entries }))
        assert(result.ok && result.value !== GAP, JSON.stringify(result))
        return result.value
    }

    #call(method: string, body: unknown): unknown {
        const to = propertiesOf(this.id)
        const result = guardEnvelope({ module: 'kibitz', method, to, body })
        assert(result.ok, JSON.stringify({ result, body }))
        if (method === 'receive') {
            assert.deepEqual(result.envelope.body, unpacked(body))
        }
        return result.envelope.body
    }

    bootstrap(now: number): void { this.#inner.bootstrap(now) }
    join(now: number): void { this.#inner.join(now) }
    admit(now: number, newcomer: Member, naturalized: boolean): boolean {
        return this.#inner.admit(now, newcomer, naturalized)
    }
    naturalize(): void { this.#inner.naturalize() }
    publish(body: string): void { this.#inner.publish(body) }
    tick(now: number): boolean { return this.#inner.tick(now) }
    takeCommuniques(): Communique[] { return this.#inner.takeCommuniques() }
    takeBatches(): Batch[] { return this.#inner.takeBatches() }
    sent(now: number, cookie: string, receipts: Receipts): void {
        this.#inner.sent(now, cookie, receipts)
    }
    retry(now: number): void { this.#inner.retry(now) }
    leader(): string | null { return this.#inner.leader() }
    log(): ReturnType<Member['log']> { return this.#inner.log() }
    health(): ReturnType<Member['health']> { return this.#inner.health() }
}

/** Plays scripts with members behind guards; the same must come of them as without. */
export function playGuarded(scenarios: readonly Scenario[]): MethodCounts {
    const heard: MethodCounts = new Map()
    const settleGuarded: Settle = (id, terms, now) =>
        new GuardedMember(settleOurs(id, terms, now), heard)
    for (const scenario of scenarios) {
        assert.deepEqual(run(settleGuarded, scenario), run(settleOurs, scenario), scenario.when)
    }
    return heard
}
