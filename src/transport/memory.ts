/// <reference path="../declarations/cadence.d.ts" preserve="true" />
/// <reference path="../declarations/conduit.d.ts" preserve="true" />
/// <reference path="../declarations/destructible.d.ts" preserve="true" />
/// <reference path="../declarations/happenstance.d.ts" preserve="true" />
/// <reference path="../declarations/procession.d.ts" preserve="true" />
/// <reference path="../declarations/signal.d.ts" preserve="true" />
import { KibitzError } from '../base/errors.js'
import {
    callable, DURATION_MS_MAX, fitting, type OptionKind, type OptionTable, readOptions, text
} from '../base/option-table.js'
import type { WireCall } from '../guard/envelope.js'
import type { Kibitzer } from '../member/kibitzer.js'
import type { Properties } from '../paxos/messages/messages.js'
import {
    CALLEE,
    CONNECT_OPTIONS,
    type ConnectOptions,
    checkArguments,
    connectSend,
    type CallHandle,
    QUEUES
} from './connect.js'

/** What the network needs of a Kibitzer. */
export type MemoryMember = Pick<
    Kibitzer,
    'id' | 'read' | 'write' | 'request' | 'destroyed' | 'destruction'
>

/** Where a member of a MemoryNetwork is: its properties, or a part of them. */
export interface MemoryProperties {
    readonly memory: string
}

/** How a MemoryNetwork carries. */
export interface MemoryNetworkOptions extends ConnectOptions {
    /**
     * What arrives: the very objects that were sent, or what JSON makes of them. Either is safe,
     * since a Kibitzer rebuilds whatever it receives. @default 'reference'
     */
    readonly wire?: 'json' | 'reference'
    /** Where chance comes from, a number from 0 up to 1 for each call. @default Math.random */
    readonly random?: () => number
}

/** What each of these options may be. */
export const MEMORY_NETWORK_OPTIONS: OptionTable<MemoryNetworkOptions> = {
    ...CONNECT_OPTIONS,
    wire: fitting("'json' or 'reference'", (wire) => wire === 'json' || wire === 'reference'),
    random: callable
}

/** What each argument of the network's faults may be. */
const ID = text(128)
const DELAY: OptionKind = {
    expected: `a number of milliseconds from 0 to ${DURATION_MS_MAX}, or a function`,
    fits: (delay) => typeof delay === 'function' || isDelay(delay)
}
const CHANCE: OptionKind = {
    expected: 'a number from 0 to 1, or a function',
    fits: (chance) => typeof chance === 'function' ||
        (typeof chance === 'number' && chance >= 0 && chance <= 1)
}

function isDelay(delay: unknown): delay is number {
    return typeof delay === 'number' && delay >= 0 && delay <= DURATION_MS_MAX
}

/** What travels: a call, or an answer on its way back. */
export interface Passage {
    readonly from: string
    readonly to: string
    readonly kind: 'call' | 'answer'
    /** What was called; of an answer too. */
    readonly envelope: WireCall
}

/**
 * A network in one process, for tests and for trying things out. Each member is reached by its id.
 *
 * 1. Nothing is delivered in the turn in which it is sent.
 * 2. Calls and answers travel by themselves: an answer may be lost where its call was not, and
 *    then what was called has happened all the same.
 * 3. What is lost is silent. Only who is not attached is known at once to be unreachable.
 */
export class MemoryNetwork {
    readonly #options: MemoryNetworkOptions
    readonly #members = new Map<string, { member: MemoryMember; disconnect: () => void }>()
    readonly #cuts = new Set<string>()
    readonly #isolated = new Set<string>()
    readonly #random: () => number
    #isDropped: (passage: Passage) => boolean = () => false
    #delay: (passage: Passage) => number = () => 0

    /** @throws KibitzError `invalid-argument`. */
    constructor(options: MemoryNetworkOptions | null = {}) {
        this.#options = readOptions('a MemoryNetwork', options, MEMORY_NETWORK_OPTIONS)
        this.#random = this.#options.random ?? Math.random
    }

    /**
     * Connects a member. It is detached when it is destroyed.
     *
     * @returns The properties by which the others reach it.
     * @throws KibitzError `address-in-use` where its id is attached already.
     */
    attach(member: MemoryMember): MemoryProperties {
        checkArguments('attach', { member }, { member: QUEUES })
        checkArguments('attach', { member }, { member: CALLEE })
        const { id } = member
        if (this.#members.has(id)) {
            throw new KibitzError(
                'address-in-use',
                `A member named ${id} is attached already. Detach it, or wait for its destruction.`
            )
        }
        const disconnect = connectSend(
            member,
            (to, envelope, callHandle) => this.#call(id, to, envelope, callHandle),
            this.#options
        )
        const attachment = { member, disconnect }
        this.#members.set(id, attachment)
        member.destruction.wait(() => {
            if (this.#members.get(id) === attachment) {
                this.detach(id)
            }
        })
        return Object.freeze({ memory: id })
    }

    /**
     * Takes a member off the network, as if its process were gone.
     *
     * @throws KibitzError `invalid-argument`.
     */
    detach(id: string): void {
        checkArguments('detach', { id }, { id: ID })
        const attachment = this.#members.get(id)
        this.#members.delete(id)
        attachment?.disconnect()
    }

    /**
     * Loses whatever travels from one member to another. The other direction is left as it is.
     *
     * @throws KibitzError `invalid-argument`.
     */
    cut(from: string, to: string): void {
        checkArguments('cut', { from, to }, { from: ID, to: ID })
        this.#cuts.add(direction(from, to))
    }

    /**
     * Loses whatever travels to or from a member.
     *
     * @throws KibitzError `invalid-argument`.
     */
    isolate(id: string): void {
        checkArguments('isolate', { id }, { id: ID })
        this.#isolated.add(id)
    }

    /**
     * Lets everything that is sent from now on travel so long.
     *
     * @param delay In milliseconds, for all or for each. If the function throws, the message is
     * lost; if the function returns no such number, there is no delay.
     * @throws KibitzError `invalid-argument`.
     */
    delay(delay: number | ((passage: Passage) => number)): void {
        checkArguments('delay', { delay }, { delay: DELAY })
        this.#delay = typeof delay === 'function' ? delay : () => delay
    }

    /**
     * Loses some of what is sent from now on.
     *
     * @param chance From 0 for nothing to 1 for everything, or whether to lose this. If the
     * function throws, the message is lost.
     * @throws KibitzError `invalid-argument`.
     */
    drop(chance: number | ((passage: Passage) => boolean)): void {
        checkArguments('drop', { chance }, { chance: CHANCE })
        this.#isDropped = typeof chance === 'function' ? chance : () => this.#random() < chance
    }

    /** Takes back every cut, isolation, delay and drop. What is lost stays lost. */
    heal(): void {
        this.#cuts.clear()
        this.#isolated.clear()
        this.#isDropped = () => false
        this.#delay = () => 0
    }

    async #call(
        from: string,
        properties: Properties,
        envelope: WireCall,
        callHandle: CallHandle
    ): Promise<unknown> {
        const to = addressOf(properties)
        await this.#travel({ from, to, kind: 'call', envelope }, callHandle)
        const { member } = this.#members.get(to) ?? {}
        if (member === undefined || member.destroyed) {
            throw new KibitzError('unreachable', `No member named ${to} is attached.`)
        }
        const answer = this.#copy(await member.request(this.#copy(envelope)))
        await this.#travel({ from: to, to: from, kind: 'answer', envelope }, callHandle)
        return answer
    }

    #travel(passage: Passage, callHandle: CallHandle): Promise<void> {
        if (this.#isLost(passage)) {
            return arrival(null, callHandle)
        }
        const delay: unknown = this.#delay(passage)
        return arrival(isDelay(delay) ? delay : 0, callHandle)
    }

    #isLost(passage: Passage): boolean {
        const { from, to } = passage
        return (
            this.#isolated.has(from) ||
            this.#isolated.has(to) ||
            this.#cuts.has(direction(from, to)) ||
            this.#isDropped(passage)
        )
    }

    #copy(value: unknown): unknown {
        return this.#options.wire === 'json' ? JSON.parse(JSON.stringify(value ?? null)) : value
    }
}

/**
 * Resolves on arrival. What is lost never arrives; its caller gives up in the end. Nothing here
 * holds what travels: that would outlive its arrival.
 */
function arrival(delay: number | null, callHandle: CallHandle): Promise<void> {
    return new Promise((resolve, reject) => {
        if (callHandle.reason !== null) {
            throw callHandle.reason
        }
        const stop = delay === null ? null : depart(resolve, delay)
        callHandle.onEnd = () => {
            stop?.()
            reject(callHandle.reason)
        }
    })
}

/** Begins a passage that takes so many milliseconds; what it returns stops it. */
function depart(arrive: () => void, delay: number): () => void {
    if (delay > 0) {
        const timer = setTimeout(arrive, delay)
        return () => clearTimeout(timer)
    }
    // A turn of its own, so that a busy network starves neither timers nor sockets.
    const immediate = setImmediate(arrive)
    return () => clearImmediate(immediate)
}

/** One direction between two members. An id holds no blank. */
function direction(from: string, to: string): string {
    return `${from} ${to}`
}

function addressOf(properties: Properties): string {
    const isRecord = typeof properties === 'object' && properties !== null
    const address = isRecord && 'memory' in properties ? properties.memory : undefined
    if (typeof address !== 'string') {
        throw new KibitzError('unreachable', 'The properties name no member of a MemoryNetwork.')
    }
    return address
}
